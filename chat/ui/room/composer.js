// The browser's half of Composer. What is written belongs to the browser. The server hears of it when the keys
// rest, and what it has not heard of yet is kept here: nothing is lost, whatever happens to page or connection.
const MOST_BYTES = 900_000; // a message to the server may hold a megabyte
const COMPOSED_JUST_NOW = 50; // ms after compositionend in which Safari still reports the Enter that ended it
const REST = 500; // ms without a key after which the server hears what was written
const AGAIN = 4000; // ms after which the server hears again what it has not confirmed

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
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16),
  );

export default {
  template: `
    <form class="composer" :class="{ running }" @submit.prevent="send">
      <textarea ref="box" data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message"
        :enterkeyhint="touch ? 'enter' : 'send'" @keydown="key" @input="written" @blur="tell"
        @compositionend="composed = $event.timeStamp"
      ></textarea>
      <div class="composer-row">
        <span class="composer-hint" v-if="!touch">Shift + Enter for a new line</span>
        <span class="spacer"></span>
        <button type="button" class="stop" data-testid="stop" aria-label="Stop" title="Stop" @click="stop"></button>
        <button type="submit" class="send" data-testid="send" :aria-label="sends" :title="sends">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i>
        </button>
      </div>
      <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
    </form>`,
  props: { running: Boolean, longest: Number, conversation: String, place: String, unsent: Object },
  data() {
    return { problem: "", touch: window.matchMedia("(pointer: coarse)").matches };
  },
  computed: {
    sends() {
      return this.running ? "Send after this answer" : "Send";
    },
  },
  mounted() {
    this.composed = -Infinity;
    this.version = 0; // of what stands here
    this.fresh = null; // set as long as the server has not confirmed what stands here
    this.begun = false; // whether something was sent from here
    this.sent = this.left("sent") ?? []; // what was sent and the server has not confirmed
    const fresh = this.left("unsent");
    this.put(fresh ?? this.unsent);
    if (fresh) this.written();
    if (this.sent.length) this.$emit("recall", this.sent.map(({ id, conversation }) => ({ id, conversation })));
    this.timer = setInterval(this.tellAgain, AGAIN);
    window.addEventListener("pagehide", this.tell);
    if (!this.touch) this.$refs.box.focus(); // on a phone this would open the keyboard
  },
  beforeUnmount() {
    this.tell();
    clearInterval(this.timer);
    clearTimeout(this.resting);
    window.removeEventListener("pagehide", this.tell);
  },
  methods: {
    // What an earlier page has left here, or at the place where this conversation began.
    left(kind) {
      const here = recall(`${kind} ${this.place}`);
      const before = here ?? recall(`${kind} new`);
      if (before === here || [before].flat()[0]?.conversation !== this.conversation) return here;
      keep(`${kind} new`, null);
      keep(`${kind} ${this.place}`, before);
      return before;
    },
    stop() {
      this.$emit("stop");
      if (!this.touch) this.$refs.box.focus();
    },
    key(event) {
      const composing = event.isComposing || event.keyCode === 229;
      const justComposed = event.timeStamp - this.composed < COMPOSED_JUST_NOW;
      this.composed = -Infinity; // only the very next key can be the one that ended the composition
      if (composing || justComposed) return;
      if (event.key === "ArrowUp" && !this.$refs.box.value) this.editLast(event);
      if (event.key !== "Enter" || event.shiftKey || this.touch) return;
      event.preventDefault();
      this.send();
    },
    // The last question, or what waits to be one.
    editLast(event) {
      const room = this.$el.closest(".room");
      const last = [...(room?.querySelectorAll('[data-testid="edit"], [data-testid="queued-edit"]') ?? [])].pop();
      if (!last) return;
      event.preventDefault();
      last.click();
    },
    send() {
      const text = this.$refs.box.value;
      this.problem = text.trim() ? this.obstacle(text) : "";
      if (!text.trim() || this.problem) return;
      const message = { id: newId(), conversation: this.conversation, text };
      this.sent.push(message);
      keep(`sent ${this.place}`, this.sent);
      this.begun = true;
      this.$emit("send", message);
      this.put({ text: "" });
      this.written();
      this.tell();
      this.$el.closest(".room")?.querySelector(".scroller")?.scrollTo({ top: 0 });
    },
    obstacle(text) {
      if (text.length > this.longest)
        return `This message has ${text.length} characters, the most is ${this.longest}. Send it in parts.`;
      if (tooLarge(text)) return "This message is too large to be sent at once. Send it in parts.";
      if (!window.socket?.connected)
        return "The connection is lost. Your message stays here; send it when the connection is back.";
      return "";
    },
    accept(id) {
      this.forget(id);
    },
    refuse(id, sentence) {
      const message = this.sent.find((each) => each.id === id);
      this.forget(id);
      this.problem = sentence;
      if (message) this.giveBack(message);
    },
    forget(id) {
      this.sent = this.sent.filter((each) => each.id !== id);
      keep(`sent ${this.place}`, this.sent.length ? this.sent : null);
    },
    // Puts what was not sent, or is to be edited, before what was written since.
    giveBack({ text }) {
      const since = this.$refs.box.value;
      this.put({ text: since.trim() ? `${text}\n${since}` : text });
      this.written();
      if (!this.touch) this.$refs.box.focus();
    },
    // What was written elsewhere, unless somebody is writing here.
    show(unsent) {
      if (!this.fresh && unsent.text !== this.$refs.box.value) this.put(unsent);
    },
    put({ text }) {
      this.$refs.box.value = text;
      this.fit();
    },
    written() {
      this.version += 1;
      this.fresh = { conversation: this.begun ? this.conversation : null };
      this.fit();
      clearTimeout(this.resting);
      this.resting = setTimeout(this.tell, REST);
      this.keeping ??= setTimeout(this.keepFresh, REST / 2); // for whom the keys never rest
    },
    keepFresh() {
      clearTimeout(this.keeping);
      this.keeping = null;
      if (this.fresh) keep(`unsent ${this.place}`, { ...this.fresh, text: this.$refs.box.value });
    },
    tell() {
      clearTimeout(this.resting);
      if (!this.fresh || !this.$refs.box) return; // a box that is being removed loses the focus too
      this.keepFresh();
      const text = this.$refs.box.value;
      if (window.socket?.connected && !tooLarge(text)) this.$emit("write", { version: this.version, text });
    },
    heard(version) {
      if (version !== this.version) return;
      clearTimeout(this.keeping);
      this.keeping = this.fresh = null;
      keep(`unsent ${this.place}`, null);
    },
    tellAgain() {
      if (!window.socket?.connected) return;
      this.sent.forEach((message) => this.$emit("send", message));
      this.tell();
    },
    fit() {
      if (CSS.supports("field-sizing", "content")) return;
      const box = this.$refs.box;
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`; // the style sheet sets the most
    },
  },
};

// As it goes to the server: NiceGUI puts JSON into JSON, so that a line break takes three bytes.
function tooLarge(text) {
  return text.length * 14 > MOST_BYTES && new Blob([JSON.stringify(JSON.stringify(text))]).size > MOST_BYTES;
}
