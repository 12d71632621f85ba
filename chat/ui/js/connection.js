// The connection to the server. While it is away a page stays as it is: it notices soon, tries again often, and reloads
// only when the server is there and has forgotten it.
import { announce } from "parlour/announcer.js";

const MAX_RECONNECT_DELAY = 2000; // ms between two attempts to connect
const CONNECT_TIMEOUT = 6000; // ms that one attempt may take
const ACK_TIMEOUT = 3000; // ms in which the server answers who has come back to the page
const SAY_LOSS_AFTER = 1000; // ms; to those who listen a connection that is back sooner was never lost

export const NOT_SENT = "Not sent: the connection was lost. Send it again."; // as the server says it

export const isConnected = () => Boolean(window.socket?.connected);

// Ends the connection for good: nothing that NiceGUI would do with it happens any more.
export function disconnect() {
  window.socket?.off();
  window.socket?.disconnect();
}

// NiceGUI 3.18 makes its socket when the page is mounted, and tells nobody.
export function withSocket(use) {
  if (window.socket) use(window.socket);
  else setTimeout(() => withSocket(use), 20);
}

// After an attempt that took too long NiceGUI 3.18 loads the page anew. While the network is away that ends at
// an error page of the browser, with the conversation gone from the screen. So its handler goes.
function neverReloadIntoNothing(socket) {
  socket.off("connect_error");
  socket.on("connect_error", ({ message }) => {
    if (message === "Implicit handshake failed") location.reload(); // the server is there, and knows us no more
  });
  socket.io.timeout(CONNECT_TIMEOUT);
  socket.io.reconnectionDelayMax(MAX_RECONNECT_DELAY);
}

// After a sleep, in another network, or thawed, a page may hold a connection that leads nowhere.
function check(socket) {
  if (!socket.connected || document.hidden) return;
  const news = { client_id: window.clientId, next_message_id: window.nextMessageId };
  socket.timeout(ACK_TIMEOUT).emit("ack", news, (late) => late && socket.io.engine.close());
}

// What goes to the server has no half of a character: programs that cut texts make some, and the server could not read
// the message with it, so that it would be lost. `JSON.stringify` writes a half as an escape, and a whole one never.
function writeHalvesAsReplacements() {
  const halfOrEscape = /\\(?:u(d[89a-f][0-9a-f]{2})|.)/g;
  const { stringify } = JSON;
  JSON.stringify = (value, replacer, space) => {
    const text = stringify(value, replacer, space);
    return text?.includes("\\ud") ? text.replace(halfOrEscape, (all, half) => (half ? "\ufffd" : all)) : text;
  };
}

writeHalvesAsReplacements();

// What NiceGUI 3.18 shows of a loss is only seen.
function sayWhenLost(socket) {
  let isLost = false; // and that was said
  let timer;
  const say = () => {
    isLost = true;
    announce("Connection lost. Trying to reconnect …");
  };
  const sayNothing = () => clearTimeout(timer);
  socket.on("disconnect", () => {
    timer = setTimeout(say, SAY_LOSS_AFTER);
  });
  socket.on("connect", () => {
    sayNothing();
    if (isLost) announce("Connected again.");
    isLost = false;
  });
  window.addEventListener("pagehide", sayNothing); // who leaves the page has lost nothing
}

function tell() {
  document.dispatchEvent(new Event("parlour-connected"));
}

withSocket((socket) => {
  if (socket.connected) neverReloadIntoNothing(socket);
  else socket.once("connect", () => neverReloadIntoNothing(socket));
  if (socket.connected) tell(); // it was faster than we looked
  socket.on("connect", tell);
  sayWhenLost(socket);
  for (const moment of ["online", "focus", "pageshow"]) window.addEventListener(moment, () => check(socket));
  for (const moment of ["visibilitychange", "resume"]) document.addEventListener(moment, () => check(socket));
});
