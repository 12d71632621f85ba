// Makes the words of a drawing dark or light, by what is painted below each.
const MAX_PAIRS = 400_000; // of words and shapes; a diagram with more keeps the colours that it has

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

// The themes of Mermaid, and fills that a diagram has of its own, leave words that cannot be read.
export function makeReadable(tree, figure) {
  const words = [...tree.querySelectorAll("text, tspan, foreignObject :is(div, span, p)")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()),
  );
  const found = [...tree.querySelectorAll("rect, path, polygon, circle, ellipse")];
  if (words.length * found.length > MAX_PAIRS) return;
  const shapes = found.flatMap((shape) => {
    const style = getComputedStyle(shape);
    const fill = channels(style.fill);
    const opacity = fill ? fill.alpha * Number(style.fillOpacity) * Number(style.opacity) : 0;
    return opacity > 0 ? [{ shape, box: shape.getBoundingClientRect(), fill, opacity }] : [];
  });
  const canvas = channels(getComputedStyle(figure).backgroundColor);
  // The numbers of messages stand on the ends of their arrows, which are no shapes of the drawing.
  const numbered = tree.querySelector('marker[id$="sequencenumber"] circle');
  const belowNumbers = numbered && channels(getComputedStyle(numbered).fill);
  const inks = [channels("rgb(20, 19, 17)"), channels("rgb(255, 255, 255)")];
  for (const element of words) {
    const box = element.getBoundingClientRect();
    const property = element instanceof SVGElement ? "fill" : "color";
    const ink = channels(getComputedStyle(element)[property]);
    const center = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
    const isNumber = belowNumbers && element.closest(".sequenceNumber");
    const below = isNumber ? belowNumbers : colorBelow(center, element, shapes, canvas);
    if (!ink || contrast(ink, below) >= 4.5) continue;
    const [dark, light] = inks;
    const { red, green, blue } = contrast(dark, below) > contrast(light, below) ? dark : light;
    element.style.setProperty(property, `rgb(${red}, ${green}, ${blue})`, "important");
  }
}
