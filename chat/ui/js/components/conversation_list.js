// The browser's half of ConversationList. It has the rows in view and some around them; the server has the list, and
// knows which chats are selected.
import { goTo, localAddress } from "parlour/addresses.js";
import { isComposing } from "parlour/composition.js";
import { mayDelete, openConversationMenu } from "parlour/conversation_menu.js";
import { chooseFolder } from "parlour/folder_menu.js";
import { placeAfterKey } from "parlour/list_keys.js";
import { openMenu } from "parlour/menu.js";
import { endSelectionByKey } from "parlour/selection.js";

const EXTRA_ROWS = 20; // rows to have ready on either side of those in view
const RANGE_STEP = 20; // rows to scroll before others are asked for
const DRAGGED = "application/x-parlour-chat"; // what a row that is dragged is
const FIRST_DAY_AFTER = 200; // ms from the first look of a page: the first use of Intl takes longer than all else of the list
const LOOSE = " "; // in the place of the id of a folder: where chats are that are in none

const icon = (name) => `<i class="q-icon material-symbols-outlined" aria-hidden="true">${name}</i>`;
const hasMod = ({ ctrlKey, metaKey }) => ctrlKey || metaKey;

const bulkButton = (name, label, symbol, more = "") => `
  <button type="button" class="icon-button" data-testid="bulk-${name}" title="${label}" aria-label="${label}" ${more}
    @click="bulk('${name}', $event)">${icon(symbol)}</button>`;

const FOLDER_ITEMS = [
  ["new-chat", "New chat in this folder", "edit_square"],
  ["rename", "Rename", "edit"],
  ["settings", "Instructions and model", "tune", "", "folder-settings"],
  ["delete", "Delete folder", "delete", "danger"],
];

let pressedWith; // what kind of pointer; Safari says it of a click since 18.4, Firefox since 129
addEventListener("pointerdown", ({ pointerType }) => (pressedWith = pointerType), { capture: true });

