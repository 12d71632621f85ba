// Of all words of all diagrams: the number of the diagram, the words, their contrast, their colour and that behind them.
() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const luminance = (color) =>
    color
      .slice(0, 3)
      .map((value) => value / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const contrast = (...colors) => {
    const [low, high] = colors.map(luminance).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const painted = (element) => {
    const style = getComputedStyle(element);
    const isShape = element instanceof SVGGeometryElement;
    const paint = isShape ? style.fill : style.backgroundColor;
    if (!paint.startsWith("rgb") || element.closest("defs, marker")) return undefined;
    const [red, green, blue, alpha = 1] = channels(paint);
    let opacity = alpha * (isShape ? Number(style.fillOpacity) : 1);
    for (let each = element; each instanceof SVGElement; each = each.parentElement)
      opacity *= Number(getComputedStyle(each).opacity);
    return { color: [red, green, blue], opacity };
  };

  const behind = (tree, element, point, canvas) =>
    tree
      .elementsFromPoint(point.x, point.y)
      .filter((each) => tree.contains(each) && !each.contains(element))
      .filter((each) => each.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)
      .reverse()
      .map(painted)
      .filter(Boolean)
      .reduce(
        (below, { color, opacity }) => below.map((part, at) => part * (1 - opacity) + color[at] * opacity),
        canvas,
      );

  const measured = (tree, element, canvas) => {
    const own = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!own || !box.width || element.closest("defs") || style.visibility === "hidden") return [];
    const ink = style[element instanceof SVGElement ? "fill" : "color"];
    const end = element.closest(".sequenceNumber") && tree.querySelector("marker[id$=sequencenumber] circle");
    const center = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const below = end ? channels(getComputedStyle(end).fill) : behind(tree, element, center, canvas);
    const found = ink.startsWith("rgb") ? contrast(channels(ink), below) : 0;
    return [[own.data.trim(), found, ink, below.map(Math.round).join(" ")]];
  };

  return [...document.querySelectorAll(".diagram")].flatMap((figure, number) => {
    figure.scrollIntoView({ block: "center" });
    const tree = figure.querySelector(".drawing").shadowRoot;
    const canvas = channels(getComputedStyle(figure).backgroundColor).slice(0, 3);
    const words = [...tree.querySelectorAll("text, tspan, foreignObject *")];
    return words.flatMap((element) => measured(tree, element, canvas)).map((each) => [number, ...each]);
  });
};
