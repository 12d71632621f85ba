// The browser's half of GrowingMarkdown: closed blocks stay in the page, only the tail is replaced.
export default {
  template: `<div></div>`,
  props: {
    innerHTML: String,
    tail: String,
    sequence: Number,
    sanitize: Boolean, // this and the two below are what ui.markdown passes on
    resourceName: String,
    dynamicResourcePath: String,
  },
  mounted() {
    this.known = 0;
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  updated() {
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  methods: {
    apply(sequence, closed, tail) {
      if (sequence <= this.known) return;
      if (sequence > this.known + 1) return this.$emit("lost");
      while (this.$el.childNodes.length > this.closedNodes) this.$el.lastChild.remove();
      this.append(sequence, closed, tail);
    },
    replace(sequence, closed, tail) {
      if (sequence <= this.known) return;
      this.$el.replaceChildren();
      this.append(sequence, closed, tail);
    },
    append(sequence, closed, tail) {
      this.$el.insertAdjacentHTML("beforeend", closed);
      this.closedNodes = this.$el.childNodes.length;
      this.$el.insertAdjacentHTML("beforeend", tail);
      this.known = sequence;
    },
  },
};
