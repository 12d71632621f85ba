// The browser's half of PageVisibility: says whether this tab is in front.
export default {
  template: `<span hidden></span>`,
  mounted() {
    document.addEventListener("visibilitychange", this.tell);
    this.tell();
  },
  unmounted() {
    document.removeEventListener("visibilitychange", this.tell);
  },
  methods: {
    tell() {
      this.$emit("page-visibility", !document.hidden);
    },
  },
};
