// The browser's half of MessageList: where the reader is, also after a visit elsewhere or a reload.
// The scroller counts from its lower edge: 0 is at the newest words, what is above them is below zero.
import { scrollToTurn } from "parlour/reading_place.js";

const NEAR = 64; // px from the newest words within which who scrolls down has arrived
const FAR = 160; // px from which on the way back is offered
const PATIENCE = 4000; // ms in which older turns come that the reader was at
const HANDS = ["wheel", "touchmove", "keydown", "pointerdown", "reach"]; // by which a reader moves, or is moved

export default {
  template: `<div class="scroller" role="group" aria-label="Chat" tabindex="0" @scroll.passive="moved" @scrollend.passive="rested"><slot></slot></div>`,
  props: { conversation: String },
  mounted() {
    this.key = `place in ${this.conversation}`;
    this.from = 0;
    this.growing = new MutationObserver(this.grown);
    this.growing.observe(this.$el, { childList: true, characterData: true, subtree: true });
    window.addEventListener("pagehide", this.keep);
    document.addEventListener("keydown", this.page);
    const place = sessionStorage.getItem(this.key);
    if (place) this.goBack(JSON.parse(place));
  },
  beforeUnmount() {
    this.keep();
    this.growing.disconnect();
    window.removeEventListener("pagehide", this.keep);
    document.removeEventListener("keydown", this.page);
  },
  methods: {
    moved() {
      const { scrollTop } = this.$el;
      this.$el.closest(".room")?.classList.toggle("away", scrollTop < -FAR);
      if (scrollTop > -NEAR) this.markNews(false);
    },
    rested() {
      const { scrollTop } = this.$el;
      if (scrollTop > this.from && scrollTop > -NEAR) this.$el.scrollTop = 0;
      this.from = this.$el.scrollTop;
      this.keep();
    },
    grown(changes) {
      const last = this.$el.querySelector(".thread")?.lastElementChild;
      const isNew = ({ target, addedNodes }) => last?.contains(target) || [...addedNodes].includes(last);
      if (this.$el.scrollTop < -NEAR && changes.some(isNew)) this.markNews(true);
    },
    markNews(are) {
      this.$el.closest(".room")?.querySelector(".jump-latest")?.classList.toggle("fresh", are);
    },
    // The composer has the focus most of the time; what it cannot do with a key is done here.
    page(event) {
      const way = { PageUp: -1, PageDown: 1 }[event.key];
      const box = event.target.closest?.("textarea, input, select, dialog, [role=menu]");
      if (!way || event.defaultPrevented || this.$el.contains(event.target)) return;
      if (box && (!box.matches(".composer textarea") || box.scrollHeight > box.clientHeight + 1)) return;
      event.preventDefault();
      this.$el.scrollBy({ top: way * 0.9 * this.$el.clientHeight, behavior: "instant" });
    },
    // The place is told by the topmost turn in view: what comes below it, or above it, does not change it.
    keep() {
      const top = this.$el.getBoundingClientRect().top;
      const turn = [...this.turns()].find((one) => one.getBoundingClientRect().bottom > top);
      if (this.$el.scrollTop > -1 || !turn) return sessionStorage.removeItem(this.key);
      const { turn: id, role } = turn.dataset;
      const offset = turn.getBoundingClientRect().top - top;
      sessionStorage.setItem(this.key, JSON.stringify({ id, role, offset }));
    },
    goBack(place) {
      const begun = Date.now();
      let isMoved = false;
      for (const hand of HANDS) this.$el.addEventListener(hand, () => (isMoved = true), { once: true, passive: true });
      const look = (steady) => {
        if (isMoved || steady > 2 || Date.now() - begun > PATIENCE) return this.show();
        const turn = [...this.turns()].find(({ dataset }) => dataset.turn === place.id && dataset.role === place.role);
        const before = this.$el.scrollTop;
        if (turn)
          this.$el.scrollTop += turn.getBoundingClientRect().top - this.$el.getBoundingClientRect().top - place.offset;
        else this.fetchOlder();
        const stays = turn && Math.abs(this.$el.scrollTop - before) < 1; // heights are estimates until they are seen
        requestAnimationFrame(() => look(stays ? steady + 1 : 0));
      };
      look(0);
    },
    fetchOlder() {
      this.$el.style.visibility = "hidden"; // the way up is no concern of the reader
      this.$el.scrollTop = -this.$el.scrollHeight;
    },
    show() {
      this.$el.style.visibility = "";
      this.from = this.$el.scrollTop;
    },
    // Called by the server.
    scrollTo(turn, role) {
      scrollToTurn(turn, role);
    },
    turns() {
      return this.$el.querySelectorAll(".turn");
    },
  },
};
