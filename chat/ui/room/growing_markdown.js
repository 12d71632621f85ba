// The browser's half of GrowingMarkdown: closed blocks stay in the page, only the tail after them changes.
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
    // Adds to the element so many levels down at the end of the tail; a depth of 0 drops the tail instead.
    // With `closed`, what is shown by then stays for good, and these blocks and a new tail follow it.
    apply(sequence, depth, added, closed, tail) {
      if (sequence <= this.known) return;
      if (sequence > this.known + 1) return this.$emit("lost");
      if (depth) this.lastElement(depth).insertAdjacentHTML("beforeend", added);
      else this.dropTail();
      this.known = sequence;
      if (closed !== undefined) this.append(closed, tail);
    },
    replace(sequence, closed, tail) {
      if (sequence <= this.known) return;
      this.known = sequence;
      this.$el.replaceChildren();
      this.append(closed, tail);
    },
    append(closed, tail) {
      this.$el.insertAdjacentHTML("beforeend", closed);
      this.closedNodes = this.$el.childNodes.length;
      this.$el.insertAdjacentHTML("beforeend", tail);
    },
    dropTail() {
      while (this.$el.childNodes.length > this.closedNodes) this.$el.lastChild.remove();
    },
    lastElement(depth) {
      let element = this.$el;
      for (let level = 0; level < depth; level++) element = element.lastElementChild;
      return element;
    },
  },
};
