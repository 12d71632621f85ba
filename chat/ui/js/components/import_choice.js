// The browser's half of ImportChoice. Which chats are chosen, and which are found by the words, is for the server to say.
const REST_TIME = 200; // ms without a key after which is searched

export default {
  template: `
    <details class="import-choice" data-testid="import-choice">
      <summary>{{ chosen === total ? "Choose chats" : chosen.toLocaleString("en") + " of " + total.toLocaleString("en") + " chats chosen" }}</summary>
      <input type="search" class="field" placeholder="Search titles" aria-label="Search titles" maxlength="200" @input="type">
      <label class="import-chat"><input type="checkbox" :checked="isAll" :disabled="!matches" @change="choose('', $event)">
        <span class="import-chat-title">All {{ matches.toLocaleString("en") }}</span></label>
      <ul>
        <li v-for="[id, title, note, isChosen] in rows" :key="id">
          <label class="import-chat" data-testid="import-chat"><input type="checkbox" :checked="isChosen" @change="choose(id, $event)">
            <span class="import-chat-title">{{ title }}</span><span class="setting-hint">{{ note }}</span></label>
        </li>
      </ul>
      <p v-if="matches > rows.length" class="setting-hint">And {{ (matches - rows.length).toLocaleString("en") }} more: search for them.</p>
    </details>`,
  props: {
    rows: { type: Array, default: () => [] }, // of each: id, title, note, and whether it is chosen
    matches: { type: Number, default: 0 },
    isAll: Boolean,
    chosen: { type: Number, default: 0 },
    total: { type: Number, default: 0 },
  },
  beforeUnmount() {
    clearTimeout(this.waiting);
  },
  methods: {
    type({ target }) {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.$emit("search", target.value), REST_TIME);
    },
    choose(id, { target }) {
      this.$emit("choose", [id, target.checked]);
    },
  },
};
