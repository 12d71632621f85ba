// The browser's half of WaitingLine: what is awaited, and after a few seconds for how long.
import { Seconds } from "parlour/seconds.js";

const UNCOUNTED_SECONDS = 5;

export default {
  template: `
    <p class="waiting-line">
      <span class="diamond" aria-hidden="true"></span>
      <span>{{ label }}</span>
    </p>`,
  mixins: [Seconds],
  props: { words: String },
  computed: {
    label() {
      return this.live && this.elapsed > UNCOUNTED_SECONDS ? `${this.words} ${this.elapsed} s` : this.words;
    },
  },
};
