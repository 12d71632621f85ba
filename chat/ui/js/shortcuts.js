// The shortcuts: one table that binds them and lists them. A shortcut presses a button of the page, so it can never do
// what the page does not offer. "Mod" is ⌘ on a Mac, else Ctrl; keys without it do nothing while one types.
import { currentPath } from "parlour/addresses.js";
import { isComposing } from "parlour/composition.js";
import { IS_MAC } from "parlour/message_box.js";

const BOX = ".composer textarea";
const REGENERATE = '[data-action="regenerate"]:not(.thread > :not(:last-child) *)'; // of no turn but the last

/** @type {Record<string, {keys: string, or?: string, does: string, press?: string, calm?: boolean, always?: boolean, run?: () => boolean, yields?: boolean}[]>} */
const TABLE = {
  Anywhere: [
    { keys: "Mod+Shift+O", does: "New chat", press: '[data-action="new-chat"]' },
    { keys: "Mod+K", does: "Search", press: '[data-action="search"]' },
    { keys: "Mod+,", does: "Settings", press: '[data-action="settings"]' },
    { keys: "Mod+Shift+X", does: "Lock, if there is a passcode", press: '[data-action="lock"]', always: true },
    { keys: "Mod+B", does: "Show or hide the sidebar", press: ".sidebar-open, .sidebar-close" },
    { keys: "Escape", does: "Close settings, archive or trash", press: ".page-close", calm: true },
    { keys: "/", does: "Focus the message box", press: BOX },
    { keys: "Mod+/", or: "?", does: "Show keyboard shortcuts", run: () => showShortcuts() },
  ],
  "In a chat": [
    { keys: "Mod+F", does: "Find in this chat (twice: in the page)", run: openFind, yields: true },
    { keys: "Escape", does: "Stop the answer", press: '[data-action="stop"]' },
    { keys: "Mod+Shift+L", does: "Copy the last answer", press: '[data-role="assistant"] [data-action="copy"]' },
    { keys: "Mod+Shift+Enter", does: "Regenerate the answer", press: REGENERATE },
  ],
  "In the message box": [
    { keys: "Enter", does: "Send (can be changed in Settings)" },
    { keys: "Mod+Enter", does: "Send" },
    { keys: "Shift+Enter", does: "New line" },
    { keys: "↑", does: "Edit the last message, if the box is empty" },
  ],
  "In the list of chats": [
    { keys: "↑ ↓", does: "Move through the list" },
    { keys: "Enter", does: "Open" },
    { keys: "F2", does: "Rename" },
    { keys: "Delete", does: "Move to trash" },
    { keys: "Shift+↑ ↓", does: "Select several (Space for one more)" },
  ],
};

const NAMES = IS_MAC ? { Mod: "⌘", Shift: "⇧", Enter: "⏎", Escape: "esc" } : { Mod: "Ctrl", Escape: "Esc" };
const OVER = "dialog[open], :popover-open"; // what lies over the page has keys of its own

const shortcuts = Object.values(TABLE)
  .flat()
  .filter(({ press, run }) => press || run);
const isTyping = ({ target }) => target.matches?.("input, textarea, select, [contenteditable]");

function pressed(event) {
  const mod = (IS_MAC ? event.metaKey : event.ctrlKey) ? "Mod+" : "";
  const letter = /^Key/.test(event.code) && !/^[a-z]$/i.test(event.key) ? event.code.slice(3) : event.key;
  const shift = event.shiftKey && !"?/".includes(letter) ? "Shift+" : ""; // where these two are depends on the keyboard
  return mod + shift + (letter.length === 1 ? letter.toUpperCase() : letter);
}

// The last one that can be seen: of the turns, that is the one of the last turn.
function press(selector) {
  const element = [...document.querySelectorAll(selector)].findLast((each) => each.checkVisibility() && !each.disabled);
  if (element?.matches("textarea")) element.focus();
  else element?.click();
  return Boolean(element);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isComposing(event) || event.altKey || (IS_MAC ? event.ctrlKey : event.metaKey)) return;
  const keys = pressed(event);
  const fits = (each) => !isTyping(event) || (/^(Mod|Escape)/.test(keys) && !each.calm);
  const isCovered = document.querySelector(OVER);
  const meant = shortcuts.filter(
    (each) => [each.keys, each.or].includes(keys) && fits(each) && (each.always || !isCovered),
  );
  if (!meant.length) return;
  const done = meant.some((each) => (each.run ? each.run() : press(each.press)));
  const yields = meant.some((each) => each.yields); // to what the browser does with these keys
  if (done || (keys.startsWith("Mod") && !yields)) event.preventDefault(); // nor what the browser would do
});

// Returns whether it was opened: it is there in a chat, and not if one types in it already.
function openFind() {
  return !document.dispatchEvent(new CustomEvent("parlour-find", { cancelable: true }));
}

const keycaps = (keys) =>
  keys
    .split(/[+ ]/)
    .filter(Boolean)
    .map((key) => `<kbd>${NAMES[key] ?? key}</kbd>`)
    .join(" ");

export function showShortcuts() {
  const groups = Object.entries(TABLE).map(([group, rows]) => {
    const lines = rows
      .map(({ keys, or, does }) => `<div><dt>${does}</dt><dd>${keycaps(or ?? "")} ${keycaps(keys)}</dd></div>`)
      .join("");
    return `<section><h3>${group}</h3><dl>${lines}</dl></section>`;
  });
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog shortcuts" });
  dialog.setAttribute("aria-labelledby", "shortcuts-title");
  dialog.dataset.testid = "shortcuts";
  dialog.innerHTML = `<h2 id="shortcuts-title">Keyboard shortcuts</h2><div class="shortcut-groups">${groups.join("")}</div>
    <form method="dialog" class="dialog-row"><button class="text-button" autofocus>Close</button></form>`;
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return true;
}

/** @returns {HTMLElement | null} */
const find = (selector) => document.querySelector(selector);

// The first stop of the Tab key leads past the sidebar, to what the page has.
const box = () => find(BOX);
const body = () => find(".page-body, .scroller, .error-page a");
const skip = Object.assign(document.createElement("a"), { className: "skip-link", href: "#app" });

function nameSkip(hasBox) {
  skip.textContent = hasBox ? "Skip to the message box" : "Skip to the content";
}

skip.addEventListener("focus", () => nameSkip(box()));
skip.addEventListener("click", (event) => {
  event.preventDefault();
  (box() ?? body())?.focus();
});
nameSkip(/^\/(c\/|$)/.test(currentPath())); // the page itself is not there yet
document.body.prepend(skip);
document.documentElement.style.setProperty("--mod", `"${IS_MAC ? "⌘" : "Ctrl "}"`);
