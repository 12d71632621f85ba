// The browser's half of ThinkingView: a thought, folded away, and how long it took or takes so far.
import { Seconds } from "parlour/seconds.js";

const durationOf = (seconds) =>
  seconds < 60
    ? `${Math.max(1, Math.round(seconds))} s`
    : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;

export default {
  template: `
    <details class="thinking" data-testid="thinking" :data-live="live || null">
      <summary>{{ label }}</summary>
      <slot></slot>
    </details>`,
  mixins: [Seconds],
  props: { seconds: Number },
  computed: {
    label() {
      if (this.live) return `Thinking for ${durationOf(this.elapsed)}`;
      return typeof this.seconds === "number" ? `Thought for ${durationOf(this.seconds)}` : "Thought";
    },
  },
};
