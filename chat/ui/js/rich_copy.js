// What part of an answer is in the clipboard: formulas as LaTeX and as MathML, code without its head, tables with tabs
// and as HTML. Whatever else is selected is copied as the browser does it.
import { copyByButton } from "parlour/clipboard.js";

const SPECIAL = "math[data-tex], figure.code, table";
const NOT_CONTENT =
  "button, figcaption, .drawing, .turn-actions, .visually-hidden, .usage, :is(.thinking, .tool-use) > summary";
const OWN_ATTRIBUTES = ["class", "tabindex", "role", "aria-label", "data-testid", "data-drawn", "data-source"];
const ANNOTATION = "application/x-tex";

const isDisplay = (math) => math.getAttribute("display") === "block";

// A long formula within a line is in pieces; the first one has the source.
function piecesOf(math) {
  const all = [...math.closest(".prose").querySelectorAll("math[data-tex]")];
  let first = all.indexOf(math);
  while (first > 0 && !all[first].dataset.tex) first--;
  const rest = all.slice(first + 1);
  const end = rest.findIndex((each) => each.dataset.tex);
  return [all[first], ...(end < 0 ? rest : rest.slice(0, end))];
}

// A formula is copied as a whole.
function widened(range) {
  const wide = range.cloneRange();
  const mathAt = (node) => (node instanceof Element ? node : node.parentElement)?.closest("math[data-tex]");
  const atStart = mathAt(range.startContainer);
  const atEnd = mathAt(range.endContainer);
  if (atStart) wide.setStartBefore(piecesOf(atStart)[0]);
  if (atEnd) wide.setEndAfter(piecesOf(atEnd).at(-1));
  return wide;
}

// A copy of what is in a range, within the list, table or block of code that it is a part of.
function cloned(range) {
  let content = /** @type {Node} */ (range.cloneContents());
  const { commonAncestorContainer: common } = range;
  let around = common instanceof Element ? common : common.parentElement;
  while (around && !around.matches(".prose, td, th, .table-scroll, .thread, body")) {
    const shell = around.cloneNode();
    shell.appendChild(content);
    content = shell;
    around = around.parentElement;
  }
  const place = document.createElement("div");
  place.append(content);
  return place;
}

// Puts the pieces of each formula together again; each is as it should be in a document.
function joinFormulas(place) {
  let last;
  for (const math of place.querySelectorAll("math[data-tex]")) {
    if (math.dataset.tex || !last) last = math;
    else {
      last.append(...math.childNodes);
      math.remove();
    }
  }
}

function annotate(math) {
  const create = (name) => document.createElementNS("http://www.w3.org/1998/Math/MathML", name);
  const [semantics, row, annotation] = ["semantics", "mrow", "annotation"].map(create);
  row.append(...math.childNodes);
  annotation.setAttribute("encoding", ANNOTATION);
  annotation.textContent = math.dataset.tex;
  semantics.append(row, annotation);
  math.append(semantics);
  math.removeAttribute("data-tex");
  math.setAttribute("xmlns", "http://www.w3.org/1998/Math/MathML");
}

function latexOf(math) {
  const marks = isDisplay(math) ? "$$" : "$";
  return `${marks}${math.dataset.tex}${marks}`;
}

function withTabs(table) {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden is not copied
  const words = (cell) => cell.innerText.replace(/\s+/g, " ").trim();
  return [...table.rows].map((row) => [...row.cells].map(words).join("\t")).join("\n");
}

// The words as they are laid out, which only the page can tell.
function plainText(content) {
  const shown = content.cloneNode(true);
  for (const math of shown.querySelectorAll("math[data-tex]")) math.replaceWith(latexOf(math));
  for (const code of shown.querySelectorAll("pre > code")) code.textContent = code.textContent.replace(/\n$/, "");
  const host = Object.assign(document.createElement("div"), { className: "prose copying", inert: true });
  host.append(shown);
  document.body.append(host);
  for (const table of shown.querySelectorAll("table")) {
    const text = Object.assign(document.createElement("pre"), { textContent: withTabs(table) });
    (table.parentElement.closest(".table-card") ?? table).replaceWith(text);
  }
  // biome-ignore lint/performance/useDomNodeTextContent: lines end where blocks do
  const text = host.innerText;
  host.remove();
  return text;
}

function html(content) {
  for (const math of content.querySelectorAll("math[data-tex]")) annotate(math);
  for (const code of content.querySelectorAll("pre > code")) code.textContent = String(code.textContent);
  for (const element of content.querySelectorAll(":not(math *)"))
    for (const name of OWN_ATTRIBUTES) element.removeAttribute(name);
  return content.innerHTML;
}

function contentOf(range) {
  const content = cloned(widened(range));
  for (const element of content.querySelectorAll(NOT_CONTENT)) element.remove();
  for (const diagram of content.querySelectorAll("[data-drawn]")) diagram.removeAttribute("data-drawn");
  joinFormulas(content);
  return { text: plainText(content), html: html(content) };
}

// Whether the browser would copy what nobody wants.
function isSpecial(range) {
  const common = range.commonAncestorContainer;
  const element = common instanceof Element ? common : common.parentElement;
  if (element.closest("math[data-tex]")) return true;
  return [...element.querySelectorAll(SPECIAL)].some((each) => range.intersectsNode(each) && each.closest(".prose"));
}

document.addEventListener("copy", (event) => {
  const selection = document.getSelection();
  const isInBox = event.target instanceof Element && event.target.closest("input, textarea");
  if (event.defaultPrevented || isInBox || !selection.rangeCount || selection.isCollapsed) return;
  const range = selection.getRangeAt(0);
  if (!isSpecial(range)) return;
  const content = contentOf(range);
  event.clipboardData.setData("text/plain", content.text);
  event.clipboardData.setData("text/html", content.html);
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  /** @type {HTMLElement | null} */
  const button = event.target.closest?.(".table-copy");
  if (!button) return;
  const range = document.createRange();
  range.selectNode(button.closest(".table-card").querySelector("table"));
  const content = contentOf(range);
  copyByButton(button, content.text.trimEnd(), content.html);
});
