// The browser's half of RowList. Rows are keyed, so those that stay keep the focus and the pointer.
import { askToConfirm } from "parlour/dialogs.js";
import { localized } from "parlour/locale.js";
import { endSelectionByKey } from "parlour/selection.js";

export default {
  template: `
    <div class="row-list" :class="{ selecting: selected }">
      <div v-if="rows.length" class="row-selection" role="group" aria-label="Selected chats">
        <input type="checkbox" class="select-chat" data-testid="select-all" aria-label="Select all" :checked="isWhole" @click="all">
        <span class="selection-count" role="status" data-testid="selection-count">{{ selected ? selected + " selected" : "" }}</span>
        <span class="spacer"></span>
        <template v-if="selected">
          <button v-for="button in bulkButtons" type="button" class="icon-button" :data-testid="'bulk-' + button.name"
            :title="button.label" :aria-label="button.label" @click="pressBulk(button)">
            <i class="q-icon material-symbols-outlined" aria-hidden="true">{{ button.icon }}</i>
          </button>
        </template>
      </div>
      <ul class="list-rows">
        <li v-for="row in rows" :key="row.id" class="list-row" :class="{ selected: row.selected }" data-testid="list-row" :data-id="row.id">
          <input type="checkbox" class="select-chat" data-testid="select-chat" :checked="Boolean(row.selected)"
            :aria-label="'Select ' + row.title" @click="check($event, row)">
          <component :is="row.href ? 'a' : 'span'" class="list-title" :href="row.href">{{ row.title }}</component>
          <span class="list-note">{{ localized(row.note) }}</span>
          <button v-for="button in buttons" type="button" class="icon-button" :data-testid="button.name"
            :title="button.label" :aria-label="button.label + ': ' + row.title" @click="press(button, row)">
            <i class="q-icon material-symbols-outlined" aria-hidden="true">{{ button.icon }}</i>
          </button>
        </li>
      </ul>
      <button v-if="left" type="button" class="text-button" @click="$emit('more')">Show more ({{ left }})</button>
      <p v-if="!rows.length" class="list-empty"><slot></slot></p>
    </div>`,
  props: { rows: Array, left: Number, buttons: Array, bulkButtons: Array, selected: { type: Number, default: 0 } },
  computed: {
    isWhole() {
      return this.selected > 0 && this.selected === this.rows.length + this.left;
    },
  },
  mounted() {
    this.stopListening = endSelectionByKey(() => this.selected && this.end());
  },
  unmounted() {
    this.stopListening();
  },
  methods: {
    localized,
    async press(button, row) {
      if (!button.confirm || (await this.isWanted(button.confirm, `“${row.title}”`)))
        this.$emit("action", [button.name, row.id]);
    },
    async pressBulk(button) {
      const what = this.selected === 1 ? "This chat" : `${this.selected} chats`;
      if (!button.confirm || (await this.isWanted(button.confirm, what))) this.$emit("bulk", button.name);
    },
    isWanted({ title, text, action }, what) {
      return askToConfirm({ title, text: `${what} ${text}`, action });
    },
    check(event, row) {
      const isRange = event.shiftKey && this.anchor && this.anchor !== row.id;
      row.selected = isRange || event.target.checked; // what the server will say in a moment
      if (isRange) this.$emit("select", ["range", this.anchor, row.id]);
      else this.$emit("select", ["toggle", row.id]);
      if (!isRange) this.anchor = row.id;
    },
    all({ target }) {
      this.$emit("select", [target.checked ? "all" : "none"]);
    },
    end() {
      this.anchor = null;
      this.$emit("select", ["none"]);
      return true;
    },
  },
  beforeUpdate() {
    const row = document.activeElement?.closest?.("li");
    this.at = this.$el.contains(row) ? [...row.parentElement.children].indexOf(row) : -1;
  },
  updated() {
    if (this.at < 0 || this.$el.contains(document.activeElement)) return;
    const rows = this.$el.querySelectorAll("li"); // the row that had the focus is gone: the next one takes it
    rows[Math.min(this.at, rows.length - 1)]?.querySelector("button").focus();
  },
};
