// What stands in the box that a page had before it ran, see early_page.js; that page goes then.
export function takeEarlyBox(take) {
  const page = document.getElementById("early-page");
  const form = page?.querySelector("form");
  if (!form) return;
  const box = form.querySelector("textarea");
  // A character that is being composed would be lost.
  if (form.dataset.composes) return box.addEventListener("compositionend", () => takeEarlyBox(take), { once: true });
  const { value, defaultValue, selectionStart, selectionEnd } = box;
  const { waits, pressed } = form.dataset;
  take({
    text: value,
    before: defaultValue,
    selection: [selectionStart, selectionEnd],
    waits: Boolean(waits),
    pressed,
  });
  page.remove();
}
