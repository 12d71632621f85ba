// Asks before what cannot be taken back. The focus begins on Cancel and returns to where it was.
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

// A press beside a dialog closes it, as Escape does.
document.addEventListener("pointerdown", ({ target, clientX, clientY }) => {
  if (!(target instanceof HTMLDialogElement) || !target.open) return;
  const { left, right, top, bottom } = target.getBoundingClientRect();
  if (clientX < left || clientX > right || clientY < top || clientY > bottom) target.close();
});
