// The browser's half of GrowingMarkdown: closed blocks stay in the page, only the tail after them changes.
import { endGrowth, takeGrowth } from "parlour/growth.js";
import { HeldWords, isSeen } from "parlour/held_words.js";
import { RestingBlocks } from "parlour/resting_blocks.js";

const WHOLE = -1; // the depth of an operation that shows all anew
const OPERATIONS_UNTIL_RESYNC = 20; // operations until one asks again for the whole
const MARKUP = /[<&]/;
const GROWING_STATES = ["waiting", "streaming"];

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
    this.waiting = []; // operations that come into the page with the next step
    this.words = new HeldWords();
    this.resting = new RestingBlocks(this.$el);
    this.number = Number(this.$el.id.slice(1));
    this.turn = this.$el.closest("[data-state]");
    this.replace(this.sequence, this.innerHTML, this.tail);
    takeGrowth(this.number, this.grow);
    // An answer that is said to be over is shown whole, whatever comes first: that, or its end.
    this.state = new MutationObserver(() => this.isGrowing() || this.end());
    if (this.turn) this.state.observe(this.turn, { attributeFilter: ["data-state"] });
  },
  updated() {
    this.replace(this.sequence, this.innerHTML, this.tail);
  },
  beforeUnmount() {
    endGrowth(this.number);
    this.state.disconnect();
    this.showAll();
  },
  methods: {
    // Without an operation the text is complete.
    grow(sequence, html, depth, dropped, tail) {
      if (sequence === undefined) return this.end();
      if (depth === WHOLE) return this.replace(sequence, html, tail);
      if (sequence <= this.known) return;
      if (sequence > this.known + 1) return this.ask(sequence);
      this.known = sequence;
      this.waiting.push([html, depth, dropped, tail]);
      if (!this.isGrowing() || !isSeen()) this.showAll();
      else if (!this.timer) this.step();
    },
    isGrowing() {
      return !this.turn || GROWING_STATES.includes(this.turn.dataset.state);
    },
    step() {
      this.timer = 0;
      if (!this.waiting.length && !this.words.held.length) return;
      this.resting.add(this.closedNodes);
      this.applyWaiting();
      this.words.show();
      this.timer = setTimeout(this.step, this.words.pause);
    },
    showAll() {
      clearTimeout(this.timer);
      this.timer = 0;
      this.applyWaiting();
      this.words.showAll();
    },
    end() {
      this.showAll();
      this.resting.wake();
    },
    applyWaiting() {
      for (const operation of this.waiting.splice(0)) this.apply(...operation);
    },
    // Changes the end of the element so many levels down at the end of the page's tail: drops so many of its
    // last elements, unless that is below zero, and adds HTML. With `tail`, what is shown by then stays for good.
    apply(html, depth, dropped = -1, tail = undefined) {
      const element = this.lastElement(depth);
      let seen = dropped >= 0 ? this.drop(element, dropped) : 0;
      const before = element.lastChild;
      if (MARKUP.test(html)) element.insertAdjacentHTML("beforeend", html);
      else element.append(html); // most of what comes; a parser takes longer than the words
      seen = this.words.hold(before ? before.nextSibling : element.firstChild, seen);
      if (tail !== undefined) this.words.hold(this.append(tail), seen);
    },
    replace(sequence, closed, tail) {
      if (sequence <= this.known) return;
      this.known = sequence;
      this.asked = 0;
      clearTimeout(this.timer);
      this.timer = 0;
      this.waiting = [];
      this.words.forget();
      this.resting.wake();
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
      this.lastClosed = this.$el.lastChild;
      this.$el.insertAdjacentHTML("beforeend", tail);
      return this.lastClosed ? this.lastClosed.nextSibling : this.$el.firstChild;
    },
    // Removes so many elements from the end of another, and all text after the one that is the last then. Returns how many
    // characters were seen of that.
    drop(element, count) {
      const kept = element === this.$el ? this.lastClosed : null; // the children of a long answer are not counted
      let seen = 0;
      let last = element.lastChild;
      while (last !== kept && (count > 0 || last.nodeType === Node.TEXT_NODE)) {
        if (last.nodeType === Node.ELEMENT_NODE) count--;
        seen += last.textContent.length;
        last.remove();
        last = element.lastChild;
      }
      this.words.forgetRemoved();
      return seen;
    },
    lastElement(depth) {
      let element = this.$el;
      for (let level = 0; level < depth; level++) element = element.lastElementChild;
      return element;
    },
  },
};
