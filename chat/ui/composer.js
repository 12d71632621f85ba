// The browser's half of Composer. The text box belongs to the browser; the server hears of it when it is sent.
const COMPOSED_JUST_NOW = 50; // ms after compositionend in which Safari still reports the Enter that ended it

export default {
  template: `
    <form class="composer" :class="{ running }" @submit.prevent="send">
      <textarea ref="box" data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message"
        :enterkeyhint="touch ? 'enter' : 'send'" @keydown="key" @input="fit" @compositionend="composed = $event.timeStamp"
      ></textarea>
      <div class="composer-row">
        <span class="composer-hint" v-if="!touch">Shift + Enter for a new line</span>
        <span class="spacer"></span>
        <button type="submit" class="send" data-testid="send" aria-label="Send" title="Send">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i>
        </button>
        <button type="button" class="stop" data-testid="stop" aria-label="Stop" title="Stop" @click="$emit('stop')"></button>
      </div>
      <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
    </form>`,
  props: { running: Boolean, longest: Number },
  data() {
    return { problem: "", touch: window.matchMedia("(pointer: coarse)").matches };
  },
  mounted() {
    this.composed = -Infinity;
    if (!this.touch) this.$refs.box.focus(); // on a phone this would open the keyboard
  },
  methods: {
    key(event) {
      const composing = event.isComposing || event.keyCode === 229;
      const justComposed = event.timeStamp - this.composed < COMPOSED_JUST_NOW;
      this.composed = -Infinity; // only the very next key can be the one that ended the composition
      if (event.key === "Escape" && this.running) return this.$emit("stop");
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
      this.setText("");
      this.$emit("send", text);
      this.$el.closest(".room")?.querySelector(".scroller")?.scrollTo({ top: 0 });
    },
    giveBack(text) {
      const since = this.$refs.box.value;
      this.setText(since.trim() ? `${text}\n${since}` : text);
    },
    setText(text) {
      this.$refs.box.value = text;
      this.fit();
    },
    fit() {
      const box = this.$refs.box;
      box.style.height = "auto";
      box.style.height = `${box.scrollHeight}px`; // the style sheet sets the most
    },
  },
};
