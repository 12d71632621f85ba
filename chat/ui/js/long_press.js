// A long press of a finger is an event `longpress`; what nobody takes opens what a right click opens. Some systems say of
// a long press themselves, as of a right click; others never do.
const LONG_PRESS_TIME = 500; // ms
const MAX_MOVE = 10; // px by which a resting finger may move
let press; // the one under way: where it began, its timer, and whether that has told of it

function end() {
  clearTimeout(press?.timer);
  press = undefined;
}

// Returns whether somebody has taken it.
function announce(target) {
  return !target.dispatchEvent(new CustomEvent("longpress", { bubbles: true, cancelable: true }));
}

function openMenu({ target, clientX, clientY }) {
  press.isTold = true;
  swallowClick();
  if (announce(target)) return;
  target.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, button: 2, clientX, clientY }));
}

// The finger that is lifted next has not pressed what lies under it.
export function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  addEventListener("click", swallow, { capture: true, once: true });
  addEventListener("pointerdown", () => removeEventListener("click", swallow, { capture: true }), {
    capture: true,
    once: true,
  });
}

addEventListener("pointerdown", (event) => {
  end();
  if (event.pointerType !== "touch" || !event.isPrimary || !event.target.closest?.("[data-long-press]")) return;
  press = { x: event.clientX, y: event.clientY, timer: setTimeout(() => openMenu(event), LONG_PRESS_TIME) };
});
addEventListener("pointermove", (event) => {
  if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > MAX_MOVE) end();
});
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end);
addEventListener(
  "contextmenu",
  (event) => {
    if (!event.isTrusted || !press) return;
    const { isTold } = press;
    end(); // the system has said so itself
    swallowClick();
    if (!isTold && !announce(event.target)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);
