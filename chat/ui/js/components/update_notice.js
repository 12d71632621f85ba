// The browser's half of UpdateNotice: a page that has loaded itself anew knows which version it was of before.
const KEY = "version";

export default {
  template: `<span hidden></span>`,
  mounted() {
    const version = document.querySelector('meta[name="parlour-version"]')?.getAttribute("content");
    const before = sessionStorage.getItem(KEY);
    sessionStorage.setItem(KEY, version);
    if (before && before !== version) this.$emit("updated", before);
  },
};
