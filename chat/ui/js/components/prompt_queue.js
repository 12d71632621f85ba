// The browser's half of PromptQueueView: when a prompt that waits goes, with the button that has the focus, the focus
// goes to the next prompt, or into the message box.
const touch = matchMedia("(pointer: coarse)").matches; // there the box would open the keyboard

export default {
  template: `<div class="queue" role="list" aria-label="Queued messages" @focusin="hold" @focusout="release"><slot></slot></div>`,
  mounted() {
    this.held = null;
    this.changes = new MutationObserver(this.lead);
    this.changes.observe(this.$el, { childList: true, subtree: true });
  },
  beforeUnmount() {
    this.changes.disconnect();
  },
  methods: {
    hold({ target }) {
      const chips = [...this.$el.querySelectorAll(".queued")];
      this.held = { target, chips: chips.slice(chips.findIndex((chip) => chip.contains(target))) };
    },
    // Some browsers tell this too of a button that is taken out of the page; then `lead` comes first.
    release({ target }) {
      setTimeout(() => {
        if (target.isConnected && target === this.held?.target && target !== document.activeElement) this.held = null;
      });
    },
    lead() {
      if (!this.held) return;
      const { target, chips } = this.held;
      if (target.isConnected) return this.hold({ target }); // others may be next to it now
      this.held = null;
      if (document.activeElement !== document.body) return;
      const chip = chips.find((each) => each.isConnected);
      const same = chip?.querySelector(`[data-testid="${target.dataset.testid}"]`) ?? chip?.querySelector("button");
      if (same || !touch) (same ?? document.querySelector(".composer textarea"))?.focus({ preventScroll: !same });
    },
  },
};
