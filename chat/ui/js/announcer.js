// Says something to those who listen to a page: a line that only the browser writes to. What the server says stands in
// lines that are Vue's, which would go on to write to what was replaced here.
const SILENCE = 100; // ms for which the line is empty before: the same words again would be no news, nor those of a new line
let timer;

// Beside a modal dialog nothing is heard.
function statusLine() {
  const place = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (!place.querySelector(":scope > .announcer"))
    place.insertAdjacentHTML("beforeend", `<p class="announcer visually-hidden" role="status"></p>`);
  return place.querySelector(":scope > .announcer");
}

export function announce(sentence) {
  clearTimeout(timer);
  statusLine().textContent = "";
  timer = setTimeout(() => (statusLine().textContent = sentence), SILENCE);
}

statusLine(); // only a line that has been there before is sure to be heard
