// The browser's half of InputField. What is entered is the browser's until it is told: other changes of the page leave it.
export default {
  template: '<input ref="box" @blur="left">',
  props: { text: { type: String, default: "" } },
  mounted() {
    this.show();
  },
  watch: {
    text() {
      if (document.activeElement !== this.$refs.box) this.show();
    },
  },
  methods: {
    show() {
      this.shown = this.$refs.box.value = this.text;
    },
    left() {
      if (this.$refs.box?.value === this.shown) this.show(); // not entered into, nor removed: a value may have come meanwhile
    },
  },
};
