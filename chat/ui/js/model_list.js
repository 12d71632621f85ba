// The list of models from which one picks: search and keys need no server. The focus stays in the search field; which
// row the keys have reached is told to a screen reader by aria-activedescendant.
import { isComposing } from "parlour/composition.js";
import { placeAfterKey } from "parlour/list_keys.js";
import { closePopover, openPopover } from "parlour/popover.js";

const PAGE_ROWS = 8; // that Page Up and Page Down go
const [FEWEST, MOST] = [2, 4]; // models that are compared

const ModelList = {
  template: `
    <div class="model-list">
      <input ref="search" class="model-search" type="text" role="combobox" aria-expanded="true" aria-autocomplete="list"
        aria-label="Search models" placeholder="Search, or type provider:model" autocomplete="off" autocapitalize="off"
        spellcheck="false" enterkeyhint="done" autofocus data-testid="model-search" :aria-controls="uid"
        :aria-activedescendant="rows.length ? idOf(rows[active]) : null" @input="search" @keydown="key" @keyup="release" />
      <div ref="list" class="model-rows" role="listbox" aria-label="Models" :id="uid" :aria-multiselectable="several ? 'true' : null">
        <div v-for="group in shown" :key="group.heading" role="group" :aria-label="group.heading">
          <div class="model-group" aria-hidden="true">{{ group.heading }}</div>
          <div v-if="group.problem" class="model-problem" role="note" data-testid="server-problem">{{ group.problem }}</div>
          <div v-for="row in group.rows" :key="row.place" class="model-option" role="option" data-testid="model-option"
            :id="idOf(row)" :class="{ selected: isChosen(row), active: row === rows[active] }"
            :aria-selected="String(isChosen(row))" :data-name="row.name"
            @mousemove="reach(rows.indexOf(row))" @click="pick(row)">{{ row.label }}</div>
        </div>
      </div>
      <p v-if="!rows.length" class="model-empty" role="status">{{ nothing }}</p>
    </div>`,
  props: { groups: { type: Array, default: () => [] }, selected: String, several: Array }, // what is chosen, if several can be
  data() {
    return { words: "", active: 0, uid: `models-${Math.random().toString(36).slice(2)}` };
  },
  computed: {
    shown() {
      const wanted = this.words.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (group, model) =>
        wanted.every((word) => `${model.label} ${model.name} ${group.heading}`.toLowerCase().includes(word));
      let place = 0;
      const groups = this.groups
        .filter((group) => !(group.recent && wanted.length)) // each would be found twice
        .map((group) => ({ ...group, rows: group.models.filter((model) => fits(group, model)) }));
      const typed = this.words.trim();
      if (/^[\w-]+:\S+$/.test(typed) && !this.groups.some(({ models }) => models.some(({ name }) => name === typed)))
        groups.push({ heading: "Custom", rows: [{ name: typed, label: typed }] });
      return groups
        .filter(({ rows, problem, heading }) => rows.length || (problem && fits({ heading }, { label: "", name: "" })))
        .map((group) => ({
          ...group,
          rows: group.rows.map((row) => ({ ...row, heading: group.heading, place: place++ })),
        }));
    },
    rows() {
      const { shown } = /** @type {any} */ (this); // what was computed above
      return shown.flatMap(({ rows }) => rows);
    },
    nothing() {
      return this.groups.length ? "No matching model. Type provider:model to use any other." : "Loading models …";
    },
  },
  watch: {
    groups(_, before) {
      if (!before.length) this.toSelected();
      else this.followReached();
    },
  },
  mounted() {
    this.toSelected();
  },
  methods: {
    isChosen({ name }) {
      return this.several ? this.several.includes(name) : name === this.selected;
    },
    idOf(row) {
      return row && `${this.uid}-${row.place}`;
    },
    toSelected() {
      this.go(this.rows.findIndex(({ name }) => name === this.selected));
    },
    search(event) {
      this.words = event.target.value;
      this.go(0);
    },
    reach(place) {
      this.active = Math.min(Math.max(0, place), Math.max(0, this.rows.length - 1));
      this.reached = this.rows[this.active];
    },
    // A server that answers puts its models above others: the row that was reached stays the same model.
    followReached() {
      const { name, heading } = this.reached ?? {};
      const sameName = (row) => row.name === name;
      const place = this.rows.findIndex((row) => sameName(row) && row.heading === heading);
      this.go(place >= 0 ? place : this.rows.some(sameName) ? this.rows.findIndex(sameName) : this.active);
    },
    go(place) {
      this.reach(place);
      this.$nextTick(() => this.$refs.list?.querySelector(".active")?.scrollIntoView({ block: "nearest" }));
    },
    key(event) {
      if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      const place = placeAfterKey(event, { at: this.active, count: this.rows.length, page: PAGE_ROWS });
      if (place !== undefined) this.go(place);
      else if (event.key === "Enter" && this.rows.length) this.pressed = event.repeat ? null : this.rows[this.active];
      else return;
      event.preventDefault();
    },
    // Not before the key is up: the menu's button, which has the focus next, would open the list again then. The
    // key that opened the list is not one that was pressed here.
    release(event) {
      if (event.key === "Enter" && this.pressed) this.pick(this.pressed);
      this.pressed = null;
    },
    pick(row) {
      this.$emit("pick", row.name);
    },
  },
};