export default {
  template: `
    <div class="sidebar-list" :class="{ selecting: selected, 'drop-here': target === '${LOOSE}' }" tabindex="-1" @scroll.passive="look" @keydown="key"
      @dragover="dragOver" @dragleave="dragLeave" @drop="drop">
      <ul aria-label="Conversations">
        <li class="gap" aria-hidden="true" :style="gap(0, start)"></li>
        <template v-for="item in items" :key="item.key">
          <li v-if="item.heading" class="group-title">{{ item.heading }}</li>
          <li v-else class="conversation" :class="item.classes" :data-id="item.row.id" :data-long-press="editing === item.row.id ? null : ''"
            @contextmenu="menu($event, item.row)" @longpress="hold($event, item.row)" @focusin="reach(item.row)">
            <input v-if="editing === item.row.id" class="conversation-name" data-testid="conversation-name"
              :aria-label="item.row.isFolder ? 'Folder name' : 'Chat title'" @keydown.stop="nameKey($event, item.row)" @blur="save($event, item.row)">
            <template v-else-if="item.row.isFolder">
              <button type="button" class="conversation-link folder-link" data-testid="folder" :data-id="item.row.id" :data-count="item.row.count || null"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="item.name" :aria-expanded="String(!item.row.folded)" @click="fold(item.row)"
                ><i class="q-icon material-symbols-outlined" aria-hidden="true">{{ item.row.folded ? "folder" : "folder_open" }}</i><span
                class="conversation-title">{{ item.row.title }}</span></button>
              <button type="button" class="conversation-menu" data-testid="folder-menu" data-icon="more_horiz" aria-haspopup="menu"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="'Options for the folder ' + item.row.title"
                @click="menu($event, item.row)"></button>
            </template>
            <template v-else>
              <a class="conversation-link" data-testid="conversation-link" :href="address(item.row.id)" :data-id="item.row.id"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="item.name" :aria-current="item.row.id === active ? 'page' : null"
                @mousedown="mouseDown" @click="press($event, item.row)" @dragstart="drag($event, item.row)" @dragend="target = null"
                ><i v-if="item.row.temporary" class="q-icon material-symbols-outlined" aria-hidden="true">visibility_off</i><span
                class="conversation-title">{{ item.row.title }}</span></a>
              <button type="button" class="conversation-menu" data-testid="conversation-menu" data-icon="more_horiz" aria-haspopup="menu"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="'Options for ' + item.row.title"
                @click="menu($event, item.row)"></button>
              <input v-if="!item.row.temporary" type="checkbox" class="select-chat" data-testid="select-chat" @mousedown="mouseDown" :checked="Boolean(item.row.selected)"
                :tabindex="item.row.id === tabStop ? 0 : -1" :aria-label="'Select ' + item.row.title" @click="check($event, item.row)">
            </template>
          </li>
        </template>
        <li class="gap" aria-hidden="true" :style="gap(start + rows.length, total)"></li>
      </ul>
      <slot></slot>
      <p class="visually-hidden" role="status">{{ announcement }}</p>
      <div v-if="selected" class="selection-bar" role="group" aria-label="Selected chats">
        <span class="selection-count" data-testid="selection-count">{{ selected }} selected</span>
        <button type="button" class="icon-button" data-testid="selection-end" title="End selection" aria-label="End selection"
          @click="endSelection">${icon("close")}</button>
        <div class="selection-actions">
          ${bulkButton("move", "Move to folder", "folder", 'aria-haspopup="menu"')}
          ${bulkButton("archive", "Archive", "archive")}
          ${bulkButton("export", "Export", "download")}
          ${bulkButton("delete", "Move to trash", "delete")}
        </div>
      </div>
    </div>`,
  props: {
    rows: Array,
    start: Number,
    total: Number,
    headings: Array,
    active: String,
    selected: { type: Number, default: 0 },
    folders: { type: Array, default: () => [] },
  },
  data() {
    return { current: null, editing: null, target: null, announcement: "" };
  },
  created() {
    this.at = 0; // the place of the current row, also when it is not among those that are here
    this.wanted = null; // the place of a row that gets the focus as soon as it is here
    this.anchor = null; // the row at which a range of selected ones begins
    this.extends = false; // whether the row that gets the focus next is its end
  },
  mounted() {
    this.look();
    this.midnight = setTimeout(this.beginDay, FIRST_DAY_AFTER);
    addEventListener("resize", this.look);
    document.addEventListener("visibilitychange", this.beginDay);
    this.stopListening = endSelectionByKey(() => this.selected && this.endSelection());
  },
  unmounted() {
    clearTimeout(this.midnight);
    removeEventListener("resize", this.look);
    document.removeEventListener("visibilitychange", this.beginDay);
    this.stopListening();
  },
  beforeUpdate() {
    this.hadFocus = this.$el.contains(document.activeElement);
  },
  updated() {
    if (this.wanted !== null && this.rows[this.wanted - this.start]) this.focus(this.wanted);
    else if (this.hadFocus && !this.$el.contains(document.activeElement)) this.focus(this.at); // its row is gone
  },
  watch: {
    selected(count, before) {
      this.announcement = count
        ? `${count} ${count === 1 ? "chat" : "chats"} selected`
        : before
          ? "Selection ended"
          : "";
      if (!count) this.anchor = null;
    },
  },
  computed: {
    items() {
      const headings = new Map(this.headings);
      return this.rows.flatMap((row, index) => {
        const heading = headings.get(this.start + index);
        const item = { key: row.id, row, classes: this.classesOf(row), name: this.nameOf(row) };
        return [...(heading ? [{ key: `heading ${heading}`, heading }] : []), item];
      });
    },
    tabStop() {
      const ids = this.rows.map((row) => row.id);
      return [this.current, this.active].find((id) => ids.includes(id)) ?? ids[0];
    },
  },
  methods: {
    address: (id) => localAddress(`/c/${id}`),
    classesOf({ id, running, unread, waiting, selected, isFolder, folder }) {
      const isTarget = this.target === id && isFolder;
      return {
        active: id === this.active,
        running,
        unread,
        waiting,
        selected,
        folder: isFolder,
        inside: folder,
        "drop-here": isTarget,
      };
    },
    nameOf({ title, isFolder, count, temporary, running, waiting, unread }) {
      const states = [
        temporary && "temporary",
        running && "answering",
        waiting && "waits for a decision",
        unread && "unread",
      ];
      const inside = isFolder && `folder, ${count} ${count === 1 ? "chat" : "chats"}`;
      return [title, inside, ...states].filter(Boolean).join(", ");
    },
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
      if (!event.target.matches("input:not(.select-chat)") && (this.moveByKey(event) || this.actByKey(event, row)))
        event.preventDefault();
    },
    // Arrows lead through the list, with Shift they select what is passed, with Ctrl they select nothing.
    moveByKey(event) {
      const page = Math.floor(this.$el.clientHeight / this.size("--row"));
      const { key, altKey, shiftKey } = event;
      const place = placeAfterKey(
        /** @type {any} */ ({
          key,
          isComposing: isComposing(event),
          altKey: altKey || (hasMod(event) && !key.startsWith("Arrow")),
        }),
        { at: this.wanted ?? this.at, count: this.total, page, wraps: false },
      );
      if (place === undefined) return false;
      this.anchor = shiftKey ? (this.anchor ?? this.current) : null;
      this.extends = shiftKey;
      this.focus(place);
      return true;
    },
    actByKey(event, row) {
      if (hasMod(event) && event.key.toLowerCase() === "a") return this.$emit("select", ["all"]) ?? true;
      if (event.altKey || !row) return false;
      const acts = row.isFolder ? this.folderKeys(row) : this.chatKeys(event, row);
      acts[event.key]?.();
      return event.key in acts;
    },
    folderKeys(row) {
      return {
        F2: () => this.edit(row),
        Delete: () => this.$emit("folder", ["delete", row.id]),
        ArrowRight: () => row.folded && this.fold(row),
        ArrowLeft: () => row.folded || this.fold(row),
      };
    },
    chatKeys({ target }, row) {
      return {
        F2: () => this.edit(row),
        Delete: () => (this.selected ? this.$emit("bulk", "delete") : this.remove(row)),
        ...(target.matches("a") && !row.temporary ? { " ": () => this.toggle(row) } : {}),
      };
    },
    async remove(row) {
      if (await mayDelete(row)) this.$emit("action", ["delete", row.id]);
    },
    reach(row) {
      this.current = row.id;
      this.at = this.start + this.rows.indexOf(row);
      if (this.extends) this.$emit("select", ["range", this.anchor ?? row.id, row.id]);
      else this.anchor = null;
      this.extends = false;
    },
    focus(place) {
      this.at = Math.max(0, Math.min(place, this.total - 1));
      const row = this.rows[this.at - this.start];
      this.wanted = row || !this.total ? null : this.at;
      this.current = row?.id ?? this.current;
      this.scrollTo(this.at);
      (this.row(row?.id)?.querySelector(".conversation-link") ?? this.$el).focus({ preventScroll: true });
    },
    scrollTo(place) {
      const above = this.headings.filter(([index]) => index <= place).length;
      const heading = this.size("--heading");
      const top = place * this.size("--row") + above * heading;
      const list = this.$el;
      if (top - heading < list.scrollTop) list.scrollTop = top - heading;
      const bar = list.querySelector(".selection-bar")?.offsetHeight ?? 0;
      const hidden = top + this.size("--row") - (list.clientHeight - bar);
      if (hidden > list.scrollTop) list.scrollTop = hidden;
    },
    row(id) {
      return id && this.$el.querySelector(`li[data-id="${CSS.escape(id)}"]`);
    },
    async menu(event, row) {
      if (this.editing === row.id) return; // the name has a menu of the browser's
      event.preventDefault();
      this.reach(row);
      const at = event.button === 2 ? event : this.row(row.id).querySelector(".conversation-menu"); // 0 is a key or a click on it
      if (row.isFolder) return this.folderMenu(at, row);
      const chosen = await openConversationMenu(at, row, this.folders);
      if (chosen?.[0] === "rename") this.edit(row);
      else if (chosen?.[0].startsWith("move")) this.$emit("move", [...chosen, row.id]);
      else if (chosen) this.$emit("action", [chosen[0], row.id]);
    },
    async folderMenu(at, row) {
      const chosen = await openMenu(at, `Options for the folder ${row.title}`, FOLDER_ITEMS);
      if (chosen === "rename") return this.edit(row);
      if (chosen === "new-chat" && this.$el.closest(".q-drawer--mobile"))
        this.$el.closest(".sidebar").querySelector(".sidebar-close").click();
      if (chosen === "new-chat") goTo(localAddress(`/?folder=${encodeURIComponent(row.id)}`));
      else if (chosen) this.$emit("folder", [chosen, row.id]);
    },
    fold(row) {
      this.$emit("folder", [row.folded ? "unfold" : "fold", row.id]);
    },

    // Selecting: by the box, by Ctrl or Shift with a click, by a finger that stays.
    toggle(row) {
      this.anchor = row.id;
      this.$emit("select", ["toggle", row.id]);
    },
    extendTo(row) {
      this.anchor ??= this.current ?? row.id;
      this.$emit("select", ["range", this.anchor, row.id]);
    },
    mouseDown(event) {
      if (event.shiftKey) event.preventDefault(); // it selects rows and no words, from the one that has the focus
    },
    press(event, row) {
      if (!event.shiftKey) this.reach(row); // in Safari a link that is pressed has no focus
      const isTap = (event.pointerType ?? pressedWith) === "touch" && this.selected > 0;
      if (row.temporary || (!isTap && !event.shiftKey && !hasMod(event))) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.shiftKey) this.extendTo(row);
      else this.toggle(row);
    },
    check(event, row) {
      event.stopPropagation();
      row.selected = event.shiftKey || event.target.checked; // what the server will say in a moment
      if (event.shiftKey) this.extendTo(row);
      else this.toggle(row);
    },
    hold(event, row) {
      if (row.isFolder || row.temporary || this.editing) return;
      event.preventDefault();
      this.toggle(row);
    },
    endSelection() {
      this.$emit("select", ["none"]);
      return true;
    },
    async bulk(name, event) {
      if (name !== "move") return this.$emit("bulk", name);
      const chosen = await chooseFolder(event.currentTarget, this.folders);
      if (chosen) this.$emit("move", [...chosen, null]);
    },

    // Dragging a row, or all that is selected, onto a folder or out of it.
    drag({ dataTransfer }, row) {
      if (row.temporary) return;
      dataTransfer.setData(DRAGGED, row.selected ? LOOSE : row.id);
      dataTransfer.effectAllowed = "all"; // elsewhere it is a link
    },
    dragOver(event) {
      if (!event.dataTransfer.types.includes(DRAGGED)) return;
      event.preventDefault();
      event.stopPropagation(); // elsewhere nothing but files is taken
      event.dataTransfer.dropEffect = "move";
      const id = event.target.closest?.("li.conversation")?.dataset.id;
      const row = this.rows.find((row) => row.id === id);
      this.target = (row?.isFolder ? row.id : row?.folder) || LOOSE;
    },
    dragLeave({ relatedTarget }) {
      if (!this.$el.contains(relatedTarget)) this.target = null;
    },
    drop(event) {
      const dragged = event.dataTransfer.getData(DRAGGED);
      const folder = this.target;
      this.target = null;
      if (!dragged || !folder) return;
      event.preventDefault();
      event.stopPropagation();
      this.$emit("move", ["move", folder.trim(), dragged === LOOSE ? null : dragged]);
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
      if (isComposing(event) || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Enter") this.save(event, row);
      this.leave(row);
    },
    save(event, row) {
      if (this.editing !== row.id) return; // it was left with a key
      const title = event.target.value.trim();
      if (title !== row.title) this.$emit(row.isFolder ? "folder" : "action", ["rename", row.id, title]);
      row.title = title || row.title; // what the server will say in a moment
      this.editing = null;
    },
    async leave(row) {
      this.editing = null;
      await this.$nextTick();
      this.row(row.id)?.querySelector(".conversation-link").focus();
    },
  },
};
