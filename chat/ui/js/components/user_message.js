// The browser's half of UserMessage: a bubble, and the editor that takes its place. What is written there
// belongs to the browser until it is sent; if it is refused, it is still there.
import { copyByButton } from "parlour/clipboard.js";
import { fitHeight, MessageKeys } from "parlour/message_box.js";
import { TurnMenu, VersionSwitcher } from "parlour/versions.js";

export default {
  template: `
    <article class="turn user" data-testid="turn" data-role="user" aria-label="You" :data-turn="turn">
      <slot></slot>
      <p v-if="author" class="author" data-testid="author">{{ author }}</p>
      <form v-if="isEditing" class="editor" @submit.prevent="save">
        <textarea ref="box" rows="1" data-testid="edit-box" aria-label="Edit your message" @input="fit"
          @keydown="key" @compositionend="keys.composed"></textarea>
        <div class="editor-row">
          <button type="button" class="text-button" data-testid="edit-cancel" @click="cancel">Cancel</button>
          <button type="submit" class="text-button primary" data-testid="edit-save">Send</button>
        </div>
      </form>
      <div v-else-if="text.trim()" class="bubble">{{ text }}</div>
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
    return { isEditing: false };
  },
  created() {
    this.keys = new MessageKeys();
  },
  methods: {
    copy(button) {
      copyByButton(button, this.text);
    },
    async edit() {
      this.isEditing = true;
      await this.$nextTick();
      const box = this.$refs.box;
      box.value = this.text;
      this.fit();
      box.focus({ preventScroll: true });
      box.setSelectionRange(box.value.length, box.value.length);
      this.$el.scrollIntoView({ block: "nearest" });
    },
    async cancel() {
      this.isEditing = false;
      await this.$nextTick();
      this.$refs.edit.focus({ preventScroll: true });
    },
    key(event) {
      if (this.keys.areComposing(event)) return;
      if (event.key === "Escape") {
        event.stopPropagation(); // it does not stop an answer then
        this.cancel();
      } else if (this.keys.send(event)) {
        event.preventDefault();
        this.save();
      }
    },
    // The page shows the new question once it is there; until then what was written stays.
    save() {
      const text = this.$refs.box.value;
      if (text === this.text) this.cancel();
      else if (text.trim() || this.files) this.$emit("edit", text);
    },
    fit() {
      fitHeight(this.$refs.box);
    },
  },
};
