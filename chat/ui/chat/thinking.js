// The browser's half of ThinkingView: a thought, folded away, and how long it took or takes so far.
const said = (seconds) =>
  seconds < 60
    ? `${Math.max(1, Math.round(seconds))} s`
    : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;

export default {
  template: `
    <details class="thinking" data-testid="thinking" :data-live="live || null">
      <summary>{{ label }}</summary>
      <slot></slot>
    </details>`,
  props: { live: Boolean, seconds: Number },
  data() {
    return { elapsed: 0 };
  },
  computed: {
    label() {
      if (this.live) return `Thinking for ${said(this.elapsed)}`;
      return typeof this.seconds === "number" ? `Thought for ${said(this.seconds)}` : "Thought";
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
      if (!this.live) return;
      const begun = performance.now() - 1000 * (this.seconds ?? 0);
      const look = () => (this.elapsed = (performance.now() - begun) / 1000);
      look();
      this.ticking = setInterval(look, 1000);
    },
  },
};
