// The browser's half of GrowingMarkdown: closed blocks stay in the page, only the tail after them changes.

const OPERATIONS_UNTIL_RESYNC = 20; // operations until one asks again for the whole

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
    this.known = this.asked = 0;
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  updated() {
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  methods: {
    // Changes the end of the element so many levels down at the end of the page's tail: drops so many of its
    // last elements, unless that is null, and adds HTML. With `tail`, what is shown by then stays for good.
    apply(sequence, depth, dropped, added, tail) {
      if (sequence <= this.known) return;
      if (sequence > this.known + 1) return this.ask(sequence);
      this.known = sequence;
      const element = this.lastElement(depth);
      if (dropped !== null) this.drop(element, dropped);
      element.insertAdjacentHTML("beforeend", added);
      if (tail !== undefined) this.append(tail);
    },
    replace(sequence, closed, tail) {
      if (sequence <= this.known) return;
      this.known = sequence;
      this.asked = 0;
      this.$el.innerHTML = closed;
      this.append(tail);
    },
    ask(sequence) {
      if (this.asked && sequence < this.asked + OPERATIONS_UNTIL_RESYNC) return;
      this.asked = sequence;
      this.$emit("resync");
    },
    append(tail) {
      this.closedNodes = this.$el.childNodes.length;
      this.$el.insertAdjacentHTML("beforeend", tail);
    },
    // Removes so many elements from the end of another, and all text after the one that is the last then.
    drop(element, count) {
      const kept = element === this.$el ? this.closedNodes : 0;
      while (element.childNodes.length > kept && (count > 0 || element.lastChild.nodeType === Node.TEXT_NODE)) {
        if (element.lastChild.nodeType === Node.ELEMENT_NODE) count--;
        element.lastChild.remove();
      }
    },
    lastElement(depth) {
      let element = this.$el;
      for (let level = 0; level < depth; level++) element = element.lastElementChild;
      return element;
    },
  },
};
