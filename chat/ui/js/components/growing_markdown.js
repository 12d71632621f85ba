// The browser's half of GrowingMarkdown: closed blocks stay in the page, only the tail after them changes.
import { endGrowth, takeGrowth } from "parlour/growth.js";

const WHOLE = -1; // the depth of an operation that shows all anew
const OPERATIONS_UNTIL_RESYNC = 20; // operations until one asks again for the whole
const REVEAL_TIME = 60; // ms from the first half of new words to the second: half a frame of the server
const MIN_REVEALED = 8; // characters that are worth it

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
    this.number = Number(this.$el.id.slice(1));
    this.replace(this.sequence, this.innerHTML, this.tail);
    takeGrowth(this.number, this.grow);
    // An answer that is said to be over is shown whole, whatever comes first: that, or its end.
    this.state = new MutationObserver(this.reveal);
    const turn = this.$el.closest("[data-state]");
    if (turn) this.state.observe(turn, { attributeFilter: ["data-state"] });
  },
  updated() {
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  beforeUnmount() {
    endGrowth(this.number);
    this.state.disconnect();
    this.reveal();
  },
  methods: {
    // Without an operation the text is complete.
    grow(sequence, html, depth, dropped, tail) {
      if (sequence === undefined) this.reveal();
      else if (depth === WHOLE) this.replace(sequence, html, tail);
      else this.apply(sequence, html, depth, dropped, tail);
    },
    // Changes the end of the element so many levels down at the end of the page's tail: drops so many of its
    // last elements, unless that is below zero, and adds HTML. With `tail`, what is shown by then stays for good.
    apply(sequence, html, depth, dropped = -1, tail = undefined) {
      if (sequence <= this.known) return;
      if (sequence > this.known + 1) return this.ask(sequence);
      this.known = sequence;
      this.reveal();
      const element = this.lastElement(depth);
      if (dropped >= 0) this.drop(element, dropped);
      const before = element.lastChild;
      element.insertAdjacentHTML("beforeend", html);
      if (tail !== undefined) this.append(tail);
      else if (dropped < 0 && element.lastChild !== before) this.hideHalf(element.lastChild);
    },
    replace(sequence, closed, tail) {
      if (sequence <= this.known) return;
      this.known = sequence;
      this.asked = 0;
      this.reveal();
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
    // New words are shown in two steps, so that they flow faster than they are sent.
    hideHalf(node) {
      if (node.nodeType !== Node.TEXT_NODE || node.length < MIN_REVEALED || document.hidden) return;
      this.hidden = { node, rest: node.data.slice(node.length / 2) };
      node.deleteData(node.length / 2, this.hidden.rest.length);
      this.revealing = setTimeout(this.reveal, REVEAL_TIME);
    },
    reveal() {
      clearTimeout(this.revealing);
      this.hidden?.node.appendData(this.hidden.rest);
      this.hidden = null;
    },
  },
};
