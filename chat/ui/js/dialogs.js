// Asks before what cannot be taken back. The focus begins on Cancel and returns to where it was.
import { swallowClick } from "parlour/long_press.js";

const HTML = `
  <h2 id="confirm-title"></h2>
  <p></p>
  <form method="dialog" class="dialog-row">
    <button class="text-button" value="">Cancel</button>
    <button class="text-button" value="yes" data-testid="confirm"></button>
  </form>`;

// Returns whether the person wants it. `words`: title, text, and what the button that does it says; `kind` is its class.
export function askToConfirm({ title, text, action, kind = "danger" }) {
  const dialog = Object.assign(document.createElement("dialog"), { className: "dialog", innerHTML: HTML });
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-labelledby", "confirm-title");
  const [heading, sentence, form] = dialog.children;
  [heading.textContent, sentence.textContent, form.lastElementChild.textContent] = [title, text, action];
  form.lastElementChild.classList.add(kind);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

const TEXT_HTML = `
  <h2 id="ask-title"></h2>
  <form method="dialog">
    <input class="text-line" maxlength="200" autocomplete="off" data-testid="ask-text">
    <div class="dialog-row">
      <button type="button" class="text-button">Cancel</button>
      <button class="text-button primary" value="yes" data-testid="confirm"></button>
    </div>
  </form>`;

// Returns what the person has entered, '' if nothing. `words`: title, label of the field, and what the button says.
export function askForText({ title, label, action }) {
  const dialog = Object.assign(document.createElement("dialog"), {
    className: "dialog ask-dialog",
    innerHTML: TEXT_HTML,
  });
  dialog.setAttribute("aria-labelledby", "ask-title");
  const [cancel, confirm] = dialog.querySelectorAll("button");
  const box = dialog.querySelector("input");
  [dialog.querySelector("h2").textContent, confirm.textContent, box.ariaLabel] = [title, action, label];
  cancel.addEventListener("click", () => dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" ? box.value.trim() : "");
      dialog.remove();
    });
  });
}

// A press beside a dialog closes it, as Escape does.
document.addEventListener("pointerdown", (event) => {
  const { target, clientX, clientY } = event;
  if (!(target instanceof HTMLDialogElement) || !target.open) return;
  const { left, right, top, bottom } = target.getBoundingClientRect();
  if (clientX >= left && clientX <= right && clientY >= top && clientY <= bottom) return;
  event.preventDefault(); // the focus stays where it returns to
  target.close();
  if (event.pointerType !== "mouse") swallowClick(); // it would be one on what is under the finger by then
});
