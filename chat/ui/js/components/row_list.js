// The browser's half of RowList. Rows are keyed, so those that stay keep the focus and the pointer.
import { askToConfirm } from "parlour/dialogs.js";
import { localized } from "parlour/locale.js";

export default {
  template: `
    <div class="row-list">
      <ul class="list-rows">
        <li v-for="row in rows" :key="row.id" class="list-row" data-testid="shelf-row" :data-id="row.id">
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
  props: { rows: Array, left: Number, buttons: Array },
  methods: {
    localized,
    async press(button, row) {
      if (!button.confirm || (await this.isWanted(button.confirm, row))) this.$emit("action", [button.name, row.id]);
    },
    isWanted({ title, text, action }, row) {
      return askToConfirm({ title, text: `“${row.title}” ${text}`, action });
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
