// New words that are in the page already, but not seen yet: they appear a few at a time, so that they flow evenly
// however unevenly they are sent. A share of what is held back is shown with each step, so that the flow is as fast as the
// words come, and goes on for a moment when they come late.
export const STEP = 120; // ms from one step to the next; each costs a layout
const SHARE = 0.5; // of what is held back, shown with each step
const MIN_SHOWN = 6; // characters
const MAX_HELD = 120; // characters; what comes faster is not read word by word
const LONGEST_WORD = 20; // characters; languages that write without spaces are cut anywhere
const WHOLE = "math, figcaption, .diagram, .image-link"; // what is read by others, or makes no sense in parts

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
let isStill = lessMotion.matches; // to ask with each word has the browser look at all its media queries
lessMotion.addEventListener("change", () => (isStill = lessMotion.matches));

// Whether somebody sees the words flow, and wants to.
export const isSeen = () => !document.hidden && !isStill;

export class HeldWords {
  constructor() {
    this.held = []; // text nodes that lack their end, in the order of the page
    this.length = 0;
  }
  // Hides the texts from a node on to the end of its parent, but for so many characters that were seen before.
  // Returns how many of those are left.
  hold(first, seen) {
    for (let node = first; node; node = node.nextSibling)
      for (const text of textsIn(node)) {
        const end = seen < text.length ? wholeCharacter(text.data, seen) : text.length;
        const rest = text.data.slice(end);
        seen = Math.max(0, seen - text.length);
        if (!rest.trim()) continue; // line breaks between elements
        text.deleteData(end, rest.length);
        this.held.push({ text, rest });
        this.length += rest.length;
      }
    return seen;
  }
  // Shows some more.
  show() {
    let count = this.length > MAX_HELD ? this.length : Math.max(MIN_SHOWN, this.length * SHARE);
    while (this.held.length && count > 0) {
      const next = this.held[0];
      const end = endOfWord(next.rest, Math.ceil(count));
      next.text.appendData(next.rest.slice(0, end));
      next.rest = next.rest.slice(end);
      if (!next.rest) this.held.shift();
      this.length -= end;
      count -= end;
    }
  }
  showAll() {
    for (const { text, rest } of this.held) text.appendData(rest);
    this.forget();
  }
  // What has left the page is not shown any more.
  forgetRemoved() {
    while (this.held.length && !this.held.at(-1).text.isConnected) this.length -= this.held.pop().rest.length;
  }
  forget() {
    this.held = [];
    this.length = 0;
  }
}

function* textsIn(node) {
  if (node.nodeType === Node.TEXT_NODE) yield node;
  else if (!node.matches?.(WHOLE)) for (const child of node.childNodes) yield* textsIn(child);
}

function endOfWord(text, start) {
  if (start >= text.length) return text.length;
  const space = text.slice(start - 1).search(/\s/);
  if (space >= 0 && space <= LONGEST_WORD) return start + space;
  return space < 0 && text.length - start <= LONGEST_WORD ? text.length : wholeCharacter(text, start);
}

// Characters that are written as two are not cut in between.
const wholeCharacter = (text, end) => (/^[\udc00-\udfff]/.test(text.slice(end, end + 1)) ? end + 1 : end);
