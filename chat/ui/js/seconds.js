// A clock in a Vue component: `elapsed` counts the seconds for as long as its property `live` is set.
export const Seconds = {
  props: { live: Boolean },
  data() {
    return { elapsed: 0 };
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
      const begun = performance.now() - 1000 * (this.seconds ?? 0); // those that had passed before
      const count = () => (this.elapsed = Math.round((performance.now() - begun) / 1000));
      count();
      this.ticking = setInterval(count, 1000);
    },
  },
};
