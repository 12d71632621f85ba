// The browser's half of Composer. What is written belongs to the browser. The server hears of it when the keys
// rest, and what it has not heard of yet is kept here: nothing is lost, whatever happens to page or connection.
const MOST_BYTES = 900_000; // a message to the server may hold a megabyte
const COMPOSED_JUST_NOW = 50; // ms after compositionend in which Safari still reports the Enter that ended it
const REST = 500; // ms without a key after which the server hears what was written
const AGAIN = 4000; // ms after which the server hears again what it has not confirmed
const LONG_PASTE = 5000; // characters from which on a pasted text becomes a file

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
      <tray ref="tray" :limits="limits" @change="written" @problem="problem = $event" />
      <textarea ref="box" data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message"
        :enterkeyhint="touch ? 'enter' : 'send'" @keydown="key" @input="written" @blur="tell" @paste="paste"
        @compositionend="composed = $event.timeStamp"
      ></textarea>
      <div class="composer-row">
        <button type="button" class="icon-button attach" data-testid="attach" aria-label="Attach files" title="Attach files"
          @click="$refs.picker.click()"><i class="q-icon material-symbols-outlined" aria-hidden="true">add</i></button>
        <input ref="picker" type="file" multiple hidden @change="pick">
        <span class="composer-hint" v-if="!touch">Shift + Enter for a new line</span>
        <span class="spacer"></span>
        <button type="button" class="stop" data-testid="stop" aria-label="Stop" title="Stop" @click="stop"></button>
        <button type="submit" class="send" data-testid="send" :aria-label="sends" :title="sends">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i>
        </button>
      </div>
      <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
      <p v-if="warning" class="composer-warning" role="status">{{ warning }}</p>
    </form>`,
  components: { tray: window.parlourAttachments },
  props: {
    running: Boolean, warning: String, longest: Number, limits: Object,
    conversation: String, place: String, unsent: Object,
  },
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
    document.addEventListener("parlour-files", this.drop);
    if (!this.touch) this.$refs.box.focus(); // on a phone this would open the keyboard
  },
  beforeUnmount() {
    this.tell();
    clearInterval(this.timer);
    clearTimeout(this.resting);
    window.removeEventListener("pagehide", this.tell);
    document.removeEventListener("parlour-files", this.drop);
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
      this.plain = event.shiftKey && event.key.toLowerCase() === "v";
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
    pick({ target }) {
      this.add([...target.files]);
      target.value = ""; // so that the same file can be picked again
    },
    drop({ detail }) {
      this.add(detail);
    },
    // What an office program copies is text and a picture of it: the text is meant.
    paste(event) {
      const text = event.clipboardData.getData("text/plain");
      const isLong = text.length > LONG_PASTE && !this.plain;
      const files = isLong ? [asFile(text, this.$refs.tray.files)] : text ? [] : [...event.clipboardData.files];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    },
    add(files) {
      this.problem = "";
      this.$refs.tray.add(files);
      if (!this.touch) this.$refs.box.focus();
    },
    send() {
      const message = { id: newId(), conversation: this.conversation, ...this.content() };
      const isEmpty = !message.text.trim() && !message.attachments.length;
      this.problem = this.obstacle(message.text) || (isEmpty ? "" : this.lostLine());
      if (isEmpty || this.problem) return;
      this.sent.push(message);
      keep(`sent ${this.place}`, this.sent);
      this.begun = true;
      this.$emit("send", message);
      this.put({ text: "", attachments: [] });
      this.written();
      this.tell();
      this.$el.closest(".room")?.querySelector(".scroller")?.scrollTo({ top: 0 });
    },
    content() {
      return { text: this.$refs.box.value, attachments: this.$refs.tray.uploaded() };
    },
    obstacle(text) {
      if (this.$refs.tray.isUploading()) return "A file is still on its way. Send the message when it has arrived.";
      if (text.length > this.longest)
        return `This message has ${text.length} characters, the most is ${this.longest}. Send it in parts, or as a file.`;
      return tooLarge(text) ? "This message is too large to be sent at once. Send it in parts, or as a file." : "";
    },
    lostLine() {
      return window.socket?.connected
        ? ""
        : "The connection is lost. Your message stays here; send it when the connection is back.";
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
    giveBack({ text, attachments }) {
      const since = this.content();
      this.put({
        text: since.text.trim() ? `${text}\n${since.text}` : text,
        attachments: [...attachments, ...since.attachments],
      });
      this.written();
      if (!this.touch) this.$refs.box.focus();
    },
    // What was written elsewhere, unless somebody is writing here.
    show(unsent) {
      if (!this.fresh && !this.$refs.tray.isUploading()) this.put(unsent);
    },
    put({ text, attachments = [] }) {
      if (text !== this.$refs.box.value) this.$refs.box.value = text; // else the cursor would move
      this.$refs.tray.put(attachments);
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
      if (this.fresh) keep(`unsent ${this.place}`, { ...this.fresh, ...this.content() });
    },
    tell() {
      clearTimeout(this.resting);
      if (!this.fresh || !this.$refs.box) return; // a box that is being removed loses the focus too
      this.keepFresh();
      const content = this.content();
      if (window.socket?.connected && !tooLarge(content.text)) this.$emit("write", { version: this.version, ...content });
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

// A text that is too long for a message.
function asFile(text, others) {
  const number = others.filter(({ name }) => name.startsWith("Pasted text")).length;
  return new File([text], `Pasted text${number ? ` ${number + 1}` : ""}.txt`, { type: "text/plain" });
}

// As it goes to the server: NiceGUI puts JSON into JSON, so that a line break takes three bytes.
function tooLarge(text) {
  return text.length * 14 > MOST_BYTES && new Blob([JSON.stringify(JSON.stringify(text))]).size > MOST_BYTES;
}
