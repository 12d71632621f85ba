// The browser's half of LockWatch, on pages of the owner: empties the page when Parlour is locked, and says that a person
// is here. What the page shows goes at once, before the browser asks for the page that wants the passcode.
import { localAddress } from "parlour/addresses.js";
import { disconnect, withSocket } from "parlour/connection.js";

const SIGNS_OF_USE = ["pointerdown", "pointermove", "keydown", "wheel", "touchmove"];
const USE_INTERVAL = 15000; // ms from one note of it to the next
const PATH = "/unlock"; // says whether it is locked

export default {
  template: `<span hidden></span>`,
  props: { isIdleWatched: Boolean },
  mounted() {
    this.notedAt = 0;
    for (const sign of SIGNS_OF_USE) addEventListener(sign, this.note, { capture: true, passive: true });
    addEventListener("pageshow", this.reloadIfCached);
    withSocket((socket) => {
      socket.on("locked", this.leave);
      socket.io.on("reconnect_attempt", this.look); // a page that was away has not heard of it
    });
  },
  unmounted() {
    for (const sign of SIGNS_OF_USE) removeEventListener(sign, this.note, { capture: true });
    removeEventListener("pageshow", this.reloadIfCached);
  },
  methods: {
    note() {
      if (!this.isIdleWatched || Date.now() - this.notedAt < USE_INTERVAL) return;
      this.notedAt = Date.now();
      this.$emit("use");
    },
    // A page that the browser has kept for the way back shows what may be locked by now.
    reloadIfCached(event) {
      if (event.persisted) this.leave();
    },
    async look() {
      const answer = await fetch(localAddress(PATH), { cache: "no-store" }).catch(() => null);
      if (answer?.ok && (await answer.json()).is_locked) this.leave();
    },
    leave() {
      disconnect(); // what NiceGUI would show of it is not there any more
      document.title = "Parlour";
      document.body.replaceChildren();
      location.reload();
    },
  },
};
