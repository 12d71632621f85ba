// Where one reads in a chat, without asking the server: leads to the latest words or to any turn, holds what one looks at.
const HOLD_TIME = 1000; // ms for which the server may take to exchange turns
const STEADY_FRAMES = 10; // without a shift, after which heights are no longer estimates
const MAX_FRAMES = 120; // in which a turn that one is led to may come

const scrollerOf = (element) => element.closest(".page")?.querySelector(".scroller");

// Keeps an element, or the turn that takes its place, where it is on the screen while what follows is exchanged, and then
// until so many frames have come without a shift.
export function holdInPlace(element, steadyFrames = 0) {
  const scroller = element.closest(".scroller");
  const turns = element.closest(".thread").children;
  const place = [...turns].indexOf(element.closest(".turn"));
  const top = () => (element.isConnected ? element : turns[place])?.getBoundingClientRect().top;
  const before = top();
  let frames = steadyFrames;
  const watching = new ResizeObserver(() => {
    const shift = (top() ?? before) - before;
    if (Math.abs(shift) < 1) return;
    scroller.scrollTop += shift;
    frames = steadyFrames;
  });
  const listening = new AbortController();
  const release = () => {
    watching.disconnect();
    listening.abort();
  };
  const releaseWhenSteady = () => {
    if (listening.signal.aborted) return;
    if (frames-- > 0) requestAnimationFrame(releaseWhenSteady);
    else release();
  };
  watching.observe(element.closest(".thread"));
  setTimeout(releaseWhenSteady, HOLD_TIME);
  for (const way of ["wheel", "touchmove", "keydown", "pointerdown"])
    document.addEventListener(way, release, { passive: true, signal: listening.signal });
}

// Leads to one half of a turn, as soon as it is there, and marks it for a moment.
export function scrollToTurn(turn, role, frames = MAX_FRAMES) {
  if (new URLSearchParams(location.search).has("at")) history.replaceState({}, "", location.pathname); // a reload stays
  const found = document.querySelector(`.turn[data-turn="${CSS.escape(turn)}"][data-role="${role}"]`);
  if (!found) return frames && requestAnimationFrame(() => scrollToTurn(turn, role, frames - 1));
  found.dispatchEvent(new Event("reach", { bubbles: true })); // who was on the way back to another place stays here
  found.scrollIntoView({ block: "start", behavior: "instant" });
  holdInPlace(found, STEADY_FRAMES); // what is above it takes its height only now
  found.classList.add("reached");
  found.addEventListener("animationend", () => found.classList.remove("reached"), { once: true });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (button?.matches(".jump-latest")) scrollerOf(button)?.scrollTo({ top: 0, behavior: "instant" });
});
