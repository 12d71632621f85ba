// The browser's half of MessageList: where the reader is, also after a visit elsewhere or a reload.
// The scroller counts from its lower edge: 0 is at the newest words, what is above them is below zero.
import { isConnected } from "parlour/connection.js";
import { ImageLinks } from "parlour/image_links.js";
import { scrollToTurn } from "parlour/reading_place.js";

const BOTTOM_MARGIN = 64; // px from the newest words within which who scrolls down has arrived
const AWAY_DISTANCE = 160; // px from which on the way back is offered
const RESTORE_TIMEOUT = 8000; // ms of a connection in which the next older turns come, on the way to where the reader was
const FRAMES_BELOW = 5; // in which a browser tells that the upper end is out of view; Quasar 2 drops what is told with it
const ANCHORS = CSS.supports("overflow-anchor", "auto"); // by which a browser holds what is read; Safari has none
const READER_EVENTS = ["wheel", "touchmove", "keydown", "pointerdown", "reach"]; // by which a reader moves, or is moved

export default {
  template: `<div class="scroller" role="group" aria-label="Chat" tabindex="0" :data-temporary="temporary || null" @scroll.passive="scrolled" @scrollend.passive="scrollEnded"><slot></slot></div>`,
  props: { conversation: String, loadsImages: Boolean, temporary: Boolean },
  mounted() {
    this.key = `place in ${this.conversation}`;
    this.from = 0;
    this.isAbove = false;
    this.first = this.$el.querySelector(".turn");
    this.images = this.loadsImages
      ? new ImageLinks(this.$el, (turn, url) => this.$emit("load-image", turn, url))
      : null;
    this.images?.offer();
    this.growing = new MutationObserver(this.contentChanged);
    this.growing.observe(this.$el, { childList: true, characterData: true, subtree: true });
    window.addEventListener("pagehide", this.savePlace);
    document.addEventListener("keydown", this.page);
    const place = sessionStorage.getItem(this.key);
    if (place) this.restorePlace(JSON.parse(place));
  },
  beforeUnmount() {
    this.savePlace();
    this.growing.disconnect();
    window.removeEventListener("pagehide", this.savePlace);
    document.removeEventListener("keydown", this.page);
  },
  methods: {
    scrolled() {
      const { scrollTop } = this.$el;
      this.$el.closest(".page")?.classList.toggle("away", scrollTop < -AWAY_DISTANCE);
      this.isAbove = scrollTop < -BOTTOM_MARGIN;
      if (!this.isAbove) this.markUnseen(false);
      if (!ANCHORS && scrollTop !== this.held?.at) this.held = this.isAbove ? this.topTurn() : null;
    },
    scrollEnded() {
      const { scrollTop } = this.$el;
      if (scrollTop > this.from && scrollTop > -BOTTOM_MARGIN) this.$el.scrollTop = 0;
      this.from = this.$el.scrollTop;
      this.savePlace();
    },
    contentChanged(changes) {
      this.images?.offer();
      const before = this.first;
      this.first = this.$el.querySelector(".turn");
      if (!this.isAbove) return; // known without asking for a layout after each word
      if (this.first !== before) this.stayBelowOlder();
      if (this.held?.turn.isConnected) this.hold();
      const last = this.$el.querySelector(".thread")?.lastElementChild;
      const isNew = ({ target, addedNodes }) => last?.contains(target) || [...addedNodes].includes(last);
      if (changes.some(isNew)) this.markUnseen(true);
    },
    // A place counts from the end: older turns move nothing. But where the turns in view are not laid out yet, a browser holds
    // the upper end in its place.
    stayBelowOlder() {
      this.$el.style.overflowAnchor = "none";
      this.$el.getBoundingClientRect(); // laid out without an anchor
      this.$el.style.overflowAnchor = "";
    },
    // What stands below the turn is longer or shorter by now. A scroller has whole pixels: the rest is for the next time.
    hold() {
      const { scrollTop } = this.$el;
      const distance = this.placeOf(this.held.turn) - this.held.place;
      if (Math.abs(distance) < 1) return; // to scroll, even by nothing, may end the one that is under way
      this.$el.scrollTop += distance;
      this.held.at = this.$el.scrollTop;
      this.held.place += this.held.at - scrollTop;
    },
    markUnseen(are) {
      this.$el.closest(".page")?.querySelector(".jump-latest")?.classList.toggle("fresh", are);
    },
    // The composer has the focus most of the time; what it cannot do with a key is done here.
    page(event) {
      const direction = { PageUp: -1, PageDown: 1 }[event.key];
      const box = event.target.closest?.("textarea, input, select, dialog, [role=menu]");
      if (!direction || event.defaultPrevented || this.$el.contains(event.target)) return;
      if (box && (!box.matches(".composer textarea") || box.scrollHeight > box.clientHeight + 1)) return;
      event.preventDefault();
      this.$el.scrollBy({ top: direction * 0.9 * this.$el.clientHeight, behavior: "instant" });
    },
    // The place is told by the topmost turn in view: what comes below it, or above it, does not change it.
    savePlace() {
      const top = this.topTurn();
      if (this.$el.scrollTop > -1 || !top || this.temporary) return sessionStorage.removeItem(this.key);
      const { turn: id, role } = top.turn.dataset;
      const offset = top.place - this.$el.scrollTop;
      sessionStorage.setItem(this.key, JSON.stringify({ id, role, offset }));
    },
    restorePlace(place) {
      let startedAt = Date.now();
      let count = 0;
      let frames = 0; // since the last turns came
      let hasMoved = false;
      for (const hand of READER_EVENTS)
        this.$el.addEventListener(hand, () => (hasMoved = true), { once: true, passive: true });
      const look = (steady) => {
        const turns = [...this.turns()];
        if (turns.length > count) frames = 0;
        if (turns.length > count || !isConnected()) startedAt = Date.now();
        count = turns.length;
        if (hasMoved || steady > 2 || Date.now() - startedAt > RESTORE_TIMEOUT) return this.show();
        const turn = turns.find(({ dataset }) => dataset.turn === place.id && dataset.role === place.role);
        const before = this.$el.scrollTop;
        if (turn)
          this.$el.scrollTop += turn.getBoundingClientRect().top - this.$el.getBoundingClientRect().top - place.offset;
        else if (count && !this.hasOlder()) {
          this.$el.scrollTop = 0; // it is gone
          return this.show();
        } else if (isConnected()) this.loadOlder(frames++);
        const stays = turn && Math.abs(this.$el.scrollTop - before) < 1; // heights are estimates until they are seen
        requestAnimationFrame(() => look(stays ? steady + 1 : 0));
      };
      look(0);
    },
    hasOlder() {
      return this.$el.querySelector(".thread > .q-intersection:not(.hidden)") !== null;
    },
    // The server sends more when the upper end comes into view; first it must be seen to have gone out of it.
    loadOlder(frames) {
      this.$el.style.visibility = "hidden"; // the way up is no concern of the reader
      this.$el.scrollTop = frames < FRAMES_BELOW ? 0 : -this.$el.scrollHeight;
    },
    show() {
      this.$el.style.visibility = "";
      this.from = this.$el.scrollTop;
    },
    // Called by the server.
    scrollTo(turn, role) {
      scrollToTurn(turn, role);
    },
    showImageProblem(turn, url, problem) {
      this.images?.showProblem(turn, url, problem);
    },
    topTurn() {
      const edge = this.$el.getBoundingClientRect().top;
      const turn = [...this.turns()].find((one) => one.getBoundingClientRect().bottom > edge);
      return turn && { turn, place: this.placeOf(turn) };
    },
    // Counted from the end, wherever one has scrolled to.
    placeOf(turn) {
      return turn.getBoundingClientRect().top - this.$el.getBoundingClientRect().top + this.$el.scrollTop;
    },
    turns() {
      return this.$el.querySelectorAll(".turn");
    },
  },
};
