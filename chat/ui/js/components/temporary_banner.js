// The browser's half of TemporaryBanner: asks before the last page of a temporary chat is left, since that ends it. It
// hears of links and of the way back before NiceGUI does, and holds up what it asks about.
import { goTo, localAddress } from "parlour/addresses.js";
import { isConnected } from "parlour/connection.js";
import { askToConfirm } from "parlour/dialogs.js";
import { guardWayBack } from "parlour/way_back.js";

const QUESTION = {
  title: "Leave this temporary chat?",
  text: "It ends now, and nothing of it is kept. To keep it, cancel, then choose “Keep it”.",
  action: "Leave",
};

export default {
  template: `
    <div class="temporary-banner" role="note" :title="explanation" data-testid="temporary-banner">
      <i class="q-icon material-symbols-outlined" aria-hidden="true">visibility_off</i>
      <p><strong>Temporary chat.</strong> {{ begun ? "Not saved, and gone when you leave it." : explanation }}</p>
      <button v-if="begun" type="button" class="text-button" data-testid="temporary-keep" @click="$emit('keep')">Keep it</button>
      <slot></slot>
    </div>`,
  props: {
    explanation: String,
    chat: String,
    begun: Boolean,
    family: { type: Array, default: () => [] }, // the ids of the chats that end together, this one among them
    asks: Boolean, // whether no other page shows one of them
  },
  mounted() {
    document.addEventListener("click", this.clicked, true);
    this.endGuard = guardWayBack(this.went);
    addEventListener("beforeunload", this.closing);
  },
  beforeUnmount() {
    document.removeEventListener("click", this.clicked, true);
    this.endGuard();
    removeEventListener("beforeunload", this.closing);
  },
  methods: {
    // Whether something would be lost elsewhere than at this address.
    asksBefore(address) {
      const box = /** @type {HTMLTextAreaElement | null} */ (document.querySelector(".composer textarea"));
      const hasSomething = this.begun || box?.value.trim() || document.querySelector(".composer .attachment");
      return this.asks && !this.hasLeft && hasSomething && !this.family.some((id) => pathOf(address) === `/c/${id}`);
    },
    async mayLeave() {
      if (this.isOpen) return false;
      this.isOpen = true;
      this.hasLeft = await askToConfirm(QUESTION);
      this.isOpen = false;
      if (this.hasLeft) this.$emit("leave");
      return this.hasLeft;
    },
    async clicked(event) {
      const link = event.target.closest?.("a[href]");
      const address = link?.getAttribute("href") ?? "";
      const opensElsewhere =
        event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || link?.target === "_blank";
      if (!address.startsWith("/") || opensElsewhere || link.hasAttribute("download") || !this.asksBefore(address))
        return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await this.mayLeave())) return;
      if (link.isConnected) link.click();
      else goTo(address);
    },
    async went(event) {
      const { pathname, search } = location;
      if (!this.asksBefore(pathname)) return;
      event.stopImmediatePropagation();
      history.pushState({}, "", localAddress(`/c/${this.chat}`));
      if (await this.mayLeave()) goTo(pathname + search);
    },
    closing(event) {
      if (this.asksBefore("/") && isConnected()) event.preventDefault(); // a server that is gone has nothing to end
    },
  },
};

function pathOf(address) {
  const { pathname } = new URL(address, location.href);
  const prefix = localAddress("");
  return pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
}
