// Which version of a question or an answer is shown, the way to the others, and the end of one.
window.ParlourVersions = {
  template: `
    <span v-if="count > 1" class="versions">
      <button type="button" class="icon-button narrow" data-testid="version-prev" data-icon="chevron_left"
        aria-label="Previous version" title="Previous version" :disabled="number === 1" @click="go(-1)"></button>
      <span data-testid="version-label" :aria-label="\`Version \${number} of \${count}\`">{{ number }}/{{ count }}</span>
      <button type="button" class="icon-button narrow" data-testid="version-next" data-icon="chevron_right"
        aria-label="Next version" title="Next version" :disabled="number === count" @click="go(1)"></button>
      <button type="button" class="icon-button" data-testid="version-delete" data-icon="delete"
        aria-label="Delete this version" title="Delete this version" @click="remove"></button>
    </span>`,
  props: { what: String, end: String, number: Number, count: Number },
  emits: ["step", "remove"],
  methods: {
    go(step) {
      window.parlourHold(this.$el);
      this.$emit("step", step);
    },
    async remove() {
      const text = "It is erased for good, with all that was said after it. The other versions stay.";
      const { end, $el } = this; // by the time of the answer the page may show another version
      if (!(await window.parlourConfirm({ title: `Delete this version of the ${this.what}?`, text, action: "Delete" })))
        return;
      if (!$el.isConnected) return; // it is gone, or the only one by now
      $el.closest(".scroller").focus({ preventScroll: true }); // this button may go
      window.parlourHold($el);
      this.$emit("remove", end);
    },
  },
};
