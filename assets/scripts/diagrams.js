// Draws closed Mermaid blocks. What is drawn stands in a shadow tree: the answer itself is the same with it and without.
(() => {
  const NAME = "mermaid-drawing";
  const OURS = ["htmlLabels", "themeCSS", "dompurifyConfig"]; // a diagram that could set them could load images
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
      secure: [...mermaid.mermaidAPI.defaultConfig.secure, ...OURS],
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
      return await mermaid.render(`${NAME}-${++count}`, source);
    } catch (error) {
      const other = withQuotedLabels(source);
      if (other === source) throw error;
      document.getElementById(`d${NAME}-${count}`)?.remove();
      return await mermaid.render(`${NAME}-${++count}`, other);
    }
  }

  function channels(color) {
    const [red, green, blue, alpha = 1] = (color.match(/^rgba?\(([^)]*)\)/)?.[1] ?? "").split(/[ ,/]+/).map(Number);
    return Number.isNaN(blue) || blue === undefined ? undefined : { red, green, blue, alpha };
  }

  function luminance({ red, green, blue }) {
    const [r, g, b] = [red, green, blue].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function blended(below, above, opacity) {
    const mix = (part) => below[part] * (1 - opacity) + above[part] * opacity;
    return { red: mix("red"), green: mix("green"), blue: mix("blue") };
  }

  // What is painted below a point, of the shapes that come before an element.
  function colorBelow(point, element, shapes, canvas) {
    let color = canvas;
    for (const { shape, box, fill, opacity } of shapes) {
      if (point.x < box.left || point.x > box.right || point.y < box.top || point.y > box.bottom) continue;
      if (!(shape.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
      const matrix = shape.getScreenCTM?.();
      const isInside = !shape.isPointInFill || !matrix || shape.isPointInFill(point.matrixTransform(matrix.inverse()));
      if (isInside) color = blended(color, fill, opacity);
    }
    return color;
  }

  const MAX_PAIRS = 400_000; // of words and shapes; a diagram with more keeps the colours that it has

  // The themes of Mermaid, and fills that a diagram has of its own, leave words that cannot be read.
  function makeReadable(tree, figure) {
    const words = [...tree.querySelectorAll("text, tspan, foreignObject :is(div, span, p)")].filter((element) =>
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()),
    );
    const found = [...tree.querySelectorAll("rect, path, polygon, circle, ellipse")];
    if (words.length * found.length > MAX_PAIRS) return;
    const shapes = found.flatMap((shape) => {
      const style = getComputedStyle(shape);
      const fill = channels(style.fill);
      const opacity = fill ? fill.alpha * style.fillOpacity * style.opacity : 0;
      return opacity > 0 ? [{ shape, box: shape.getBoundingClientRect(), fill, opacity }] : [];
    });
    const canvas = channels(getComputedStyle(figure).backgroundColor);
    const inks = [channels("rgb(20, 19, 17)"), channels("rgb(255, 255, 255)")];
    for (const element of words) {
      const box = element.getBoundingClientRect();
      const property = element instanceof SVGElement ? "fill" : "color";
      const ink = channels(getComputedStyle(element)[property]);
      const below = colorBelow(new DOMPoint(box.x + box.width / 2, box.y + box.height / 2), element, shapes, canvas);
      if (!ink || contrast(ink, below) >= 4.5) continue;
      const [dark, light] = inks;
      const { red, green, blue } = contrast(dark, below) > contrast(light, below) ? dark : light;
      element.style.setProperty(property, `rgb(${red}, ${green}, ${blue})`, "important");
    }
  }

  async function draw(figure) {
    const source = figure.querySelector("code").textContent;
    try {
      const { svg } = await render(source);
      const place = figure.querySelector(".drawing");
      const tree = place.shadowRoot ?? place.attachShadow({ mode: "open" });
      tree.innerHTML = `<style>svg { display: block; height: auto; max-width: 100%; margin: auto } [style*="mix-blend-mode"] { mix-blend-mode: normal !important }</style>${svg}`;
      for (const link of tree.querySelectorAll("a")) link.setAttribute("target", "_blank"); // as all links in answers
      figure.dataset.drawn = "";
      delete figure.dataset.problem;
      makeReadable(tree, figure);
    } catch (error) {
      delete figure.dataset.drawn; // it says nothing that can be drawn: its source stays in view
      figure.dataset.problem = `Not drawn: ${String(error?.message ?? error)
        .split("\n")
        .slice(0, 2)
        .join(" ")
        .slice(0, 160)}`;
    }
    document.getElementById(`d${NAME}-${count}`)?.remove();
  }

  const drawSoon = (figure) => (last = last.then(() => figure.isConnected && draw(figure)));

  function look() {
    for (const figure of found) {
      if (seen.has(figure)) continue;
      seen.add(figure);
      drawSoon(figure);
    }
  }

  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  new MutationObserver(() => [...found].forEach(drawSoon)).observe(document.documentElement, {
    attributeFilter: ["data-theme"],
  });

  document.addEventListener("click", ({ target }) => {
    if (target.matches?.(".diagram .language")) target.closest(".diagram").toggleAttribute("data-source");
  });
})();
