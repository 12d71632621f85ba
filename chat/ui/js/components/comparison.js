// The browser's half of ComparisonView: columns where there is room; on a phone one fills the page, and one swipes or
// steps to the others, as from version to version.
import { VersionSwitcher } from "parlour/versions.js";

export default {
  template: `
    <div class="comparison" role="group" aria-label="Compared answers" data-testid="comparison" :data-count="count" :data-entry="entry">
      <version-switcher class="compared-switcher" :number="place + 1" :count="count" @step="(step) => go(place + step)"></version-switcher>
      <div ref="columns" class="compared-columns" @scroll.passive="look"><slot></slot></div>
    </div>`,
  components: { VersionSwitcher },
  props: { count: Number, entry: String },
  data() {
    return { place: 0 };
  },
  methods: {
    go(place) {
      const { columns } = this.$refs;
      columns.scrollTo({ left: place * columns.clientWidth, behavior: "smooth" });
    },
    look() {
      const { scrollLeft, clientWidth } = this.$refs.columns;
      this.place = Math.min(this.count - 1, Math.max(0, Math.round(scrollLeft / clientWidth)));
    },
  },
};
