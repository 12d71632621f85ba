// The browser's half of ConversationList. It has the rows in view and some around them; the server has the list.
import { localAddress } from "parlour/addresses.js";
import { mayDelete, openConversationMenu } from "parlour/conversation_menu.js";
import { placeAfterKey } from "parlour/list_keys.js";

const EXTRA_ROWS = 20; // rows to have ready on either side of those in view
const RANGE_STEP = 20; // rows to scroll before others are asked for

const icon = (name) => `<i class="q-icon material-symbols-outlined" aria-hidden="true">${name}</i>`;

export default {
  template: `
    <div class="sidebar-list" tabindex="-1" @scroll.passive="look" @keydown="key">
      <ul aria-label="Conversations">
        <li class="gap" aria-hidden="true" :style="gap(0, start)"></li>
        <template v-for="item in items" :key="item.key">
          <li v-if="item.heading" class="group-title">{{ item.heading }}</li>
          <li v-else class="conversation" :class="item.classes" :data-id="item.row.id" data-long-press
            @contextmenu.prevent="menu($event, item.row)" @focusin="reach(item.row)">
            <input v-if="editing === item.row.id" class="conversation-name" data-testid="conversation-name" aria-label="Chat title"
              @keydown.stop="nameKey($event, item.row)" @blur="save($event, item.row)">
            <template v-else>
              <a class="conversation-link" data-testid="conversation-link" :href="address(item.row.id)" :data-id="item.row.id"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="item.name" :aria-current="item.row.id === active ? 'page' : null"
                ><i v-if="item.row.temporary" class="q-icon material-symbols-outlined" aria-hidden="true">visibility_off</i><span class="conversation-title">{{ item.row.title }}</span></a>
              <button type="button" class="conversation-menu" data-testid="conversation-menu" aria-haspopup="menu"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="'Options for ' + item.row.title"
                @click="menu($event, item.row)">${icon("more_horiz")}</button>
            </template>
          </li>
        </template>
        <li class="gap" aria-hidden="true" :style="gap(start + rows.length, total)"></li>
      </ul>
      <slot></slot>
    </div>`,
  props: { rows: Array, start: Number, total: Number, headings: Array, active: String },
  data() {
    return { current: null, editing: null };
  },
  created() {
    this.at = 0; // the place of the current row, also when it is not among those that are here
    this.wanted = null; // the place of a row that gets the focus as soon as it is here
  },
  mounted() {
    this.look();
    this.beginDay();
    addEventListener("resize", this.look);
    document.addEventListener("visibilitychange", this.beginDay);
  },
  unmounted() {
    clearTimeout(this.midnight);
    removeEventListener("resize", this.look);
    document.removeEventListener("visibilitychange", this.beginDay);
  },
  beforeUpdate() {
    this.hadFocus = this.$el.contains(document.activeElement);
  },
  updated() {
    if (this.wanted !== null && this.rows[this.wanted - this.start]) this.focus(this.wanted);
    else if (this.hadFocus && !this.$el.contains(document.activeElement)) this.focus(this.at); // its row is gone
  },
  computed: {
    items() {
      const headings = new Map(this.headings);
      return this.rows.flatMap((row, index) => {
        const heading = headings.get(this.start + index);
        const { running, unread, waiting, temporary } = row;
        const classes = { active: row.id === this.active, running, unread, waiting };
        const states = [
          temporary && "temporary",
          running && "answering",
          waiting && "waits for a decision",
          unread && "unread",
        ];
        const name = [row.title, ...states].filter(Boolean).join(", ");
        return [...(heading ? [{ key: `heading ${heading}`, heading }] : []), { key: row.id, row, classes, name }];
      });
    },
    tabStop() {
      const ids = this.rows.map((row) => row.id);
      return [this.current, this.active].find((id) => ids.includes(id)) ?? ids[0];
    },
  },
  methods: {
    address: (id) => localAddress(`/c/${id}`),
    gap(from, to) {
      const headings = this.headings.filter(([index]) => from <= index && index < to).length;
      return `height: calc(${Math.max(0, to - from)} * var(--row) + ${headings} * var(--heading))`;
    },
    size(name) {
      return parseFloat(getComputedStyle(this.$el).getPropertyValue(name));
    },
    look() {
      const { scrollTop, clientHeight } = this.$el;
      const row = this.size("--row");
      const start = Math.max(0, Math.floor((scrollTop / row - EXTRA_ROWS) / RANGE_STEP) * RANGE_STEP);
      const window = [start, start + Math.ceil(clientHeight / row) + 2 * EXTRA_ROWS + RANGE_STEP];
      if (String(window) === String(this.asked) || !clientHeight) return;
      this.asked = window;
      this.$emit("visible-range", window);
    },
    // The days of the list are those of the person, who may be elsewhere than the server, and look for longer than a day.
    beginDay() {
      clearTimeout(this.midnight);
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const today = `${new Date().toDateString()} ${zone}`;
      this.midnight = setTimeout(this.beginDay, new Date().setHours(24, 0, 1) - Date.now());
      if (today !== this.saidDay) this.$emit("day", zone);
      this.saidDay = today;
    },
    key(event) {
      const row = this.rows.find((row) => row.id === this.current);
      const page = Math.floor(this.$el.clientHeight / this.size("--row"));
      const at = this.wanted ?? this.at;
      const place = placeAfterKey(event, { at, count: this.total, page, wraps: false });
      if (place !== undefined) this.focus(place);
      else if (event.key === "F2" && row) this.edit(row);
      else if (event.key === "Delete" && row) this.remove(row);
      else return;
      event.preventDefault();
    },
    async remove(row) {
      if (await mayDelete(row)) this.$emit("action", ["delete", row.id]);
    },
    reach(row) {
      this.current = row.id;
      this.at = this.start + this.rows.indexOf(row);
    },
    focus(place) {
      this.at = Math.max(0, Math.min(place, this.total - 1));
      const row = this.rows[this.at - this.start];
      this.wanted = row || !this.total ? null : this.at;
      this.current = row?.id ?? this.current;
      this.scrollTo(this.at);
      (this.row(row?.id)?.querySelector("a") ?? this.$el).focus({ preventScroll: true });
    },
    scrollTo(place) {
      const above = this.headings.filter(([index]) => index <= place).length;
      const heading = this.size("--heading");
      const top = place * this.size("--row") + above * heading;
      const list = this.$el;
      if (top - heading < list.scrollTop) list.scrollTop = top - heading;
      const hidden = top + this.size("--row") - list.clientHeight;
      if (hidden > list.scrollTop) list.scrollTop = hidden;
    },
    row(id) {
      return id && this.$el.querySelector(`li[data-id="${CSS.escape(id)}"]`);
    },
    async menu(event, row) {
      this.reach(row);
      const at = event.button === 2 ? event : this.row(row.id).querySelector("button"); // 0 is a key or a click on it
      const chosen = await openConversationMenu(at, row);
      if (chosen === "rename") this.edit(row);
      else if (chosen) this.$emit("action", [chosen, row.id]);
    },
    async edit(row) {
      this.editing = row.id;
      await this.$nextTick();
      const box = this.row(row.id).querySelector("input");
      box.value = row.title; // from here on it is the person's
      box.focus();
      box.select();
    },
    nameKey(event, row) {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Enter") this.save(event, row);
      this.leave(row);
    },
    save(event, row) {
      if (this.editing !== row.id) return; // it was left with a key
      const title = event.target.value.trim();
      if (title !== row.title) this.$emit("action", ["rename", row.id, title]);
      row.title = title || row.title; // what the server will say in a moment
      this.editing = null;
    },
    async leave(row) {
      this.editing = null;
      await this.$nextTick();
      this.row(row.id)?.querySelector("a").focus();
    },
  },
};
