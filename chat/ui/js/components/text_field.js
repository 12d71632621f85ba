// The browser's half of TextField. The server hears of the text in pauses, and when the field is left; what could not be
// told when the connection was lost it hears when that is back.
import { isConnected } from "parlour/connection.js";

const TYPING_PAUSE = 600; // ms

export default {
  template:
    '<textarea ref="box" class="text-field" rows="4" maxlength="20000" @input="written" @blur="save"></textarea>',
  props: { text: { type: String, default: "" } },
  mounted() {
    this.saved = this.$refs.box.value = this.text;
    window.addEventListener("pagehide", this.save);
    window.addEventListener("popstate", this.save, { capture: true }); // before the server hears of it, and takes the field away
    document.addEventListener("parlour-connected", this.save);
  },
  beforeUnmount() {
    window.removeEventListener("pagehide", this.save);
    window.removeEventListener("popstate", this.save, { capture: true });
    document.removeEventListener("parlour-connected", this.save);
    clearTimeout(this.pause);
  },
  watch: {
    text(text) {
      if (document.activeElement !== this.$refs.box) this.saved = this.$refs.box.value = text; // else it is being written
    },
  },
  methods: {
    written() {
      clearTimeout(this.pause);
      this.pause = setTimeout(this.save, TYPING_PAUSE);
    },
    save() {
      clearTimeout(this.pause);
      const text = this.$refs.box.value;
      if (text === this.saved || !isConnected()) return;
      this.saved = text;
      this.$emit("written", text);
    },
  },
};
