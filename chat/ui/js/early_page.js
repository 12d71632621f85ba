// Makes a page usable before it runs: the server has written a box into it that looks as the one that comes, and all
// other scripts wait until that has been painted. What is written there, and whether it is to be sent, stays in that box;
// early_box.js hands it to the Composer. A classic script, as theme.js: modules run too late.
document.addEventListener("DOMContentLoaded", () => {
  const START_TIMEOUT = 1000; // ms after which scripts start though something of what is seen has not been loaded
  const page = document.getElementById("early-page");
  if (!page) return;
  const form = page.querySelector("form");
  const box = page.querySelector("textarea");
  const touch = matchMedia("(pointer: coarse)").matches;
  const COMPOSED_JUST_NOW = 50; // ms, see message_box.js
  let composedAt = -Infinity;
  let haveStarted = false;

  function startScripts() {
    if (haveStarted) return;
    haveStarted = true;
    for (const later of document.querySelectorAll('script[type="later"]')) {
      const { src, nonce, text } = /** @type {HTMLScriptElement} */ (later);
      const script = Object.assign(document.createElement("script"), { nonce, async: false }); // in their order
      later.replaceWith(Object.assign(script, src ? { src } : { type: "module", text }));
    }
  }

  function sends({ key, shiftKey, ctrlKey, metaKey }) {
    if (key !== "Enter" || shiftKey) return false;
    return ctrlKey || metaKey || (!touch && form.dataset.sendKey === "enter");
  }

  function send(event) {
    event.preventDefault();
    form.dataset.waits = "true"; // until something else is written
  }

  box.addEventListener("keydown", (event) => {
    const justComposed = event.timeStamp - composedAt < COMPOSED_JUST_NOW;
    composedAt = -Infinity;
    if (!event.isComposing && event.keyCode !== 229 && !justComposed && sends(event)) send(event);
  });
  box.addEventListener("input", () => delete form.dataset.waits);
  box.addEventListener("compositionstart", () => (form.dataset.composes = "true"));
  box.addEventListener("compositionend", ({ timeStamp }) => {
    composedAt = timeStamp;
    delete form.dataset.composes;
  });
  form.addEventListener("submit", send);
  form.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("button[type=button]");
    if (button) form.dataset.pressed = `.${button.classList[1]}`;
  });
  if (!touch) box.focus(); // on a phone this would open the keyboard
  if (document.hidden)
    addEventListener("load", startScripts); // nobody looks, and nothing is painted
  else addEventListener("load", () => requestAnimationFrame(() => setTimeout(startScripts)));
  setTimeout(startScripts, START_TIMEOUT);
});
