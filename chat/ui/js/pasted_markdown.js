// Formatted text that is pasted into a message, as Markdown: what a person sees as headings, lists, tables and code is that
// for the model, too. The HTML is only read: in a document without a window nothing runs and nothing is loaded.
const MAX_HTML = 2_000_000; // characters; of more, the plain text is taken
const CODE_EDITORS = ["vscode-editor-data", "application/x-jetbrains"]; // types that come with what they copy
const STRUCTURE =
  "h1, h2, h3, h4, h5, h6, ul, ol, table, a[href], b, strong, em, i, code, pre, blockquote, del, s, math, [style*=mso-list]";
const SKIPPED = "style, script, title, meta, link, template, noscript, button, svg, img, [hidden], [aria-hidden=true]";
const BLOCKS =
  "address, article, aside, blockquote, dd, details, div, dl, dt, fieldset, figure, figcaption, footer, form, h1, h2, h3, h4, " +
  "h5, h6, header, hr, li, main, nav, ol, p, pre, section, summary, table, tbody, tr, ul";

// The Markdown for the HTML of a clipboard; "" where its plain text is what is meant.
export function pastedMarkdown(clipboard) {
  const html = clipboard.getData("text/html");
  const plain = clipboard.getData("text/plain").trim();
  if (!html || html.length > MAX_HTML || CODE_EDITORS.some((type) => clipboard.types.includes(type))) return "";
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll(SKIPPED)) element.remove();
  return isFormatted(body, plain)
    ? blocksOf(body)
        .replace(/\n{3,}/g, "\n\n")
        .trim()
    : "";
}

// A code editor copies coloured spans, or one block of them; a table of a single cell is a value; and the address of a
// page comes as a link with its title.
function isFormatted(body, plain) {
  const marks = [...body.querySelectorAll(STRUCTURE)].filter((each) => isMeant(each) && each.textContent.trim());
  if (!marks.length) return false;
  const [only] = marks;
  const isAll = only.textContent.trim().length === body.textContent.trim().length;
  const spans = (element) => [...element.querySelectorAll("*")].every((each) => each.matches("span, div, br, font"));
  if (isAll && only.matches("pre") && spans(only)) return false;
  if (isAll && only.matches("table") && only.querySelectorAll("td, th").length < 2) return false;
  return !(isAll && only.matches("a") && only.getAttribute("href") === plain);
}

// Google Docs puts all of it into one <b> that is not bold.
const isMeant = (element) =>
  !(element.matches("b, i, strong, em") && /font-(weight|style):\s*(normal|400)/.test(styleOf(element)));
const styleOf = (element) => element.getAttribute("style") ?? "";

// What is in an element, with an empty line between blocks. Beside them, words are paragraphs of their own.
function blocksOf(element) {
  const pieces = [];
  let line = "";
  const endLine = () => {
    if (line.trim()) pieces.push({ text: trimmed(line), isLine: false });
    line = "";
  };
  for (const node of element.childNodes) {
    if (node instanceof Element && (node.matches(BLOCKS) || node.querySelector(BLOCKS))) {
      endLine();
      const isLine = node.matches("div, tr, dt, dd") && !node.querySelector(BLOCKS);
      const text = blockOf(node);
      if (text) pieces.push({ text, isLine: isLine || isItem(text) });
    } else line += inlineOf(node);
  }
  endLine();
  return pieces.map(({ text, isLine }, place) => gap(pieces[place - 1], isLine) + text).join("");
}

// Lines are not paragraphs: programs for notes have a <div> for each, and Word a paragraph for each item of a list.
const gap = (before, isLine) => (!before ? "" : before.isLine && isLine ? "\n" : "\n\n");
const isItem = (text) => /^ *(- |\d+\. )/.test(text);

function blockOf(element) {
  const name = element.localName;
  if (/^h[1-6]$/.test(name)) return `${"#".repeat(Number(name[1]))} ${trimmed(inlineOf(element)).replace(/\n/g, " ")}`;
  if (name === "ul" || name === "ol") return listOf(element);
  if (name === "pre") return fenced(element);
  if (name === "table") return tableOf(element);
  if (name === "hr") return "---";
  if (name === "blockquote") return indented(blocksOf(element), "> ", "> ");
  if (/mso-list:(?!ignore)/i.test(styleOf(element))) return wordItem(element);
  return blocksOf(element);
}

function listOf(list) {
  let number = Number(list.getAttribute("start") ?? 1);
  const lines = [];
  for (const item of list.children) {
    const mark = list.localName === "ol" ? `${number++}. ` : "- ";
    // Some programs put a list that is in another one beside its items.
    if (item.matches("ul, ol")) lines.push(indented(listOf(item), "  ", "  "));
    else lines.push(indented(tight(blocksOf(item)), mark, " ".repeat(mark.length)));
  }
  return lines.join("\n");
}

const tight = (text) => text.replace(/\n\n(?= *(- |\d+\. ))/g, "\n");
const indented = (text, first, rest) =>
  text
    .split("\n")
    .map((line, place) => `${place ? rest : first}${line}`.trimEnd())
    .join("\n");

