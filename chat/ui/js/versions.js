// Which version of a question or an answer is shown and the way to the others; and the menu at the end of its buttons.
import { copyByButton } from "parlour/clipboard.js";
import { askToConfirm } from "parlour/dialogs.js";
import { openMenu } from "parlour/menu.js";
import { holdInPlace } from "parlour/reading_place.js";

export const VersionSwitcher = {
  template: `
    <span v-if="count > 1" class="versions">
      <button type="button" class="icon-button narrow" data-testid="version-prev" data-icon="chevron_left"
        aria-label="Previous version" title="Previous version" :disabled="number === 1" @click="go(-1)"></button>
      <span data-testid="version-label" :aria-label="\`Version \${number} of \${count}\`">{{ number }}/{{ count }}</span>
      <button type="button" class="icon-button narrow" data-testid="version-next" data-icon="chevron_right"
        aria-label="Next version" title="Next version" :disabled="number === count" @click="go(1)"></button>
    </span>`,
  props: { number: Number, count: Number },
  emits: ["step"],
  methods: {
    go(step) {
      holdInPlace(this.$el);
      this.$emit("step", step);
    },
  },
};

// What is done seldom, or cannot be taken back: nothing of it is under a pointer that has just pressed something else.
export const TurnMenu = {
  template: `
    <button type="button" class="icon-button" data-testid="turn-menu" data-icon="more_horiz" aria-haspopup="menu"
      :aria-label="'More actions for this ' + what" title="More" @click="open"></button>`,
  props: { what: String, count: Number, end: String, entry: String },
  emits: ["fork", "remove"],
  methods: {
    async open() {
      const fork = this.$el.parentElement.querySelector(".fork"); // there is no room for it on the smallest screens
      const items = [["link", `Copy link to this ${this.what}`, "link"]];
      if (fork && !fork.checkVisibility()) items.unshift(["fork", "Branch into a new chat", "call_split"]);
      if (this.count > 1) items.push(["delete", "Delete this version", "delete", "danger", "version-delete"]);
      const chosen = await openMenu(this.$el, `More actions for this ${this.what}`, items);
      if (chosen === "link") copyByButton(this.$el, this.link());
      else if (chosen === "fork") this.$emit("fork");
      else if (chosen === "delete") this.remove();
    },
    link() {
      const query = this.entry ? `?at=${encodeURIComponent(this.entry)}` : "";
      return new URL(`${location.pathname}${query}`, location.href).href;
    },
    async remove() {
      const text = "It is deleted permanently, with everything after it. Other versions stay.";
      const { end, $el } = this; // by the time of the answer the page may show another version
      if (!(await askToConfirm({ title: `Delete this version of the ${this.what}?`, text, action: "Delete" }))) return;
      if (!$el.isConnected || this.count < 2) return; // it is gone, or the only one by now
      $el.closest(".scroller").focus({ preventScroll: true }); // this button may go
      holdInPlace($el);
      this.$emit("remove", end);
    },
  },
};
