// What can be done with a chat as a whole, in the list and in the bar above it.
import { localAddress } from "parlour/addresses.js";
import { copyText } from "parlour/clipboard.js";
import { openMenu } from "parlour/menu.js";

const items = (row) => [
  row.pinned ? ["unpin", "Unpin", "keep_off"] : ["pin", "Pin", "keep"],
  ["rename", "Rename", "edit"],
  ["copy", "Copy link (only for you)", "link"],
  ["export", "Export", "download", "", "export"],
  row.archived ? ["unarchive", "Unarchive", "unarchive"] : ["archive", "Archive", "archive"],
  ["delete", "Delete", "delete", "danger"],
];

// Does what needs no server; returns the name of anything else that was chosen. `more` stands above the others.
export async function openConversationMenu(at, row, more = []) {
  const chosen = await openMenu(at, `Options for ${row.title}`, [...more, ...items(row)]);
  if (chosen !== "copy") return chosen;
  copyText(new URL(localAddress(`/c/${row.id}`), location.href).href);
  return undefined;
}
