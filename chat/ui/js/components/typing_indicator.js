// The browser's half of TypingIndicator: notices keys in the box beside it, and says so now and then.
const OFTEN = 2000; // ms between two words about it

export default {
  template: `<p class="typing" role="status" data-testid="typing"><slot></slot>{{ said }}</p>`,
  props: { said: String, heard: Boolean },
  mounted() {
    this.dock = this.$el.parentElement;
    this.told = -Infinity;
    this.dock.addEventListener("input", this.key);
    this.dock.addEventListener("submit", this.rest);
  },
  beforeUnmount() {
    this.dock.removeEventListener("input", this.key);
    this.dock.removeEventListener("submit", this.rest);
  },
  methods: {
    key(event) {
      if (!this.heard || event.timeStamp - this.told < OFTEN) return;
      this.told = event.timeStamp;
      this.$emit("typing");
    },
    rest() {
      if (this.told > -Infinity) this.$emit("idle");
      this.told = -Infinity;
    },
  },
};
