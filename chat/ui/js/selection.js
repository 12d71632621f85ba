// What the lists in which rows can be selected have in common.
import { isComposing } from "parlour/composition.js";

// Calls `end` when Escape is pressed and nothing else has a use for it; `end` returns whether there was a selection. It
// comes before what Escape does to the page. Returns what ends this.
export function endSelectionByKey(end) {
  const listen = (event) => {
    if (event.key !== "Escape" || isComposing(event) || document.querySelector("dialog[open], :popover-open")) return;
    const isField = event.target.matches?.("input:not([type=checkbox]), textarea:not(.composer textarea)");
    if (isField || !end()) return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", listen, { capture: true });
  return () => document.removeEventListener("keydown", listen, { capture: true });
}
