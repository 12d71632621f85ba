// The browser's half of ChatHeader: the title of the chat, a box in its place to rename it, and the menu of the chat.
import { isComposing } from "parlour/composition.js";
import { openConversationMenu } from "parlour/conversation_menu.js";

const MORE = [[".theme-toggle", "Theme: light, dark or system", "contrast"]]; // for which a small screen has no room
const FIND = ["find", "Find in chat", "search", "", "find-open"];

export default {
  template: `
    <div class="chat-head">
      <input v-if="isEditing" ref="box" class="conversation-name" data-testid="conversation-name" aria-label="Chat title"
        @keydown.stop="key" @blur="save">
      <h1 class="chat-title" :class="{ 'visually-hidden': isEditing }" data-testid="chat-title" :title="title">{{ title }}</h1>
      <button ref="menu" type="button" class="icon-button chat-menu" data-testid="chat-menu" data-icon="more_horiz" aria-haspopup="menu"
        aria-label="Chat options" title="Chat options" @click="open"></button>
    </div>`,
  props: {
    chat: String,
    title: String,
    pinned: Boolean,
    archived: Boolean,
    temporary: Boolean,
    folder: String,
    folders: Array,
  },
  data() {
    return { isEditing: false };
  },
  methods: {
    async open() {
      const bar = this.$el.closest(".topbar");
      const more = MORE.filter(([button]) => bar.querySelector(button)?.checkVisibility() === false);
      const { chat: id, title, pinned, archived, temporary, folder } = this;
      const row = { id, title, pinned, archived, temporary, folder };
      const chosen = await openConversationMenu(this.$refs.menu, row, this.folders, [FIND, ...more]);
      if (chosen?.[0] === "rename") this.edit();
      else if (chosen?.[0] === "find") document.dispatchEvent(new CustomEvent("parlour-find", { cancelable: true }));
      else if (chosen?.[0].startsWith(".")) bar.querySelector(chosen[0]).click();
      else if (chosen) this.$emit("action", chosen);
    },
    async edit() {
      this.isEditing = true;
      await this.$nextTick();
      const { box } = this.$refs;
      box.value = this.title;
      box.focus();
      box.select();
    },
    async key(event) {
      if (isComposing(event) || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Enter") this.save(event);
      this.isEditing = false;
      await this.$nextTick();
      this.$refs.menu.focus();
    },
    save({ target }) {
      if (!this.isEditing) return; // it was left with a key
      this.isEditing = false;
      const title = target.value.trim();
      if (title !== this.title) this.$emit("action", ["rename", title]);
    },
  },
};
