// Copies text, also over plain HTTP, where there is no clipboard. To be called inside the click.
import { announce } from "parlour/announcer.js";

const OUTCOME_TIME = 1600; // ms for which a button says how the copying went

// With HTML, what is pasted is that where it can be, else the text.
function copyByHand(text, html) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
  (document.querySelector("dialog[open]") ?? document.body).append(box); // beside a dialog nothing can be selected
  box.addEventListener("copy", (event) => {
    if (!html) return;
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
  });
  box.select();
  const copied = document.execCommand("copy");
  box.remove();
  focused?.focus({ preventScroll: true });
  return copied;
}

function writeBoth(text, html) {
  const blobs = { "text/plain": text, "text/html": html };
  const items = Object.entries(blobs).map(([type, content]) => [type, new Blob([content], { type })]);
  return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(items))]);
}

// Returns whether it went well.
async function copyText(text, html = "") {
  if (!navigator.clipboard) return copyByHand(text, html);
  try {
    await (html ? writeBoth(text, html) : navigator.clipboard.writeText(text));
    return true;
  } catch {
    return copyByHand(text, html);
  }
}

// Copies a text, or fails if there is none; tells those who listen how it went, and returns it.
export async function copyAloud(text, html = "") {
  const outcome = typeof text === "string" && (await copyText(text, html)) ? "Copied" : "Not copied";
  announce(outcome);
  return outcome;
}

// Has the button say how it went, too.
export async function copyByButton(button, text, html = "") {
  const outcome = await copyAloud(text, html);
  button.dataset.outcome = outcome;
  setTimeout(() => delete button.dataset.outcome, OUTCOME_TIME);
  return outcome;
}

// A button that names what it copies: `data-copies` is the id of the element whose text it is.
document.addEventListener("click", (event) => {
  /** @type {HTMLElement | null} */
  const button = event.target.closest?.("[data-copies]");
  if (button) copyByButton(button, document.getElementById(button.dataset.copies)?.textContent);
});

document.addEventListener("click", async (event) => {
  /** @type {HTMLElement | null} */
  const button = event.target.closest?.("figure .copy");
  if (!button) return;
  button.textContent = await copyByButton(button, button.closest("figure").querySelector("code").textContent);
  setTimeout(() => (button.textContent = "Copy"), OUTCOME_TIME);
});
