// Between a prompt box and the server: what stands in the box, and what was sent from it. All of that is kept in the
// browser until the server has confirmed it, and told again, so that nothing is lost whatever happens to page or
// connection. The server's half is chat/ui/chat/composer.py, and prompt_sender.py beside it.
//
// A draft is what stands in the box: `{ version, text, attachments }`.
//   Key       There is one draft for each key: the id of a conversation, or "new" for one that has no turns yet. What the
//             browser keeps of a user of a team has their name after the key: the next one who signs in has none of it.
//   Versions  Each page counts the versions of its own box, from 1. They say which of its own words were stored; those of
//             two pages are never compared.
//   Sends     The page sends `draft` when the keys have rested for REST_TIME, when the box is left and when the page goes;
//             and again each RETRY_TIME until the server answers `confirmDraft` with that version. An answer to a version
//             that has been typed over is ignored.
//   Keeps     localStorage has it as "unsent KEY" from half a REST_TIME after the first key until it is confirmed; with
//             `waits`, for as long as it is to be sent by itself, and with `missing`, the names of files that are not
//             uploaded yet: a page that finds that says that it was not sent, and what is to be attached again.
//             The box of a new chat has a copy of its tab's own in sessionStorage, until that is sent: what is confirmed
//             of it another tab with a new chat may write over.
//             Of a temporary chat (`keeps` is false) nothing is kept: what a page has is lost with it.
//   Who wins  The last draft that the server gets takes the place of all others, and it is shown on all pages of that
//             conversation, but not where something has been written that the server has not confirmed: that is sent
//             soon, and is then the last; if it was sent, it is confirmed before anything later is shown. Two chats that
//             are both new share a draft on the server, not on their pages. When a page is loaded, what the browser has
//             kept wins over what the server has.
//
// A prompt is what was sent: `{ id, conversation, text, attachments, seen }`.
//   Ids       The page makes the id, a UUID, and it becomes the id of the turn. The server takes a prompt once, however
//             often it comes. `seen` is the last answer on the page: it says for which branch the prompt was written.
//   Sends     The page sends `send`, and again each RETRY_TIME until the server answers `confirmPrompt` (it is
//             stored) or `refusePrompt` (with a sentence; the words go back into the box, before what was written since).
//   Keeps     localStorage has those without an answer, in their order, as "sent KEY".
//   Reloaded  A page that finds such prompts asks with `reconcile`, by their ids, what became of them, and again each
//             RETRY_TIME. The server accepts those that it has and refuses the others; nothing is sent again without a
//             person's eyes on it.
//
// A conversation that begins was "new" until its first prompt: what is kept there names its id, and goes with it to its
// own key when the server says so with `moveDraft`, or when a page of that conversation is loaded.
import { load, store } from "parlour/browser_storage.js";
import { isConnected } from "parlour/connection.js";

const REST_TIME = 500; // ms without a key after which the server hears what was written
const RETRY_TIME = 4000; // ms after which the server hears again what it has not confirmed
const MAX_BYTES = 900_000; // a message to the server may hold a megabyte

// `crypto.randomUUID` is missing on plain HTTP.
const newId = () =>
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
  );

// As it goes to the server: NiceGUI puts JSON into JSON, so that a line break takes three bytes.
export const isTooLarge = (text) =>
  text.length * 14 > MAX_BYTES && new Blob([JSON.stringify(JSON.stringify(text))]).size > MAX_BYTES;

export class Outbox {
  // `content` reads the box, `missing` names the files that are being uploaded, `emit` tells the server.
  constructor({ draftKey, conversation, content, missing, emit, keeps = true, user = "" }) {
    this.keeps = keeps; // in the browser
    this.user = user; // of a team

    this.draftKey = draftKey;
    this.conversation = conversation;
    this.content = content;
    this.missing = missing;
    this.emit = emit;
    this.version = 0; // of what stands in the box
    this.isUnconfirmed = false; // whether the server has not confirmed it
    this.waits = false; // whether it is to be sent by itself, as soon as that is possible
    this.hasSent = false; // whether something was sent from here
    this.restored = this.ownCopy() ?? this.restore("unsent");
    this.sent = this.restore("sent") ?? [];
    this.earlier = new Set(this.sent.map(({ id }) => id)); // what an earlier page has sent
    this.reconcile();
    this.retryTimer = setInterval(() => this.retry(), RETRY_TIME);
  }

