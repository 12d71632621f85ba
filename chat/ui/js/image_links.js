// Offers to load the images of the web that answers have links to. The offer stands in a shadow tree of each link: the
// answer itself is the same with it and without.
const RESPONSE_TIMEOUT = 40_000; // ms in which the server has loaded it, or said why not

const STYLE = `
  button { display: var(--image-offer, inline-block); position: relative; min-height: 26px; margin-inline-start: 8px;
    padding: 0 10px; border: 1px solid var(--line-2); border-radius: 999px; background: var(--surface);
    color: var(--ink); font: 500 13px / 1.4 var(--sans); letter-spacing: 0; vertical-align: baseline; cursor: pointer }
  button::before { content: attr(data-label) }
  @media (hover: hover) { button:hover { background: linear-gradient(var(--hover) 0 0) var(--surface) } }
  button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
  button:disabled { color: var(--ink-3); cursor: default }
  @media (pointer: coarse) { button { min-height: 30px; padding-inline: 14px } }
  button::after { content: ""; position: absolute; inset: -9px 0 }
  span { color: var(--danger); font-size: 13.5px; margin-inline-start: 8px }
  span:empty { display: none }`;

export class ImageLinks {
  // `load` is told the turn and the address.
  constructor(place, load) {
    this.links = place.getElementsByClassName("image-link"); // stays up to date by itself
    this.load = load;
  }
  offer() {
    for (const link of this.links) if (!link.shadowRoot) this.decorate(link);
  }
  decorate(link) {
    const tree = link.attachShadow({ mode: "open" });
    tree.innerHTML = `<style>${STYLE}</style><slot></slot><button type="button" data-testid="image-load" data-label="Load"></button><span role="status"></span>`;
    const button = tree.querySelector("button");
    const name = link.textContent.replace(/^Image: /, "");
    button.setAttribute("aria-label", `Load image: ${name}`);
    button.addEventListener("click", () => {
      this.say(link, "");
      button.disabled = true;
      button.dataset.label = "Loading …";
      this.load(link.closest(".turn").dataset.turn, addressOf(link));
      setTimeout(() => button.disabled && this.say(link, "There was no answer. Try again."), RESPONSE_TIMEOUT);
    });
  }
  showProblem(turn, url, problem) {
    for (const link of this.links)
      if (addressOf(link) === url && link.closest(".turn").dataset.turn === turn) this.say(link, problem);
  }
  say(link, sentence) {
    const button = link.shadowRoot.querySelector("button");
    button.disabled = false;
    button.dataset.label = "Load";
    link.shadowRoot.querySelector("span").textContent = sentence;
  }
}

const addressOf = (link) => link.querySelector("a").getAttribute("href");
