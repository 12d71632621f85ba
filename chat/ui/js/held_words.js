// New words that are in the page already, but not seen yet: they appear a few at a time, so that they flow evenly
// however unevenly they are sent. A share of what is held back is shown with each step, so that the flow is as fast as the
// words come, and goes on for a moment when they come late.
const STEP = 130; // ms from one step to the next; each costs a layout
const LONG_STEP = 240; // ms while words come faster than is read: what moves by several lines at once is no smoother for more
const SHARE = 0.5; // of what is held back, shown with each step
const MIN_SHOWN = 6; // characters
const MAX_HELD = 120; // characters; what comes faster is not read word by word
const LONGEST_WORD = 20; // characters; languages that write without spaces are cut anywhere
const WHOLE = "math, figcaption, .diagram, .image-link"; // what is read by others, or makes no sense in parts
const WITH_WORDS =
  "p, h1, h2, h3, h4, h5, h6, ul, ol, li, blockquote, figure:not(.diagram), .table-card, tr, br, hr, .math-card, :not(pre) > code"; // what takes room of its own comes with its first word

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
let isStill = lessMotion.matches; // to ask with each word has the browser look at all its media queries
lessMotion.addEventListener("change", () => (isStill = lessMotion.matches));

// Whether somebody sees the words flow, and wants to.
export const isSeen = () => !document.hidden && !isStill;

export class HeldWords {
  constructor() {
    this.held = []; // in the order of the page: text nodes that lack their end, and elements that are hidden
    this.length = 0;
    this.isTooMuch = false; // whether more has come since the last step than is read word by word
    this.overruns = 0; // steps up to now with too much
  }
  // Hides what is from a node on to the end of its parent, but for so many characters that were seen before; nothing if that
  // is more than is read word by word.
  // Returns how many of those are left.
  hold(first, seen) {
    const length = lengthFrom(first);
    if (this.length + length - seen > MAX_HELD) {
      this.isTooMuch = true;
      this.showAll();
      return Math.max(0, seen - length);
    }
    for (let node = first; node; node = node.nextSibling)
      for (const part of partsOf(node)) {
        if (part.nodeType !== Node.TEXT_NODE) {
          if (seen === 0) this.hide(part);
          continue;
        }
        const end = seen < part.length ? wholeCharacter(part.data, seen) : part.length;
        const rest = part.data.slice(end);
        seen = Math.max(0, seen - part.length);
        if (!rest.trim()) continue; // line breaks between elements
        part.deleteData(end, rest.length);
        this.held.push({ node: part, rest });
        this.length += rest.length;
      }
    return seen;
  }
  hide(element) {
    element.hidden = true;
    this.held.push({ node: element, rest: "" });
  }
  // Until the next step, in ms. A line or a block that came whole is no reason to wait.
  get pause() {
    return this.overruns > 1 ? LONG_STEP : STEP;
  }
  // Shows some more.
  show() {
    this.overruns = this.isTooMuch ? this.overruns + 1 : 0;
    this.isTooMuch = false;
    let count = Math.max(MIN_SHOWN, this.length * SHARE);
    let hasShown = false;
    while (this.held.length && count > 0) {
      const next = this.held[0];
      if (!next.rest && hasShown && this.length < MAX_HELD / 2) return; // one line at a time
      hasShown ||= next.rest !== "";
      const end = endOfWord(next.rest, Math.ceil(count));
      reveal(next.node, next.rest.slice(0, end));
      next.rest = next.rest.slice(end);
      if (!next.rest) this.held.shift();
      this.length -= end;
      count -= end;
    }
  }
  showAll() {
    for (const { node, rest } of this.held) reveal(node, rest);
    this.forget();
  }
  // What has left the page is not shown any more.
  forgetRemoved() {
    while (this.held.length && !this.held.at(-1).node.isConnected) this.length -= this.held.pop().rest.length;
  }
  forget() {
    this.held = [];
    this.length = 0;
  }
}

function lengthFrom(first) {
  let length = 0;
  for (let node = first; node; node = node.nextSibling) length += node.textContent.length;
  return length;
}

function reveal(node, rest) {
  if (node.nodeType === Node.TEXT_NODE) node.appendData(rest);
  else node.hidden = false;
}

// The texts in a node, and what takes room around them.
function* partsOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return yield node;
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  if (node.matches(WITH_WORDS)) yield node;
  if (!node.matches(WHOLE)) for (const child of node.childNodes) yield* partsOf(child);
}

function endOfWord(text, start) {
  if (start >= text.length) return text.length;
  const space = text.slice(start - 1).search(/\s/);
  if (space >= 0 && space <= LONGEST_WORD) return start + space;
  return space < 0 && text.length - start <= LONGEST_WORD ? text.length : wholeCharacter(text, start);
}

// Characters that are written as two are not cut in between.
const wholeCharacter = (text, end) => (/^[\udc00-\udfff]/.test(text.slice(end, end + 1)) ? end + 1 : end);
