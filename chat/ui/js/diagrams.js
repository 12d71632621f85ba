// Draws closed Mermaid blocks. What is drawn stands in a shadow tree: the answer itself is the same with it and without.
import { makeReadable } from "parlour/readable_diagram.js";

const ID_PREFIX = "mermaid-drawing";
const MAX_PROBLEM_LENGTH = 160;
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

async function load() {
  loading ??= import("nicegui-mermaid"); // served by NiceGUI; 3 MB, only once it is needed
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
  const quoted = (label) => `"${label.trim().replace(/^"|"$/g, "").replaceAll('"', "'")}"`;
  return source
    .replace(/(\w)\[([^[\]"(/\\][^[\]\n]*)\]/g, (all, id, label) =>
      /[()"{}]/.test(label) ? `${id}[${quoted(label)}]` : all,
    )
    .replace(/(\w)\{([^{}"][^{}\n]*)\}/g, (all, id, label) =>
      /[()"[\]]/.test(label) ? `${id}{${quoted(label)}}` : all,
    );
}

async function render(source) {
  const mermaid = await load();
  try {
    return await mermaid.render(`${ID_PREFIX}-${++count}`, source);
  } catch (error) {
    const other = withQuotedLabels(source);
    if (other === source) throw error;
    document.getElementById(`d${ID_PREFIX}-${count}`)?.remove();
    return await mermaid.render(`${ID_PREFIX}-${++count}`, other);
  }
}

function shadowOf(figure) {
  const place = figure.querySelector(".drawing");
  return place.shadowRoot ?? place.attachShadow({ mode: "open" });
}

async function draw(figure) {
  const source = figure.querySelector("code").textContent;
  try {
    const { svg } = await render(source);
    const tree = shadowOf(figure);
    tree.innerHTML = `<style>svg { display: block; height: auto; max-width: 100%; margin: auto } [style*="mix-blend-mode"] { mix-blend-mode: normal !important }</style>${svg}`;
    for (const link of tree.querySelectorAll("a")) link.setAttribute("target", "_blank"); // as all links in answers
    figure.dataset.drawn = "";
    delete figure.dataset.problem;
    tree.host.setAttribute("role", "img");
    makeReadable(tree, figure);
  } catch (error) {
    showProblem(figure, error);
  }
  document.getElementById(`d${ID_PREFIX}-${count}`)?.remove();
}

// It says nothing that can be drawn: its source stays in view, below what is wrong with it.
function showProblem(figure, error) {
  const [what, where = ""] = String(error)
    .replace(/^Error: /, "")
    .split("\n");
  const words = document.createElement("p");
  words.dataset.testid = "diagram-error";
  words.style.margin = "0";
  words.textContent = `Not drawn: ${what} ${where}`.trim().slice(0, MAX_PROBLEM_LENGTH);
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
