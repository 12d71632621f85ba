// The browser's half of UserMessage: a bubble, and the editor that takes its place. What is written there
// belongs to the browser until it is sent; if it is refused, it is still there. Its tab keeps it as "edit TURN" until it is
// sent or given up, for the next time that the question is edited. What is long is folded.
import { load, store } from "parlour/browser_storage.js";
import { copyByButton } from "parlour/clipboard.js";
import { isConnected, NOT_SENT } from "parlour/connection.js";
import { fitHeight, MessageKeys } from "parlour/message_box.js";
import { holdInPlace } from "parlour/reading_place.js";
import { TurnMenu, VersionSwitcher } from "parlour/versions.js";

const MAX_LINES = 14; // that are shown whole; the style shows 12 of more
const MIN_LENGTH = 280; // characters below which a text without so many lines is not measured

export default {
  template: `
    <article class="turn user" data-testid="turn" data-role="user" aria-label="You" :data-turn="turn" @reach.self="isOpen = true">
      <slot></slot>
      <p v-if="author" class="author" data-testid="author">{{ author }}</p>
      <form v-if="isEditing" class="editor" @submit.prevent="save">
        <textarea ref="box" rows="1" data-testid="edit-box" aria-label="Edit your message" @input="typed"
          @keydown="key" @compositionend="keys.composed"></textarea>
        <div class="editor-row">
          <button type="button" class="text-button" data-testid="edit-cancel" @click="cancel">Cancel</button>
          <button type="submit" class="text-button primary" data-testid="edit-save">Send</button>
        </div>
        <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
      </form>
      <template v-else-if="text.trim()">
        <div ref="bubble" class="bubble" :class="{ long: isLong, folded: isLong && !isOpen }" :id="'prompt-' + turn" @scroll="isOpen = true">{{ text }}</div>
        <button v-if="isLong" type="button" class="prompt-more" data-testid="prompt-more" :aria-expanded="String(isOpen)"
          :aria-controls="'prompt-' + turn" @click="fold(!isOpen)">{{ isOpen ? "Show less" : "Show more" }}</button>
      </template>
      <div v-if="!isEditing" class="turn-actions" role="group" aria-label="Message actions">
        <version-switcher v-if="canAct" :number="number" :count="count" @step="(step) => $emit('switch', step)"></version-switcher>
        <button type="button" class="icon-button" data-testid="copy" data-icon="content_copy" aria-label="Copy" title="Copy"
          @click="copy($event.currentTarget)"></button>
        <button v-if="canAct" ref="edit" type="button" class="icon-button" data-testid="edit" data-action="edit" data-icon="edit" aria-label="Edit" title="Edit"
          @click="edit"></button>
        <turn-menu v-if="canAct" what="question" :count="count" :entry="entry" @remove="$emit('delete')"></turn-menu>
      </div>
    </article>`,
  components: { VersionSwitcher, TurnMenu },
  props: {
    turn: String,
    entry: String,
    text: String,
    author: String,
    files: Boolean,
    canAct: Boolean,
    number: Number,
    count: Number,
  },
  data() {
    return { isEditing: false, problem: "", isLong: false, isOpen: false };
  },
  created() {
    this.keys = new MessageKeys();
  },
  mounted() {
    if (this.text.length < MIN_LENGTH && this.text.split("\n").length <= MAX_LINES) return;
    this.resized = new ResizeObserver(this.measure); // how many lines it has depends on its width
    this.watchBubble();
  },
  beforeUnmount() {
    this.resized?.disconnect();
    if (this.isSent && isConnected()) this.keep(null); // another question has taken its place
  },
  watch: {
    isEditing() {
      this.$nextTick(this.watchBubble);
    },
  },
  methods: {
    watchBubble() {
      this.resized?.disconnect();
      if (!this.$refs.bubble) return;
      this.measure(); // before it is painted, so that nothing moves
      this.resized?.observe(this.$refs.bubble);
    },
    measure() {
      const bubble = this.$refs.bubble;
      if (!bubble?.clientWidth) return;
      const { lineHeight, paddingTop, paddingBottom } = getComputedStyle(bubble);
      const height = bubble.scrollHeight - Number.parseFloat(paddingTop) - Number.parseFloat(paddingBottom);
      this.isLong = height > (MAX_LINES + 0.5) * Number.parseFloat(lineHeight);
    },
    async fold(isOpen) {
      const scroller = this.$el.closest(".scroller");
      if (scroller && this.$el.getBoundingClientRect().top < scroller.getBoundingClientRect().top)
        this.$el.scrollIntoView({ block: "start", behavior: "instant" });
      if (scroller) holdInPlace(this.$el);
      this.isOpen = isOpen;
      await this.$nextTick();
      this.$refs.bubble.scrollTop = 0;
    },
    copy(button) {
      copyByButton(button, this.text);
    },
    async edit() {
      this.isEditing = true;
      this.problem = "";
      await this.$nextTick();
      const box = this.$refs.box;
      box.value = load("sessionStorage", this.place()) ?? this.text;
      this.fit();
      box.focus({ preventScroll: true });
      box.setSelectionRange(box.value.length, box.value.length);
      this.$el.scrollIntoView({ block: "nearest" });
    },
    cancel() {
      this.keep(null);
      this.close();
    },
    async close() {
      this.isEditing = false;
      await this.$nextTick();
      this.$refs.edit.focus({ preventScroll: true });
    },
    key(event) {
      if (this.keys.areComposing(event)) return;
      if (event.key === "Escape") {
        event.stopPropagation(); // it does not stop an answer then
        this.close();
      } else if (this.keys.send(event)) {
        event.preventDefault();
        this.save();
      }
    },
    // The page shows the new question once it is there; until then what was written stays.
    save() {
      const text = this.$refs.box.value;
      if (text === this.text) return this.cancel();
      if (!text.trim() && !this.files) return;
      this.isSent = isConnected();
      this.problem = this.isSent ? "" : NOT_SENT;
      if (this.isSent) this.$emit("edit", text);
    },
    typed() {
      this.problem = "";
      this.isSent = false;
      this.keep(this.$refs.box.value);
      this.fit();
    },
    // Of a temporary chat nothing is kept.
    keep(text) {
      if (!this.$el.closest("[data-temporary]"))
        store("sessionStorage", this.place(), text === this.text ? null : text);
    },
    place() {
      return `edit ${this.turn}`;
    },
    fit() {
      fitHeight(this.$refs.box);
    },
  },
};
