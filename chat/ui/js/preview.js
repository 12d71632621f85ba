// Shows HTML and SVG of an answer in a frame that has an origin of its own and no network. The frame loads a document of
// ours, whose headers forbid all that; it asks for what to show, since a frame with the HTML itself would have the policy
// of the page, which runs no script that stands in it. It stands in a shadow tree: the answer is the same with and without.
import { localAddress } from "parlour/addresses.js";

const STYLE = `
  iframe { display: block; width: 100%; height: 22rem; min-height: 8rem; max-height: 80vh; border: 0; background: white;
    color-scheme: light; resize: vertical; overflow: auto }`;

function frameWith(html) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.setAttribute("referrerpolicy", "no-referrer");
  Object.assign(frame, { title: "Preview", src: localAddress("/assets/preview.html") });
  const answer = ({ source, data }) => {
    if (!frame.isConnected) return removeEventListener("message", answer);
    if (source !== frame.contentWindow || data !== "ready") return;
    removeEventListener("message", answer); // what runs there from now on may say what it wants
    frame.contentWindow.postMessage(html, "*"); // its origin has no name
  };
  addEventListener("message", answer);
  return frame;
}

function toggle(button) {
  const figure = button.closest("figure");
  const place = figure.querySelector(".preview-place");
  const isShown = button.getAttribute("aria-pressed") === "true";
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  const style = Object.assign(document.createElement("style"), { textContent: STYLE });
  root.replaceChildren(...(isShown ? [] : [style, frameWith(figure.querySelector("code").textContent)]));
  button.setAttribute("aria-pressed", String(!isShown));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("figure.code .code-preview");
  if (button) toggle(button);
});
