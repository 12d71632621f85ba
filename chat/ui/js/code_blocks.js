// What is done with a block of code besides copying it: its lines are wrapped, or it is saved as a file.

const EXTENSIONS = Object.fromEntries(
  `python py, javascript js, typescript ts, bash sh, shell sh, zsh sh, console txt, powershell ps1, markdown md, c++ cpp,
  csharp cs, c# cs, fsharp fs, f# fs, rust rs, ruby rb, kotlin kt, haskell hs, perl pl, terraform tf, julia jl, matlab m,
  objective-c m, elixir ex, erlang erl, clojure clj, golang go, latex tex, math tex, text txt, plaintext txt, regex txt,
  assembly asm, vb vb, solidity sol, ocaml ml, fortran f90, jinja2 html, batch bat`
    .split(/,\s+/)
    .map((pair) => pair.split(" ")),
); // of languages whose files do not end in their name
const WHOLE_NAMES = { dockerfile: "Dockerfile", makefile: "Makefile" };

// The name that is written after the language (`python:src/app.py`), or one with the extension of the language.
function fileName(written) {
  const [, language, name] = written.match(/^\{?\.?([^\s{}:,]*)(?::(.+))?/);
  const own = name
    ?.split(/[\\/]/)
    .at(-1)
    .replace(/[^\p{L}\p{N}._ -]/gu, "");
  const known = language.toLowerCase();
  if (own && /[\p{L}\p{N}]/u.test(own)) return own;
  if (known in WHOLE_NAMES) return WHOLE_NAMES[known];
  return `code.${EXTENSIONS[known] ?? (/^[a-z0-9]{1,10}$/.test(known) ? known : "txt")}`;
}

function download(figure) {
  // as text, a name without an extension would be given one
  const content = new Blob([figure.querySelector("code").textContent], { type: "application/octet-stream" });
  const href = URL.createObjectURL(content);
  const link = document.createElement("a");
  Object.assign(link, { href, download: fileName(figure.querySelector(".language").textContent) }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

const figuresOf = (prose) => prose.querySelectorAll("figure.code");
const wrapped = new WeakMap(); // by the text that they are in: the places of the blocks whose lines are wrapped

function showWrapped(prose) {
  for (const place of wrapped.get(prose))
    figuresOf(prose)[place]?.querySelector(".code-wrap")?.setAttribute("aria-pressed", "true");
}

// A block that grows is made anew when it ends; it stays as it was.
function wrap(button) {
  const prose = button.closest(".prose");
  const place = [...figuresOf(prose)].indexOf(button.closest("figure"));
  if (!wrapped.has(prose)) {
    wrapped.set(prose, new Set());
    new MutationObserver(() => showWrapped(prose)).observe(prose, { childList: true, subtree: true });
  }
  const move = heldLine(button.closest("figure"));
  if (wrapped.get(prose).delete(place)) button.setAttribute("aria-pressed", "false");
  else wrapped.get(prose).add(place);
  showWrapped(prose);
  move();
}

// Keeps the first line that is in sight below the head where it is; returns what moves it back.
function heldLine(figure) {
  const scroller = figure.closest(".scroller");
  const { left, bottom } = figure.querySelector("figcaption").getBoundingClientRect();
  const place = document.caretPositionFromPoint?.(left + 16, bottom + 8);
  if (!scroller || !(place?.offsetNode instanceof Text) || !figure.contains(place.offsetNode)) return () => {};
  const range = document.createRange();
  range.setStart(place.offsetNode, Math.max(0, Math.min(place.offset, place.offsetNode.length - 1)));
  range.setEnd(place.offsetNode, Math.min(place.offsetNode.length, range.startOffset + 1));
  const before = range.getBoundingClientRect().top;
  return () => (scroller.scrollTop += range.getBoundingClientRect().top - before);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("figure.code button");
  if (button?.matches(".code-wrap")) wrap(button);
  if (button?.matches(".code-download")) download(button.closest("figure"));
});
