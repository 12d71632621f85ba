// The growth of answers, as it comes over the socket: `[message, element, sequence, html, depth, dropped, tail]`, in which
// what is at the end may be missing. It is one of NiceGUI's numbered messages, so that it is sent again after an outage,
// but none that its page would evaluate: of that there are several a second, and each would be some 80 bytes longer.
// The server's half is `GrowingMarkdown` in chat/ui/chat/growing_markdown.py.
import { withSocket } from "parlour/connection.js";
import { expanded } from "parlour/shorthand.js";

const MAX_EARLY = 50; // messages kept for elements that are not on the page yet

const elements = new Map(); // what takes the growth of each element, by the number of the element
const early = new Map(); // the growth that came before its element

// An element that is on the page takes its growth from now on; what has come before it comes first.
export function takeGrowth(element, grow) {
  elements.set(element, grow);
  for (const operation of early.get(element) ?? []) grow(...operation);
  early.delete(element);
}

export const endGrowth = (element) => elements.delete(element);

function receive([message, element, sequence, html, ...rest]) {
  if (message < window.nextMessageId) return; // it came before the connection was lost
  window.nextMessageId = message + 1;
  const operation = sequence === undefined ? [] : [sequence, ...[html, ...rest].map(written)];
  const grow = elements.get(element);
  if (grow) return grow(...operation);
  if (early.size >= MAX_EARLY) early.delete(early.keys().next().value); // its element has gone by now
  early.set(element, [...(early.get(element) ?? []), operation].slice(-MAX_EARLY));
}

const written = (part) => (typeof part === "string" ? expanded(part) : part);

withSocket((socket) => socket.on("grow", receive));
