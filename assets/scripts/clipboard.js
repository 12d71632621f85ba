// Copies text, also over plain HTTP, where there is no clipboard. To be called inside the click.
(() => {
  function copyByHand(text) {
    const focused = document.activeElement;
    const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    (document.querySelector("dialog[open]") ?? document.body).append(box); // beside a dialog nothing can be selected
    box.select();
    const copied = document.execCommand("copy");
    box.remove();
    focused?.focus({ preventScroll: true });
    return copied;
  }

  // Returns whether it went well.
  window.parlourCopy = async (text) => {
    if (!navigator.clipboard) return copyByHand(text);
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  };
})();
