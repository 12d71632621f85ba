// Draws closed Mermaid blocks. What is drawn stands in a shadow tree: the answer itself is the same with it and without.
import { makeReadable } from "parlour/readable_diagram.js";

const ID_PREFIX = "mermaid-drawing";
const MAX_PROBLEM_LENGTH = 160;
const IMAGE_SHAPE = /@\{[^}]*\bimg\s*:/; // Mermaid would try to load it, which the page does not allow
const MIN_PLAN_WIDTH = 560; // pixels of a Gantt chart, whose dates would overlap in less; it scrolls on a phone
const STYLE = `
  svg { display: block; height: auto; max-width: 100%; margin: auto }
  svg[aria-roledescription="gantt"] { min-width: ${MIN_PLAN_WIDTH}px }
  .mindmapDiagram circle ~ .label text { text-anchor: middle } /* Mermaid puts its left end in the middle */
  .edgeLabel rect { opacity: 1 !important } /* else the edge is seen through its words */
  [style*="mix-blend-mode"] { mix-blend-mode: normal !important }`;
const SECURE_KEYS = ["htmlLabels", "themeCSS", "dompurifyConfig"]; // a diagram that could set them could load images
const seen = new WeakSet();
const found = document.getElementsByClassName("diagram"); // stays up to date by itself
let count = 0;
let loading;
let last = Promise.resolve(); // one after the other, since Mermaid measures in the page

// Mermaid wants plain colours, not the names of ours.
function colors(...tokens) {
  const probe = document.body.appendChild(document.createElement("i"));
  const found = tokens.map((token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
}

function chartColors(backgroundColor, ink, palette) {
  const parts = ["Label", "Title", "Tick", "Line"].flatMap((part) => [`xAxis${part}Color`, `yAxis${part}Color`]);
  const plotColorPalette = palette.map((color) => color.replaceAll(", ", " ")).join(","); // it is split at commas
  return {
    backgroundColor,
    titleColor: ink,
    plotColorPalette,
    ...Object.fromEntries(parts.map((part) => [part, ink])),
  };
}

// The colours of branches and groups in the dark, where those of Mermaid are black.
const darkGroups = [215, 30, 275, 130, 350, 185, 50, 240, 95, 310, 160, 10].map((hue) => `hsl(${hue}, 35%, 30%)`);
const darkGroupColors = Object.fromEntries(
  darkGroups.flatMap((color, at) => [
    [`cScale${at}`, color],
    [`venn${at + 1}`, color],
  ]),
);

async function load(width) {
  loading ??= import("nicegui-mermaid").catch((error) => {
    loading = undefined; // the next diagram tries again
    throw error;
  }); // served by NiceGUI; 3 MB, only once it is needed
  const { mermaid } = await loading;
  const dark = document.documentElement.dataset.theme === "dark";
  const { fontFamily } = getComputedStyle(document.body);
  const [background, primaryColor, lineColor, textColor] = colors("--code", "--bubble", "--ink-3", "--ink");
  const palette = colors("--code-name", "--code-number", "--code-string", "--code-key", "--accent", "--danger");
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: "strict",
    suppressErrorRendering: true,
    logLevel: "fatal",
    theme: "base",
    secure: [...mermaid.mermaidAPI.defaultConfig.secure, ...SECURE_KEYS],
    fontFamily,
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    gantt: { useWidth: Math.max(width, MIN_PLAN_WIDTH) },
    themeVariables: {
      darkMode: dark,
      background,
      primaryColor,
      lineColor,
      textColor,
      primaryTextColor: textColor,
      primaryBorderColor: lineColor,
      edgeLabelBackground: background,
      ...Object.fromEntries(palette.map((color, at) => [`pie${at + 1}`, color])),
      ...(dark ? darkGroupColors : {}),
      xyChart: chartColors(background, textColor, palette),
    },
  });
  return mermaid;
}

