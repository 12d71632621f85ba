// What a room does without asking the server: copy code, lead to the latest words.
(() => {
  const SHOWN = 1600; // ms for which a button says how the copying went

  const scrollerOf = (element) => element.closest(".room")?.querySelector(".scroller");

  async function copyCode(button) {
    const copied = await window.parlourCopy(button.closest("figure").querySelector("code").textContent);
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
})();
