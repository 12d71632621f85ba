// The dialog in which one searches: a list under a box, worked with keys; the server hears of what is typed.
import { isComposing } from "parlour/composition.js";
import { placeAfterKey } from "parlour/list_keys.js";
import { formatDay } from "parlour/locale.js";

const TYPING_PAUSE = 120; // ms without a key before the server is asked

export const SearchList = {
  template: `
    <dialog class="dialog search-dialog" aria-label="Search" @close="text = ''">
      <div class="search-box">
        <i class="q-icon material-symbols-outlined" aria-hidden="true">search</i>
        <input :value="text" type="text" data-testid="search-input" placeholder="Search all chats" aria-label="Search all chats"
          role="combobox" aria-autocomplete="list" aria-controls="search-results" :aria-expanded="rows.length > 0"
          :aria-activedescendant="rows[at] ? 'search-result-' + at : null" enterkeyhint="go" autocomplete="off" spellcheck="false"
          @input="text = $event.target.value" @keydown="key">
        <button type="button" class="icon-button" aria-label="Close" title="Close" @click="close">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">close</i>
        </button>
      </div>
      <div id="search-results" class="search-results" role="listbox" aria-label="Results" ref="list">
        <a v-for="(row, index) in rows" :id="'search-result-' + index" class="search-result" :class="{ current: index === at }"
          role="option" tabindex="-1" :aria-selected="index === at" data-testid="search-result" :data-id="row.id" :href="row.href"
          @pointermove="at = index" @click="press($event, row)">
          <span class="search-title"><span v-if="row.entry || !row.pieces[1]">{{ row.title }}</span
            ><span v-else>{{ row.pieces[0] }}<mark>{{ row.pieces[1] }}</mark>{{ row.pieces[2] }}</span></span>
          <time :datetime="row.moment">{{ day(row.moment) }}</time>
          <span v-if="row.entry" class="search-snippet">{{ row.pieces[0] }}<mark>{{ row.pieces[1] }}</mark>{{ row.pieces[2] }}</span>
        </a>
      </div>
      <p v-if="isEmpty" class="search-empty">Nothing found for “{{ shown }}”.</p>
      <p class="visually-hidden" role="status">{{ isEmpty ? "Nothing found" : shown && rows.length + " results" }}</p>
    </dialog>`,
  data() {
    return { text: "", shown: "", rows: [], at: 0 };
  },
  computed: {
    isEmpty() {
      return Boolean(this.shown.trim()) && !this.rows.length;
    },
  },
  watch: {
    text() {
      this.early = null;
      this.hasChosen = false; // a row, by keys
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.$emit("ask", this.text), TYPING_PAUSE);
    },
  },
  methods: {
    open() {
      this.hasChosen = false;
      this.$emit("ask", "");
      this.$el.showModal();
      this.$el.querySelector("input").focus();
    },
    close() {
      this.$el.close();
    },
    // Called by the server; what was found for an older text has been typed over.
    show(text, rows) {
      if (text !== this.text) return;
      const { id, entry } = (this.hasChosen && this.rows[this.at]) || {};
      const place = rows.findIndex((row) => row.id === id && row.entry === entry);
      [this.shown, this.rows, this.at] = [text, rows, Math.max(0, place)];
      this.$refs.list.scrollTop = 0;
      if (place > 0) this.$nextTick(() => this.go(place));
      if (this.early) this.$nextTick(() => this.take(this.early));
    },
    key(event) {
      if (isComposing(event)) return;
      const place = placeAfterKey(event, { at: this.at, count: this.rows.length, hasEnds: false });
      if (place !== undefined) this.go(place);
      else if (event.key !== "Enter") return;
      else if (this.shown === this.text || this.hasChosen) this.take(event);
      else this.early = event; // what is shown was found for less
      event.preventDefault();
    },
    // As a click on the row, with the same meaning of Ctrl, ⌘ and Shift.
    take({ ctrlKey, metaKey, shiftKey }) {
      this.early = null;
      const click = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey });
      this.$refs.list.children[this.at]?.dispatchEvent(click);
    },
    go(at) {
      this.at = at;
      this.hasChosen = true;
      this.$refs.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    },
    press(event, row) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a new tab, as with any link
      event.preventDefault();
      event.stopPropagation(); // the server leads there, also when only the place in the chat is another
      this.close();
      this.$emit("open", [row.id, row.entry]);
    },
    day(moment) {
      const date = new Date(moment);
      return formatDay(date, date.getFullYear() !== new Date().getFullYear());
    },
  },
};
