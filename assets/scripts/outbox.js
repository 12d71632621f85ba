// What a prompt box has that the server has not confirmed: what stands in it, and what was sent from it. All of that is
// kept in the browser and told again, so that nothing is lost whatever happens to page or connection.
(() => {
  const REST = 500; // ms without a key after which the server hears what was written
  const AGAIN = 4000; // ms after which the server hears again what it has not confirmed
  const MOST_BYTES = 900_000; // a message to the server may hold a megabyte

  function recall(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function keep(key, value) {
    try {
      if (value) localStorage.setItem(key, JSON.stringify(value));
      else localStorage.removeItem(key);
    } catch {} // storage is full or blocked: the page still has it
  }

  // `crypto.randomUUID` is missing on plain HTTP.
  const newId = () =>
    "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
      (+digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+digit / 4)))).toString(16),
    );

  // As it goes to the server: NiceGUI puts JSON into JSON, so that a line break takes three bytes.
  const tooLarge = (text) =>
    text.length * 14 > MOST_BYTES && new Blob([JSON.stringify(JSON.stringify(text))]).size > MOST_BYTES;

  const isConnected = () => Boolean(window.socket?.connected);

  class Outbox {
    // `content` reads the box, `emit` tells the server.
    constructor({ place, conversation, content, emit }) {
      this.place = place;
      this.conversation = conversation;
      this.content = content;
      this.emit = emit;
      this.version = 0; // of what stands in the box
      this.isFresh = false; // whether the server has not confirmed it
      this.begun = false; // whether something was sent from here
      this.left = this.leftBy("unsent");
      this.sent = this.leftBy("sent") ?? [];
      if (this.sent.length)
        emit(
          "reconcile",
          this.sent.map(({ id, conversation }) => ({ id, conversation })),
        );
      this.timer = setInterval(() => this.tellAgain(), AGAIN);
    }

    // What an earlier page has left here, or at the place where this conversation began.
    leftBy(kind) {
      const here = recall(`${kind} ${this.place}`);
      const before = here ?? recall(`${kind} new`);
      if (before === here || [before].flat()[0]?.conversation !== this.conversation) return here;
      keep(`${kind} new`, null);
      keep(`${kind} ${this.place}`, before);
      return before;
    }

    written() {
      this.version += 1;
      this.isFresh = true;
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.tell(), REST);
      this.keeping ??= setTimeout(() => this.keepFresh(), REST / 2); // for whom the keys never rest
    }

    keepFresh() {
      clearTimeout(this.keeping);
      this.keeping = null;
      const conversation = this.begun ? this.conversation : null;
      if (this.isFresh) keep(`unsent ${this.place}`, { conversation, ...this.content() });
    }

    tell() {
      clearTimeout(this.resting);
      if (!this.isFresh) return;
      this.keepFresh();
      const content = this.content();
      if (isConnected() && !tooLarge(content.text)) this.emit("draft", { version: this.version, ...content });
    }

    heard(version) {
      if (version !== this.version) return;
      clearTimeout(this.keeping);
      this.keeping = null;
      this.isFresh = false;
      keep(`unsent ${this.place}`, null);
    }

    send(content) {
      const message = { id: newId(), conversation: this.conversation, ...content };
      this.sent.push(message);
      keep(`sent ${this.place}`, this.sent);
      this.begun = true;
      this.emit("send", message);
    }

    // Returns what was sent under this id.
    confirm(id) {
      const message = this.sent.find((each) => each.id === id);
      this.sent = this.sent.filter((each) => each.id !== id);
      keep(`sent ${this.place}`, this.sent.length ? this.sent : null);
      return message;
    }

    tellAgain() {
      if (!isConnected()) return;
      for (const message of this.sent) this.emit("send", message);
      this.tell();
    }

    close() {
      this.tell();
      clearInterval(this.timer);
      clearTimeout(this.resting);
      clearTimeout(this.keeping);
    }
  }

  window.ParlourOutbox = Object.assign(Outbox, { tooLarge, isConnected });
})();
