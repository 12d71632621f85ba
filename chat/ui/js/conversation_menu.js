// What can be done with a chat as a whole, in the list and in the bar above it.
import { localAddress } from "parlour/addresses.js";
import { copyText } from "parlour/clipboard.js";
import { chooseFolder } from "parlour/folder_menu.js";
import { openMenu } from "parlour/menu.js";

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
  const chosen = await openMenu(at, `Options for ${row.title}`, [...more, ...items(row)]);
  if (chosen === "move") return chooseFolder(at, folders, row.folder ?? "");
  if (chosen !== "copy") return chosen && [chosen];
  copyText(new URL(localAddress(`/c/${row.id}`), location.href).href);
  return undefined;
}
