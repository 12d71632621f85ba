// Draws closed Mermaid blocks. What is drawn stands in a shadow tree: the answer itself is the same with it and without.
const ID_PREFIX = "mermaid-drawing";
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

async function load() {
  loading ??= import("nicegui-mermaid"); // served by NiceGUI; 3 MB, only once it is needed
  const { mermaid } = await loading;
  const dark = document.documentElement.dataset.theme === "dark";
  const { fontFamily } = getComputedStyle(document.body);
  const [background, primaryColor, lineColor, textColor] = colors("--code", "--bubble", "--ink-3", "--ink");
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
    },
  });
  return mermaid;
}

async function draw(figure) {
  const source = figure.querySelector("code").textContent;
  try {
    const mermaid = await load();
    const { svg } = await mermaid.render(`${ID_PREFIX}-${++count}`, source);
    const place = figure.querySelector(".drawing");
    const tree = place.shadowRoot ?? place.attachShadow({ mode: "open" });
    tree.innerHTML = `<style>svg { display: block; height: auto; max-width: 100%; margin: auto }</style>${svg}`;
    for (const link of tree.querySelectorAll("a")) link.setAttribute("target", "_blank"); // as all links in answers
    figure.dataset.drawn = "";
  } catch {
    delete figure.dataset.drawn; // it says nothing that can be drawn: its source stays in view
  }
  document.getElementById(`d${ID_PREFIX}-${count}`)?.remove();
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
