// Prints the whole chat: a page holds its last turns, so those above come for as long as it is printed.
import { currentPath, localAddress } from "parlour/addresses.js";

let older; // what was added

// A browser waits for nothing before it prints, so this has to be asked for in one go.
function ask(address) {
  const request = new XMLHttpRequest();
  try {
    request.open("GET", address, false);
    request.send();
    return request.status === 200 ? JSON.parse(request.responseText).html : "";
  } catch {
    return ""; // the server is away: what the page has is printed
  }
}

function begin() {
  const [, id] = currentPath().match(/^\/c\/([^/]+)/) ?? [];
  const first = /** @type {HTMLElement | null} */ (document.querySelector(".thread > .turn"));
  const hasMore = document.querySelector(
    ".thread > .q-intersection:not(.hidden), .thread > q-intersection:not(.hidden)",
  );
  if (older || !id || !first || !hasMore) return;
  older = Object.assign(document.createElement("div"), { className: "older-turns" });
  older.innerHTML = ask(localAddress(`/print/${id}?before=${encodeURIComponent(first.dataset.turn)}`));
  first.before(older);
}

function end() {
  older?.remove();
  older = undefined;
}

addEventListener("beforeprint", begin);
addEventListener("afterprint", end);
matchMedia("print").addEventListener("change", ({ matches }) => (matches ? begin() : end()));
