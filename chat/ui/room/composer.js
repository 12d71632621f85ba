// The browser's half of Composer. The text box belongs to the browser; the server hears of it when it is sent.
const MOST_BYTES = 900_000; // a message to the server may hold a megabyte
const COMPOSED_JUST_NOW = 50; // ms after compositionend in which Safari still reports the Enter that ended it

export default {
  template: `
    <form class="composer" :class="{ running }" @submit.prevent="send">
      <textarea ref="box" data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message"
        :enterkeyhint="touch ? 'enter' : 'send'" @keydown="key" @input="written" @compositionend="composed = $event.timeStamp"
      ></textarea>
      <div class="composer-row">
        <span class="composer-hint" v-if="!touch">Shift + Enter for a new line</span>
        <span class="spacer"></span>
        <button type="submit" class="send" data-testid="send" aria-label="Send" title="Send">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i>
        </button>
        <button type="button" class="stop" data-testid="stop" aria-label="Stop" title="Stop" @click="stop"></button>
      </div>
      <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
    </form>`,
  props: { running: Boolean, longest: Number },
  data() {
    return { problem: "", touch: window.matchMedia("(pointer: coarse)").matches };
  },
  mounted() {
    this.composed = -Infinity;
    this.draftOf = `draft of ${location.pathname}`;
    // Nothing typed is lost when the page is loaded anew, or when the first message of a chat gets it an address.
    this.setText(window.parlourCarried || sessionStorage.getItem(this.draftOf) || "");
    window.parlourCarried = "";
    if (!this.touch) this.$refs.box.focus(); // on a phone this would open the keyboard
  },
  beforeUnmount() {
    if (this.hasSent && this.draftOf.endsWith(" /")) {
      window.parlourCarried = this.$refs.box.value;
      sessionStorage.removeItem(this.draftOf);
    }
  },
  methods: {
    stop() {
      this.$emit("stop");
      if (!this.touch) this.$refs.box.focus();
    },
    key(event) {
      const composing = event.isComposing || event.keyCode === 229;
      const justComposed = event.timeStamp - this.composed < COMPOSED_JUST_NOW;
      this.composed = -Infinity; // only the very next key can be the one that ended the composition
      if (event.key !== "Enter" || event.shiftKey || composing || justComposed || this.touch) return;
      event.preventDefault();
      this.send();
    },
    send() {
      const text = this.$refs.box.value;
      this.problem = "";
      if (!text.trim()) return;
      if (text.length > this.longest) {
        this.problem = `This message has ${text.length} characters, the most is ${this.longest}. Send it in parts.`;
        return;
      }
      if (new Blob([JSON.stringify(text)]).size > MOST_BYTES) {
        this.problem = "This message is too large to be sent at once. Send it in parts.";
        return;
      }
      if (!window.socket?.connected) {
        this.problem = "The connection is lost. Your message stays here; send it when the connection is back.";
        return;
      }
      this.setText("");
      this.hasSent = true;
      this.$emit("send", text);
      this.$el.closest(".room")?.querySelector(".scroller")?.scrollTo({ top: 0 });
    },
    giveBack(text) {
      const since = this.$refs.box.value;
      this.setText(since.trim() ? `${text}\n${since}` : text);
    },
    setText(text) {
      this.$refs.box.value = text;
      this.written();
    },
    written() {
      sessionStorage.setItem(this.draftOf, this.$refs.box.value);
      this.fit();
    },
    fit() {
      const box = this.$refs.box;
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`; // the style sheet sets the most
    },
  },
};
