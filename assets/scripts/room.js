// What a room does without asking the server: copy code, lead to the latest words, know who has scrolled away.
(() => {
  const FAR = 160; // px from the newest words; the scroller counts from its lower edge, upwards below zero
  const SHOWN = 1600; // ms for which a button says how the copying went

  const scrollerOf = (element) => element.closest(".room")?.querySelector(".scroller");

  // Without a secure connection there is no clipboard; this way works there, but only inside the click.
  function copyByHand(text) {
    const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    document.body.append(box);
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    return copied;
  }

  async function copy(text) {
    if (!navigator.clipboard) return copyByHand(text);
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  }

  async function copyCode(button) {
    const copied = await copy(button.closest("figure").querySelector("code").textContent);
    button.textContent = copied ? "Copied" : "Not copied";
    button.toggleAttribute("data-done", copied);
    setTimeout(() => {
      button.textContent = "Copy";
      button.removeAttribute("data-done");
    }, SHOWN);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.matches("figure .copy")) copyCode(button);
    if (button?.matches(".jump-latest")) scrollerOf(button)?.scrollTo({ top: 0, behavior: "instant" });
  });

  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (target.matches?.(".scroller")) target.closest(".room").classList.toggle("away", target.scrollTop < -FAR);
    },
    { capture: true, passive: true },
  );
})();
