// What an answer or a chat has taken: a pointer over its button shows that, and so does a press, until the next one or
// Escape. The focus would not do: in Safari a button that is pressed has none.
const BUTTONS = ".context-gauge, button.answer-model";
/** @type {Element | undefined} */
let shown;

/** @param {Element} [button] */
function show(button) {
  shown?.removeAttribute("data-open");
  shown = button;
  shown?.setAttribute("data-open", "");
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.(BUTTONS);
  if (button) show(button === shown ? undefined : button);
});
document.addEventListener("pointerdown", ({ target }) => target.closest?.(BUTTONS) === shown || show());
document.addEventListener("focusout", ({ target }) => target === shown && show());
document.addEventListener("keydown", ({ key }) => key === "Escape" && show());