// Labels with brackets or quotes, the usual mistake of models: `A[Do (this)]` means `A["Do (this)"]`.
function withQuotedLabels(source) {
  const quoted = (label) => `"${label.trim().replaceAll('"', "'")}"`;
  return source
    .replace(/(\w)\[([^[\]"(/\\][^[\]\n]*)\]/g, (all, id, label) =>
      /[()"{}]/.test(label) ? `${id}[${quoted(label)}]` : all,
    )
    .replace(/(\w)\{([^{}"][^{}\n]*)\}/g, (all, id, label) =>
      /[()"[\]]/.test(label) ? `${id}{${quoted(label)}}` : all,
    )
    .replace(/\|([^|"\n][^|\n]*)\|/g, (all, label) => (/[()"[\]{}]/.test(label) ? `|${quoted(label)}|` : all));
}

// In flowcharts, Mermaid leaves out each `<` and `>` of a label that is not part of a tag: `x > 0` would be `x 0`.
const LABEL = /"[^"\n]*"|\[[^\]\n]*\]|\{[^}\n]*\}|\([^)\n]*\)|\|[^|\n]*\|/g;
function withWrittenSigns(source) {
  if (!/^[ \t]*(graph|flowchart)\b/m.test(source)) return source;
  const written = (label) =>
    label.replace(/(<\/?[a-z][^<>]*>)|[<>]/gi, (sign, tag) => tag ?? (sign === "<" ? "&lt;" : "&gt;"));
  return source.replace(LABEL, written);
}

async function render(source, width) {
  if (IMAGE_SHAPE.test(source)) throw new Error("images in diagrams are not loaded.");
  const mermaid = await load(width);
  try {
    return await mermaid.render(`${ID_PREFIX}-${++count}`, withWrittenSigns(source));
  } catch (error) {
    const other = withQuotedLabels(source);
    if (other === source) throw error;
    document.getElementById(`d${ID_PREFIX}-${count}`)?.remove();
    return await mermaid.render(`${ID_PREFIX}-${++count}`, withWrittenSigns(other)).catch(() => Promise.reject(error)); // of what is written
  }
}

function shadowOf(figure) {
  const place = figure.querySelector(".drawing");
  return place.shadowRoot ?? place.attachShadow({ mode: "open" });
}

async function draw(figure) {
  const source = figure.querySelector("code").textContent;
  try {
    const { svg } = await render(source, figure.clientWidth - 28); // without the padding on both sides
    const tree = shadowOf(figure);
    tree.innerHTML = `<style>${STYLE}</style>${svg}`;
    for (const link of tree.querySelectorAll("a")) link.setAttribute("target", "_blank"); // as all links in answers
    figure.dataset.drawn = "";
    delete figure.dataset.problem;
    tree.host.setAttribute("role", "img");
    makeReadable(tree, figure);
  } catch (error) {
    showProblem(figure, reasonOf(error));
  }
  document.getElementById(`d${ID_PREFIX}-${count}`)?.remove();
}

// Why a diagram is not drawn, in a line.
function reasonOf(error) {
  if (error.name === "UnknownDiagramError") return "diagrams of this kind are not known here.";
  const [what, where = ""] = String(error)
    .replace(/^Error: /, "")
    .replace(/&[lg]t;/g, (sign) => (sign === "&lt;" ? "<" : ">"))
    .split("\n");
  return `${what} ${where}`.trim();
}

// It says nothing that can be drawn: its source stays in view, below what is wrong with it.
function showProblem(figure, reason) {
  const words = document.createElement("p");
  words.dataset.testid = "diagram-error";
  words.style.margin = "0";
  words.textContent = `Not drawn: ${reason}`.slice(0, MAX_PROBLEM_LENGTH);
  const tree = shadowOf(figure);
  tree.host.setAttribute("role", "note");
  tree.replaceChildren(words);
  delete figure.dataset.drawn;
  figure.dataset.problem = "";
}

const drawSoon = (figure) => (last = last.then(() => figure.isConnected && draw(figure)));

function findNew() {
  for (const figure of found) {
    if (seen.has(figure)) continue;
    seen.add(figure);
    drawSoon(figure);
  }
}

new MutationObserver(findNew).observe(document.documentElement, { childList: true, subtree: true });
new MutationObserver(() => [...found].forEach(drawSoon)).observe(document.documentElement, {
  attributeFilter: ["data-theme"],
});

document.addEventListener("click", ({ target }) => {
  if (target.matches?.(".diagram .language")) target.closest(".diagram").toggleAttribute("data-source");
});
