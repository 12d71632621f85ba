// Reads an answer aloud by the voices of the browser: its words, without code, formulas, pictures and buttons.
const NOISE = "figure.code, math, .math-source, svg, img, button, .table-tools, [aria-hidden=true], .visually-hidden";
const BLOCKS = "p, li, h1, h2, h3, h4, h5, h6, td, th, dt, dd, blockquote, summary, hr, br";
const MAX_LENGTH = 220; // characters at once: some voices break off in the middle of more
const SCRIPTS = {
  ja: /[\u3040-\u30ff]/g,
  ko: /[\uac00-\ud7af]/g,
  zh: /[\u4e00-\u9fff]/g,
  ru: /[\u0400-\u04ff]/g,
  ar: /[\u0600-\u06ff]/g,
  he: /[\u0590-\u05ff]/g,
  el: /[\u0370-\u03ff]/g,
  hi: /[\u0900-\u097f]/g,
  th: /[\u0e00-\u0e7f]/g,
};
const COMMON_WORDS = {
  en: "the and of to is in that it for are with this you",
  de: "der die das und ist nicht ein eine zu den mit für auch sich",
  fr: "le la les des et est une pour que dans qui pas vous sur",
  es: "el los las que una por con para es del como más pero",
  it: "il che di una per sono non con della più anche gli",
  pt: "não uma que os com para mais são dos também você em",
  nl: "het een van en niet dat zijn voor met ook je",
  sv: "och att det som är en inte för på av ett",
  pl: "nie się jest na że do jak są oraz dla",
};

/** @type {(() => void) | undefined} */
let onStopped;

export const readingObstacle = () =>
  "speechSynthesis" in window ? "" : "This browser cannot read aloud. The system may have a screen reader.";

/** @param {Element} answer */
export function spokenText(answer) {
  const copy = /** @type {Element} */ (answer.cloneNode(true));
  for (const noise of copy.querySelectorAll(NOISE)) noise.remove();
  for (const block of copy.querySelectorAll(BLOCKS)) block.before("\n");
  return copy.textContent
    .replace(/[^\S\n]+/g, " ")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
}

// By its letters, or by its commonest words; that of the browser if neither tells.
function languageOf(text) {
  const letters = text.match(/\p{L}/gu)?.length || 1;
  const found = Object.entries(SCRIPTS).find(([, letter]) => (text.match(letter)?.length ?? 0) > letters / 5);
  if (found) return found[0];
  const words = new Set(text.toLowerCase().match(/\p{L}+/gu));
  const own = navigator.language.split("-")[0];
  const hits = (name) => COMMON_WORDS[name].split(" ").filter((word) => words.has(word)).length;
  const names = Object.keys(COMMON_WORDS).sort((a, b) => hits(b) - hits(a) || Number(b === own) - Number(a === own));
  return hits(names[0]) && names[0] !== own ? names[0] : navigator.language;
}

// Sentences together as far as there is room.
function utterancesOf(text) {
  const pieces = [];
  for (const line of text.split("\n")) {
    const sentences = line.match(new RegExp(`[^.!?。！？]{1,${MAX_LENGTH}}[.!?。！？]*\\s*`, "gu")) ?? [];
    let piece = "";
    for (const sentence of sentences) {
      if (piece && piece.length + sentence.length > MAX_LENGTH) pieces.push(piece);
      piece = piece && piece.length + sentence.length > MAX_LENGTH ? sentence : piece + sentence;
    }
    pieces.push(piece);
  }
  return pieces.map((piece) => piece.trim()).filter(Boolean);
}

/**
 * @param {string} text
 * @param {(problem: string) => void} onEnd - called once, also if something else is read instead
 */
export function readAloud(text, onEnd) {
  stopReading();
  const pieces = utterancesOf(text);
  if (!pieces.length) return onEnd("There are no words to read here.");
  const stopped = () => onEnd("");
  const end = (problem) => {
    if (onStopped !== stopped) return; // it was stopped
    onStopped = undefined;
    onEnd(problem);
  };
  onStopped = stopped;
  const lang = languageOf(text);
  for (const [place, piece] of pieces.entries()) {
    const utterance = Object.assign(new SpeechSynthesisUtterance(piece), { lang });
    utterance.onerror = () => end("This browser has no voice to read with.");
    if (place === pieces.length - 1) utterance.onend = () => end("");
    speechSynthesis.speak(utterance);
  }
}

export function stopReading() {
  const stopped = onStopped;
  onStopped = undefined;
  if (stopped) speechSynthesis.cancel();
  stopped?.();
}

window.addEventListener("pagehide", stopReading);
