// What a box for messages does: which key sends, which belongs to a character that is being composed, and how high it is.
import { isComposing } from "parlour/composition.js";

const COMPOSED_JUST_NOW = 50; // ms after compositionend in which Safari still reports the Enter that ended it
const touch = matchMedia("(pointer: coarse)").matches;

export const IS_MAC = /Mac|iP(hone|ad|od)/.test(navigator.platform);
export const MODIFIER_NAME = IS_MAC ? "⌘" : "Ctrl";

export class MessageKeys {
  constructor() {
    this.composedAt = -Infinity;
    this.composed = ({ timeStamp }) => (this.composedAt = timeStamp);
  }

  areComposing(event) {
    const justComposed = event.timeStamp - this.composedAt < COMPOSED_JUST_NOW;
    this.composedAt = -Infinity; // only the very next key can be the one that ended the composition
    return isComposing(event) || justComposed;
  }

  // As the preferences say; under fingers a plain Enter is a new line.
  send({ key, shiftKey, ctrlKey, metaKey }) {
    if (key !== "Enter" || shiftKey) return false;
    return ctrlKey || metaKey || (!touch && document.documentElement.dataset.sendKey !== "mod-enter");
  }
}

// Writes a text where the cursor is, so that it can be undone where the browser can do that.
export function insertText(box, text) {
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// Lets a box be as high as its text, up to what the style sheet sets; most browsers do so by the style alone.
export function fitHeight(box) {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`; // with its border
}