  // What an earlier page has left here, or at the place where this conversation began.
  restore(kind) {
    if (!this.keeps) return null;
    const here = load("localStorage", this.place(kind));
    const before = here ?? load("localStorage", this.place(kind, "new"));
    if (before === here || [before].flat()[0]?.conversation !== this.conversation) return here;
    store("localStorage", this.place(kind, "new"), null);
    store("localStorage", this.place(kind), before);
    return before;
  }

  // What this tab has written for a new chat, whatever others have written for theirs since.
  ownCopy() {
    return this.keeps && this.draftKey === "new" ? load("sessionStorage", this.place("unsent")) : null;
  }

  storeOwnCopy(draft) {
    if (!this.keeps || this.draftKey !== "new") return;
    store("sessionStorage", this.place("unsent"), draft?.text || draft?.attachments.length ? draft : null);
  }

  // Where the browser keeps it.
  place(kind, key = this.draftKey) {
    return this.user ? `${kind} ${key} ${this.user}` : `${kind} ${key}`;
  }

  // The conversation has begun, and has a key of its own.
  move(draftKey) {
    const isNew = draftKey === "new"; // it was a temporary chat, and is none any more
    if (isNew) this.store("unsent", null);
    this.storeOwnCopy(null);
    this.draftKey = draftKey;
    for (const kind of ["unsent", "sent"]) this.restore(kind);
    if (isNew) this.storeDraft();
  }

  store(kind, value) {
    if (this.keeps) store("localStorage", this.place(kind), value);
  }

  // Whether what is written may stay in the browser; if not, what this page has left there goes.
  setKeeps(keeps) {
    if (!keeps && this.isKept()) this.store("unsent", null);
    if (!keeps) this.storeOwnCopy(null);
    this.keeps = keeps;
  }

  setWaits(waits) {
    if (waits === this.waits) return;
    this.waits = waits;
    this.storeDraft();
  }

  isKept() {
    return this.isUnconfirmed || this.waits || this.missing().length > 0;
  }

  change() {
    this.version += 1;
    this.isUnconfirmed = true;
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => this.sendDraft(), REST_TIME);
    this.storeTimer ??= setTimeout(() => this.storeDraft(), REST_TIME / 2); // for whom the keys never rest
  }

  storeDraft() {
    clearTimeout(this.storeTimer);
    this.storeTimer = null;
    const conversation = this.hasSent ? this.conversation : null;
    const draft = { conversation, waits: this.waits, missing: this.missing(), ...this.content() };
    this.store("unsent", this.isKept() ? draft : null);
    if (!this.hasSent) this.storeOwnCopy(draft);
  }

  sendDraft() {
    clearTimeout(this.restTimer);
    if (!this.isUnconfirmed) return;
    this.storeDraft();
    const content = this.content();
    if (isConnected() && !isTooLarge(content.text)) this.emit("draft", { version: this.version, ...content });
  }

  confirmDraft(version) {
    if (version !== this.version) return;
    clearTimeout(this.storeTimer);
    this.storeTimer = null;
    this.isUnconfirmed = false;
    if (!this.isKept()) this.store("unsent", null);
  }

  send(content) {
    const message = { id: newId(), conversation: this.conversation, ...content };
    this.sent.push(message);
    this.store("sent", this.sent);
    this.hasSent = true;
    this.storeOwnCopy(null);
    this.emit("send", message);
  }

  // Returns what was sent under this id.
  confirmPrompt(id) {
    const message = this.sent.find((each) => each.id === id);
    this.sent = this.sent.filter((each) => each.id !== id);
    this.store("sent", this.sent.length ? this.sent : null);
    return message;
  }

  reconcile() {
    const asked = this.sent.filter(({ id }) => this.earlier.has(id));
    const ids = asked.map(({ id, conversation }) => ({ id, conversation }));
    if (ids.length) this.emit("reconcile", ids);
  }

  retry() {
    if (!isConnected()) return;
    this.reconcile();
    for (const message of this.sent) if (!this.earlier.has(message.id)) this.emit("send", message);
    this.sendDraft();
  }

  close() {
    this.sendDraft();
    clearInterval(this.retryTimer);
    clearTimeout(this.restTimer);
    clearTimeout(this.storeTimer);
  }
}
