// What can be done with a chat as a whole, in the list and in the bar above it.
import { localAddress } from "parlour/addresses.js";
import { copyAloud, copyByButton } from "parlour/clipboard.js";
import { askToConfirm } from "parlour/dialogs.js";
import { chooseFolder } from "parlour/folder_menu.js";
import { openMenu } from "parlour/menu.js";

const itemsOfTemporary = () => [
  ["keep", "Keep this chat", "bookmark"],
  ["rename", "Rename", "edit"],
  ["export", "Export", "download", "", "export"],
  ["delete", "End now", "delete", "danger"],
];

const END_QUESTION = {
  title: "End this temporary chat?",
  text: "Nothing of it is kept, and it can't be taken back.",
  action: "End now",
};

// Whether a chat may be deleted: an ordinary one can be taken back.
export const mayDelete = async (row) => !row.temporary || askToConfirm(END_QUESTION);

const items = (row) => [
  row.pinned ? ["unpin", "Unpin", "keep_off"] : ["pin", "Pin", "keep"],
  ["rename", "Rename", "edit"],
  ["copy", "Copy link (only for you)", "link"],
  ["export", "Export", "download", "", "export"],
  ["move", "Move to folder", "folder", "", "move"],
  row.archived ? ["unarchive", "Unarchive", "unarchive"] : ["archive", "Archive", "archive"],
  ["delete", "Delete", "delete", "danger"],
];

// Does what needs no server; returns anything else that was chosen: its name, and for a move what `chooseFolder` returns.
// `more` stands above the others.
export async function openConversationMenu(at, row, folders, more = []) {
  const chosen = await openMenu(at, `Options for ${row.title}`, [
    ...more,
    ...(row.temporary ? itemsOfTemporary() : items(row)),
  ]);
  if (chosen === "delete" && !(await mayDelete(row))) return undefined;
  if (chosen === "move") return chooseFolder(at, folders, row.folder ?? "");
  if (chosen !== "copy") return chosen && [chosen];
  const address = new URL(localAddress(`/c/${row.id}`), location.href).href;
  if (at instanceof Element) copyByButton(at, address);
  else copyAloud(address);
  return undefined;
}
