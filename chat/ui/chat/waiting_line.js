// The browser's half of WaitingLine: what is awaited, and after a few seconds for how long.
const PATIENCE = 5; // seconds without a count

export default {
  template: `
    <p class="waiting-line">
      <span class="diamond" aria-hidden="true"></span>
      <span>{{ label }}</span>
    </p>`,
  props: { words: String, live: Boolean },
  data() {
    return { elapsed: 0 };
  },
  computed: {
    label() {
      return this.elapsed > PATIENCE ? `${this.words} ${this.elapsed} s` : this.words;
    },
  },
  watch: {
    live: { immediate: true, handler: "tick" },
  },
  beforeUnmount() {
    clearInterval(this.ticking);
  },
  methods: {
    tick() {
      clearInterval(this.ticking);
      this.elapsed = 0;
      if (!this.live) return;
      const begun = performance.now();
      this.ticking = setInterval(() => (this.elapsed = Math.round((performance.now() - begun) / 1000)), 1000);
    },
  },
};