// Word has a paragraph for each item, with its mark in a span and its depth in a style.
function wordItem(element) {
  const depth = Number(/level(\d)/.exec(styleOf(element))?.[1] ?? 1);
  const sign = [...element.querySelectorAll("span")].find((each) => /mso-list:ignore/i.test(styleOf(each)));
  const number = /^\s*(\d+)[.)]/.exec(sign?.textContent ?? "")?.[1];
  sign?.remove();
  return `${"  ".repeat(depth - 1)}${number ? `${number}.` : "-"} ${trimmed(inlineOf(element))}`;
}

function fenced(element) {
  const language =
    /\blanguage-([\w+#-]+)/.exec(`${element.className} ${element.querySelector("code")?.className ?? ""}`)?.[1] ?? "";
  for (const br of element.querySelectorAll("br")) br.replaceWith("\n");
  const code = element.textContent.replace(/\n$/, "");
  const fence = "`".repeat(Math.max(3, ...[...code.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}${language}\n${code}\n${fence}`;
}

// A table that is there for the looks has tables in it, or one column: its words count.
function tableOf(table) {
  const rows = [...table.querySelectorAll("tr")].map((row) => [...row.children].flatMap(cellsOf));
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (table.querySelector("table") || width < 2) return blocksOf(table);
  const line = (cells) => `| ${[...cells, ...Array(width - cells.length).fill("")].join(" | ")} |`;
  const [head, ...rest] = rows.map(line);
  return [head, `|${" --- |".repeat(width)}`, ...rest].join("\n");
}

function cellsOf(cell) {
  const text = trimmed(inlineOf(cell))
    .replace(/\s*\n\s*/g, " ")
    .replace(/\|/g, "\\|");
  return [text, ...Array(Math.min(Number(cell.getAttribute("colspan") ?? 1) || 1, 50) - 1).fill("")];
}

// Of each mark: the elements that mean it, and the style that does.
/** @type {Record<string, [string, RegExp]>} */
const MARKS = {
  "**": ["b, strong", /font-weight:\s*(bold|[6-9]00)/],
  "*": ["i, em", /font-style:\s*italic/],
  "~~": ["del, s", /text-decoration:\s*line-through/],
};

function inlineOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return keepsSpace(node) ? node.data : node.data.replace(/\s+/g, " ");
  if (!(node instanceof Element)) return "";
  const name = node.localName;
  if (name === "br") return "\n";
  if (name === "math") return formula(node);
  if (name === "code" && !node.closest("pre")) return quoted(node.textContent);
  const text = [...node.childNodes].map(inlineOf).join(node.matches("ul, ol, table") ? "\n" : "");
  if (name === "a") return link(node.getAttribute("href") ?? "", text);
  if (node.matches("p, div, li, tr")) return `${text}\n`;
  return marksOf(node).reduce(around, text);
}

// What is in a heading is bold anyway, and what is in another mark has it already.
function marksOf(element) {
  if (element.closest("h1, h2, h3, h4, h5, h6, th")) return [];
  return Object.entries(MARKS)
    .filter(([, [names, style]]) => (element.matches(names) && isMeant(element)) || style.test(styleOf(element)))
    .filter(([, [names]]) => !isWithin(element.parentElement, names))
    .map(([mark]) => mark);
}

const keepsSpace = (node) => /white-space:\s*(pre|break-spaces)/.test(styleOf(node.parentElement));

const isWithin = (element, names) => {
  for (let each = element?.closest(names); each; each = each.parentElement?.closest(names))
    if (isMeant(each)) return true;
  return false;
};

// Spaces at its ends stay outside: with them it would not be bold.
const around = (text, mark) =>
  text.replace(/^(\s*)([\s\S]*?)(\s*)$/, (_, before, words, after) => before + (words && mark + words + mark) + after);

function quoted(code) {
  const ticks = "`".repeat(Math.max(1, ...[...code.matchAll(/`+/g)].map(([found]) => found.length + 1)));
  const space = /^`|`$/.test(code) ? " " : "";
  return code.trim() ? ticks + space + code + space + ticks : code;
}

function link(address, text) {
  const words = trimmed(text).replace(/\n/g, " ");
  if (!words || !/^(https?|mailto):/i.test(address) || words === address) return text;
  return `[${words}](${address
    .replace(/[()\s]/g, encodeURIComponent)
    .replace(/\(/g, "%28")
    .replace(/\)/g, "%29")})`;
}

// A formula has its source, or is as it was read out.
function formula(math) {
  const source = math.querySelector('annotation[encoding*="tex" i]')?.textContent ?? math.getAttribute("alttext");
  if (!source) return math.textContent;
  return math.getAttribute("display") === "block" ? `$$${source.trim()}$$` : `$${source.trim()}$`;
}

const trimmed = (text) =>
  text
    .split("\n")
    .map((line) => (line.includes("`") ? line : line.replace(/ {2,}/g, " ")).trim())
    .join("\n")
    .trim();
