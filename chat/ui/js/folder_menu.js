// In which folder a chat is to be: the menu of folders, and the name of a new one.
import { askForText } from "parlour/dialogs.js";
import { openMenu } from "parlour/menu.js";

const PREFIX = "in "; // before ids, so that none is the name of another item

export function askForFolderName() {
  return askForText({ title: "New folder", label: "Name", action: "Create" });
}

/**
 * Returns what is to be done: "move" and the id of a folder, '' for none of them, or "move-new" and the name of a new one.
 *
 * @param {Element | MouseEvent} at - the button that opens the menu, or where the pointer is
 * @param {{id: string, name: string}[]} folders
 * @param {string} [current] - the id of the one that the chat is in; '' for none, undefined if they are several chats
 * @returns {Promise<[string, string] | undefined>}
 */
export async function chooseFolder(at, folders, current) {
  const others = folders.filter(({ id }) => id !== current);
  const chosen = await openMenu(at, "Move to folder", [
    ...others.map(({ id, name }) => [PREFIX + id, name, "folder"]),
    ...(current === "" || !folders.length ? [] : [["out", "No folder", "close"]]),
    ["new", "New folder …", "add", "", "new-folder-item"],
  ]);
  if (chosen === "out") return ["move", ""];
  if (chosen !== "new") return chosen && ["move", chosen.slice(PREFIX.length)];
  const name = await askForFolderName();
  return name ? ["move-new", name] : undefined;
}
