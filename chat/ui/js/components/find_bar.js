// The browser's half of FindBar. The server knows all occurrences; what is on the page is marked here.
import { isComposing } from "parlour/composition.js";
import { mark, patternOf, rangesIn } from "parlour/find.js";

const TYPING_PAUSE = 150; // ms without a key before the server is asked
const REACH_TIME = 10_000; // ms in which a turn that one is led to may come
const STEADY_FRAMES = 3; // in which nothing moves any more: heights are estimates until they are seen

export default {
  template: `
    <div class="find-bar" role="search" aria-label="Find in this chat" v-show="isOpen" @keydown="key">
      <input ref="box" :value="text" type="text" data-testid="find" placeholder="Find in this chat" aria-label="Find in this chat"
        title="Tools and attached files are not searched" enterkeyhint="next" autocomplete="off" spellcheck="false"
        @input="text = $event.target.value">
      <span class="find-count" role="status" data-testid="find-count">{{ counted }}</span>
      <button type="button" class="icon-button" data-testid="find-prev" title="Previous" aria-label="Previous" :disabled="!count" @click="go(-1)">
        <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i></button>
      <button type="button" class="icon-button" data-testid="find-next" title="Next" aria-label="Next" :disabled="!count" @click="go(1)">
        <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_downward</i></button>
      <button type="button" class="icon-button" data-testid="find-close" title="Close" aria-label="Close" @click="close">
        <i class="q-icon material-symbols-outlined" aria-hidden="true">close</i></button>
    </div>`,
  data() {
    return { isOpen: false, text: "", answered: "", count: 0, at: 0 };
  },
  computed: {
    counted() {
      if (!this.text.trim() || this.answered !== this.text) return "";
      return this.count ? `${this.at + 1} of ${this.count}` : "No matches";
    },
  },
  watch: {
    text() {
      clearTimeout(this.pause);
      this.pause = setTimeout(this.ask, TYPING_PAUSE);
    },
  },
  created() {
    this.pattern = null;
    this.current = null; // the turn, the role and the place of what is looked at
    this.range = null; // where that is on the page, if it is there
    this.isStale = true; // whether the page, or what is looked at, has become another since it was marked
  },
  mounted() {
    document.addEventListener("parlour-find", this.open);
    this.changes = new MutationObserver(() => {
      this.isStale = true;
      this.markSoon();
    });
  },
  beforeUnmount() {
    document.removeEventListener("parlour-find", this.open);
    this.close();
  },
  methods: {
    // A second time it is the browser that is to find something.
    open(event) {
      const box = this.$refs.box;
      const thread = this.thread();
      if (!thread?.querySelector(".turn") || document.activeElement === box) return;
      event.preventDefault();
      if (!this.isOpen) this.before = document.activeElement;
      this.isOpen = true;
      this.changes.observe(thread, { childList: true, characterData: true, subtree: true });
      this.$nextTick(() => {
        box.focus();
        box.select();
      });
      if (this.text) this.ask();
    },
    close() {
      clearTimeout(this.pause);
      this.changes.disconnect();
      if (!this.isOpen) return;
      this.isOpen = false;
      this.pattern = this.current = null;
      this.answered = "";
      mark([]);
      this.$emit("action", ["ask", "", ""]);
      const box = /** @type {HTMLElement} */ (document.querySelector(".composer textarea"));
      (this.before?.isConnected && this.before !== document.body ? this.before : box)?.focus({ preventScroll: true });
    },
    ask() {
      clearTimeout(this.pause);
      if (this.isOpen) this.$emit("action", ["ask", this.text, this.turnInView()]);
    },
    key(event) {
      const isEnter = event.key === "Enter" && !event.target.matches("button");
      if (isComposing(event) || !(isEnter || event.key === "Escape")) return;
      event.preventDefault();
      event.stopPropagation(); // Escape stops no answer then
      if (event.key === "Escape") this.close();
      else if (this.answered === this.text) this.go(event.shiftKey ? -1 : 1);
      else this.ask(); // what is shown was found for less
    },
    go(step) {
      if (!this.count) return;
      this.at = (this.at + step + this.count) % this.count;
      this.$emit("action", ["go", this.at]);
    },
    // Called by the server; what was found for an older text has been typed over.
    show(text, count, spellings, at) {
      if (text !== this.text || !this.isOpen) return;
      const isNew = this.answered !== text;
      Object.assign(this, { answered: text, count, at });
      this.pattern = patternOf(spellings);
      if (!count) this.current = null;
      this.mark();
      if (count && isNew) this.$emit("action", ["go", at]);
    },
    // Called by the server: leads to an occurrence, as soon as it is there, and opens what it is in.
    reach(turn, role, place) {
      this.current = { turn, role, place };
      this.isStale = true;
      const startedAt = performance.now();
      let isAnnounced = false;
      const look = (steady) => {
        const isWanted = this.current?.turn === turn && this.current.role === role && this.current.place === place;
        if (!isWanted || steady > STEADY_FRAMES || performance.now() - startedAt > REACH_TIME) return;
        const half = this.half(turn, role);
        if (half && !isAnnounced) {
          isAnnounced = true;
          half.dispatchEvent(new Event("reach", { bubbles: true })); // opens what is folded, ends other ways
          half.scrollIntoView({ block: "nearest", behavior: "instant" });
        }
        if (half && this.isStale) this.mark();
        const isMoving = half && this.range && this.center(this.range);
        requestAnimationFrame(() => look(half && !isMoving ? steady + 1 : 0));
      };
      look(0);
    },
    half(turn, role) {
      return this.thread()?.querySelector(`.turn[data-turn="${CSS.escape(turn)}"][data-role="${role}"]`);
    },
    thread() {
      return this.$el.closest(".page")?.querySelector(".thread");
    },
    turnInView() {
      const scroller = this.$el.closest(".page").querySelector(".scroller");
      const top = scroller.getBoundingClientRect().top;
      const turn = [...scroller.querySelectorAll(".turn")].find((each) => each.getBoundingClientRect().bottom > top);
      return turn?.dataset.turn ?? "";
    },
    markSoon() {
      this.marking ??= requestAnimationFrame(() => {
        this.marking = undefined;
        if (this.isOpen) this.mark();
      });
    },
    // Marks what is on the page; of what is looked at, the page may have fewer than were found. Answers that stand side by
    // side are one.
    mark() {
      this.isStale = false;
      const { turn, role, place } = this.current ?? {};
      const all = [];
      const here = [];
      for (const half of this.thread()?.querySelectorAll(".turn") ?? []) {
        const ranges = rangesIn(half, this.pattern);
        all.push(...ranges);
        if (half.dataset.turn === turn && half.dataset.role === role) here.push(...ranges);
      }
      this.range = here[Math.min(place, here.length - 1)];
      mark(all, this.range);
    },
    // Brings a range into the middle; returns whether something has moved.
    center(range) {
      const around = range.startContainer.parentElement;
      around.closest(".compared")?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "instant" });
      const folded = around.closest("details:not([open])");
      if (folded) folded.open = true;
      const scroller = this.$el.closest(".page").querySelector(".scroller");
      const [box, view] = [range.getBoundingClientRect(), scroller.getBoundingClientRect()];
      const away = box.top - (view.top + view.height / 3);
      const before = scroller.scrollTop;
      if (Math.abs(away) > view.height / 4) scroller.scrollTop += away;
      return Boolean(folded) || Math.abs(scroller.scrollTop - before) > 1;
    },
  },
};
