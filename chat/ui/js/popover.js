// What lies over the page beside a button or at the pointer, one thing at a time: menus and the list of models. It closes
// by Escape, Tab, the way back of a phone, a press beside it, or when another opens; with a key the focus returns to where
// it was.
import { isComposing } from "parlour/composition.js";

const GAP = 4; // px between a button and what it opens
const EDGE = 8; // px between that and the edge of the window

/** @type {{element: HTMLElement, anchor: Element | MouseEvent, before: HTMLElement, onClose: () => void, end: () => void}} */
let open;
/** @type {Element | undefined} the button whose press has closed what it had opened; its click would open that again */
let pressed;

/**
 * Opens an element that has `popover="manual"`; an automatic one closes when the finger is lifted that has opened it.
 *
 * @param {HTMLElement} element
 * @param {Element | MouseEvent} anchor - where it is
 * @param {() => void} [onClose]
 * @returns {boolean} whether it is open; not if the same press has just closed it
 */
export function openPopover(element, anchor, onClose = () => {}) {
  const isSamePress = anchor === pressed;
  pressed = undefined;
  if (isSamePress) return false;
  closePopover();
  const before = /** @type {HTMLElement} */ (document.activeElement);
  open = { element, anchor, before, onClose, end: () => {} };
  if (anchor instanceof Element) anchor.setAttribute("aria-expanded", "true");
  element.showPopover();
  open.end = follow(element, anchor);
  return true;
}

/** Closes what is open, or only this element if it is. */
export function closePopover({ element = open?.element, focus = true } = {}) {
  if (!open || element !== open.element) return;
  const { anchor, before, onClose, end } = open;
  open = undefined;
  end();
  element.hidePopover();
  if (anchor instanceof Element) anchor.setAttribute("aria-expanded", "false");
  if (focus) before?.focus({ preventScroll: true });
  onClose();
}

// Keeps it beside its button until the function is called that this returns.
function follow(element, anchor) {
  const ending = new AbortController();
  const { signal } = ending;
  const move = () => place(element, anchor);
  const growing = new ResizeObserver(move); // a list is filled after it was opened
  growing.observe(element);
  addEventListener("resize", move, { signal });
  element.addEventListener("keydown", closeByKey, { signal });
  if (window.CloseWatcher) new CloseWatcher({ signal }).onclose = () => closePopover({ element });
  addEventListener("popstate", () => closePopover({ focus: false }), { signal }); // other phones just go back
  document.addEventListener("pointerdown", (event) => closeByPress(event, element, anchor), { signal, capture: true });
  move();
  return () => {
    ending.abort();
    growing.disconnect();
  };
}

function closeByKey(event) {
  if (event.defaultPrevented || isComposing(event) || !["Escape", "Tab"].includes(event.key)) return;
  event.preventDefault();
  closePopover();
}

function closeByPress({ target }, element, anchor) {
  if (element.contains(target)) return;
  if (anchor instanceof Element && anchor.contains(target)) pressed = anchor;
  closePopover({ focus: false });
}

// However long the button is held, and however late its click is answered: only what is done next is something else.
for (const name of ["pointerdown", "keydown"]) addEventListener(name, () => (pressed = undefined), { capture: true });

function place(element, anchor) {
  const { left, top, bottom } =
    anchor instanceof Element
      ? anchor.getBoundingClientRect()
      : { left: anchor.clientX, top: anchor.clientY, bottom: anchor.clientY };
  const { offsetWidth: width, offsetHeight: height } = element;
  const isBelow = bottom + GAP + height + EDGE <= innerHeight;
  element.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  element.style.top = `${Math.max(EDGE, isBelow ? bottom + GAP : top - GAP - height)}px`;
}
