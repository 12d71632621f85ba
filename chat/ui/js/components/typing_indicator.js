// The browser's half of TypingIndicator: notices keys in the box beside it, and says so now and then.
const TYPING_INTERVAL = 2000; // ms between two words about it

export default {
  template: `<p class="typing" role="status" data-testid="typing"><slot></slot>{{ text }}</p>`,
  props: { text: String, watched: Boolean },
  mounted() {
    this.dock = this.$el.parentElement;
    this.lastSaid = -Infinity;
    this.dock.addEventListener("input", this.typed);
    this.dock.addEventListener("submit", this.stop);
  },
  beforeUnmount() {
    this.dock.removeEventListener("input", this.typed);
    this.dock.removeEventListener("submit", this.stop);
  },
  methods: {
    typed(event) {
      if (!this.watched || event.timeStamp - this.lastSaid < TYPING_INTERVAL) return;
      this.lastSaid = event.timeStamp;
      this.$emit("typing");
    },
    stop() {
      if (this.lastSaid > -Infinity) this.$emit("idle");
      this.lastSaid = -Infinity;
    },
  },
};
