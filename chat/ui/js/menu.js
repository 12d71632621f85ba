// The menu: a list of things to do, worked with keys. There is one for the whole page.
import { placeAfterKey } from "parlour/list_keys.js";
import { closePopover, openPopover } from "parlour/popover.js";

/** @type {HTMLElement} */
let menu;
/** @type {string | undefined} */
let chosen;

function built() {
  if (menu) return menu;
  menu = Object.assign(document.createElement("div"), { className: "menu", popover: "manual" });
  menu.setAttribute("role", "menu");
  menu.addEventListener("keydown", onKey);
  menu.addEventListener("click", ({ target }) => {
    const item = /** @type {HTMLElement | null} */ (target.closest("[role=menuitem]"));
    if (!item) return;
    chosen = item.dataset.name;
    closePopover({ element: menu });
  });
  document.body.append(menu);
  return menu;
}

/** @param {string[]} item */
function itemOf([name, label, icon, kind = "", testid]) {
  const row = Object.assign(document.createElement("button"), {
    type: "button",
    className: `menu-item ${kind}`,
    tabIndex: -1,
  });
  row.setAttribute("role", "menuitem");
  row.dataset.name = name;
  if (testid) row.dataset.testid = testid;
  row.innerHTML = '<i class="q-icon material-symbols-outlined" aria-hidden="true"></i><span></span>';
  [row.firstChild.textContent, row.lastChild.textContent] = [icon, label];
  return row;
}

function onKey(event) {
  const items = /** @type {HTMLElement[]} */ ([...menu.children]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const place = placeAfterKey(event, { at, count: items.length });
  const isLetter = event.key.length === 1 && event.key !== " " && !(event.ctrlKey || event.metaKey);
  if (place !== undefined) items[place].focus();
  else if (isLetter) itemStartingWith(event.key, items, at)?.focus();
  else return;
  event.preventDefault();
}

function itemStartingWith(letter, items, at) {
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find(({ lastChild }) => lastChild.textContent.toLowerCase().startsWith(letter.toLowerCase()));
}

/**
 * Shows the menu and waits for a choice.
 *
 * @param {Element | MouseEvent} anchor - the button that opens it, or where the pointer is
 * @param {string} label - what it is called for those who cannot see it
 * @param {string[][]} items - of each: name, label, icon, "danger" if it is one, and a test id
 * @returns {Promise<string | undefined>} the name of what was chosen
 */
export async function openMenu(anchor, label, items) {
  const element = built();
  closePopover({ element });
  return new Promise((resolve) => {
    chosen = undefined;
    element.setAttribute("aria-label", label);
    element.replaceChildren(...items.map(itemOf));
    if (!openPopover(element, anchor, () => resolve(chosen))) return resolve(undefined);
    /** @type {HTMLElement} */ (element.firstChild).focus();
  });
}
