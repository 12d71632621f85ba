// The browser's half of TextField. The server hears of the text in pauses, and when the field is left.
const PAUSE = 600; // ms

export default {
  template:
    '<textarea ref="box" class="text-field" rows="4" maxlength="20000" @input="written" @blur="tell"></textarea>',
  props: { text: { type: String, default: "" } },
  mounted() {
    this.told = this.$refs.box.value = this.text;
    window.addEventListener("pagehide", this.tell);
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.tell);
    clearTimeout(this.pause);
  },
  watch: {
    text(text) {
      if (document.activeElement !== this.$refs.box) this.told = this.$refs.box.value = text; // else it is being written
    },
  },
  methods: {
    written() {
      clearTimeout(this.pause);
      this.pause = setTimeout(this.tell, PAUSE);
    },
    tell() {
      clearTimeout(this.pause);
      const text = this.$refs.box.value;
      if (text === this.told) return;
      this.told = text;
      this.$emit("written", text);
    },
  },
};