// Opens at the button that it stands in, and stands itself at the end of the page, where nothing cuts it off, or of the
// dialog that it is opened in: nothing else can be reached then. `open` asks
// for the models; those that are known already are shown at once. They are kept up to date until `close`.
export const ModelMenu = {
  template: `
    <span hidden>
      <Teleport v-if="isOpen" :to="place">
        <div ref="menu" class="model-menu" popover="manual" role="dialog" aria-label="Models" @keydown.tab="step">
          <model-list :groups="groups" :selected="selected" :several="chosen" @pick="pick"></model-list>
          <div v-if="compares" class="model-compare">
            <button v-if="!chosen" type="button" class="model-option" data-testid="compare" @click="begin">Compare models</button>
            <template v-else>
              <p class="model-note" role="status">{{ note }}</p>
              <button type="button" class="text-button primary" data-testid="compare-start" :disabled="chosen.length < FEWEST"
                @click="compare">{{ label }}</button>
            </template>
          </div>
        </div>
      </Teleport>
    </span>`,
  components: { ModelList },
  props: { groups: { type: Array, default: () => [] }, selected: String, compares: Boolean },
  emits: ["open", "close", "pick", "compare"],
  data() {
    return { isOpen: false, chosen: null, FEWEST };
  },
  computed: {
    label() {
      return this.chosen.length < FEWEST ? "Compare" : `Compare ${this.chosen.length} models`;
    },
    note() {
      const count = `Choose ${FEWEST} to ${MOST} models. All answer at once.`;
      return `${count} Each uses tools by itself, so something may be done twice; what asks first still asks.`;
    },
  },
  mounted() {
    this.button = this.$el.closest("button");
    this.place = this.button.closest("dialog") ?? "body";
    this.button.addEventListener("click", this.open);
  },
  beforeUnmount() {
    this.button.removeEventListener("click", this.open);
    if (this.isOpen) closePopover({ element: this.$refs.menu, focus: false });
  },
  methods: {
    async open() {
      this.isOpen = true;
      await this.$nextTick();
      const { menu } = this.$refs;
      if (!openPopover(menu, this.button, this.close)) return this.close();
      menu.querySelector("input").focus({ preventScroll: true });
      this.$emit("open");
    },
    close() {
      this.isOpen = false;
      this.chosen = null;
      this.$emit("close");
    },
    // From the search to the buttons and back; beyond them Tab closes the list.
    step(event) {
      const stops = [...this.$refs.menu.querySelectorAll("input, button:enabled")];
      const next = stops[stops.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1)];
      if (!next || isComposing(event)) return;
      event.preventDefault();
      next.focus();
    },
    begin() {
      this.chosen = this.selected ? [this.selected] : [];
      this.$refs.menu.querySelector("input").focus({ preventScroll: true });
    },
    toggle(name) {
      if (this.chosen.includes(name)) this.chosen = this.chosen.filter((other) => other !== name);
      else if (this.chosen.length < MOST) this.chosen = [...this.chosen, name];
    },
    compare() {
      const chosen = this.chosen;
      closePopover({ element: this.$refs.menu });
      this.$emit("compare", chosen);
    },
    pick(name) {
      if (this.chosen) return this.toggle(name);
      closePopover({ element: this.$refs.menu });
      this.$emit("pick", name);
    },
  },
};
