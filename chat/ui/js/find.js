// Where words occur in what is on the page: in the same texts in which the server has found them (`chat/found_text.py`).
const TEXTS = { user: ".bubble", assistant: ".prose, .steering > .bubble" };
const UNREAD = "button, annotation, svg, .visually-hidden";
const BLOCK =
  /^(P|DIV|H[1-6]|UL|OL|LI|DL|DT|DD|BLOCKQUOTE|PRE|FIGURE|FIGCAPTION|TABLE|THEAD|TBODY|TR|T[HD]|SECTION|HR|BR|DETAILS|SUMMARY)$/;

const MARKS = CSS.highlights ? { all: new Highlight(), current: new Highlight() } : null;
if (MARKS) {
  MARKS.current.priority = 1;
  CSS.highlights.set("found", MARKS.all);
  CSS.highlights.set("found-now", MARKS.current);
}

// A pattern for words in these spellings, with any white space in the place of theirs; null without any.
export function patternOf(spellings) {
  const longestFirst = [...spellings].sort((one, other) => other.length - one.length);
  const escaped = longestFirst.map((each) => each.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/ /g, "\\s+"));
  return escaped.length ? new RegExp(escaped.join("|"), "gu") : null;
}

// The text of an element as it is read, and its pieces: the text nodes, each with where it begins.
function readText(element) {
  let text = "";
  const pieces = [];
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      pieces.push({ node, start: text.length });
      text += node.data;
    } else if (node.nodeType === Node.ELEMENT_NODE && !node.matches(UNREAD)) {
      const isBlock = BLOCK.test(node.tagName);
      if (isBlock) text += "\n";
      for (const child of node.childNodes) read(child);
      if (isBlock) text += "\n";
    }
  };
  read(element);
  return { text, pieces };
}

// The ranges of matches, which are in the order of the text: each piece is looked at once, and code has thousands.
function rangesOf(matches, pieces) {
  let at = 0;
  const pieceWith = (place) => {
    while (pieces[at + 1]?.start <= place) at += 1;
    return pieces[at];
  };
  return [...matches].map(({ index, 0: found }) => {
    const range = new Range();
    const first = pieceWith(index);
    range.setStart(first.node, index - first.start);
    const end = index + found.length;
    const last = pieceWith(end - 1);
    range.setEnd(last.node, Math.min(end - last.start, last.node.length));
    return range;
  });
}

/**
 * Returns the ranges of all occurrences in a prompt or an answer, in their order.
 *
 * @param {Element} half
 * @param {RegExp | null} pattern
 * @returns {Range[]}
 */
export function rangesIn(half, pattern) {
  if (!pattern) return [];
  const elements = [
    .../** @type {HTMLElement} */ (half).querySelectorAll(TEXTS[/** @type {any} */ (half).dataset.role]),
  ];
  return elements.flatMap((element) => {
    const { text, pieces } = readText(element);
    return rangesOf(text.matchAll(pattern), pieces);
  });
}

// Marks all occurrences, and one of them as the one that is looked at; where the browser cannot, nothing is marked.
export function mark(ranges, current) {
  if (!MARKS) return;
  MARKS.all.clear();
  MARKS.current.clear();
  for (const range of ranges) MARKS.all.add(range);
  if (current) MARKS.current.add(current);
}
