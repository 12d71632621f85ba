// The browser's half of ShareWatchdog. A door that is closed says so. One that cannot be reached says nothing, so after a
// while what was shown is put away, and comes back with the connection.
import { localAddress } from "parlour/addresses.js";
import { disconnect, isConnected } from "parlour/connection.js";

const CHECK_INTERVAL = 2000; // ms from one look at the connection to the next
const HIDE_AFTER = 20000; // ms without one until the page is put away
const PROBE_PATH = "/favicon.ico"; // for all who are let in, and for nobody else

const LOST_TEXTS = [
  "Connection lost",
  "This page is hidden until the connection is back. If sharing has ended, ask for a new link.",
];
const ENDED_TEXTS = ["Sharing has ended", "This chat is no longer shared. Ask for a new link to come back."];

export default {
  template: `<span hidden></span>`,
  props: { hidesWhenOffline: Boolean, ended: String },
  mounted() {
    this.lostAt = null;
    this.isHidden = false;
    this.timer = setInterval(this.check, CHECK_INTERVAL);
    window.addEventListener("pageshow", this.reloadIfCached);
    document.addEventListener("parlour-sharing-ended", this.end); // the server says so
  },
  unmounted() {
    clearInterval(this.timer);
    window.removeEventListener("pageshow", this.reloadIfCached);
    document.removeEventListener("parlour-sharing-ended", this.end);
  },
  methods: {
    // A page that the browser has kept for the way back shows what may be over.
    reloadIfCached(event) {
      if (event.persisted) location.reload();
    },
    async check() {
      if (isConnected() && !this.isHidden) {
        this.lostAt = null;
        return;
      }
      this.lostAt ??= Date.now();
      const status = await this.probe();
      if (status === 401) this.end();
      else if (status && this.isHidden) location.reload();
      else if (!status && this.hidesWhenOffline && !this.isHidden && Date.now() - this.lostAt > HIDE_AFTER)
        this.hide(LOST_TEXTS);
    },
    async probe() {
      try {
        const signal = AbortSignal.timeout?.(CHECK_INTERVAL);
        return (await fetch(localAddress(PROBE_PATH), { method: "HEAD", cache: "no-store", signal })).status;
      } catch {
        return 0;
      }
    },
    // Nothing is asked of the server for it: its port may be closed by now.
    end() {
      clearInterval(this.timer);
      this.hide(ENDED_TEXTS);
      history.replaceState(null, "", localAddress(this.ended));
    },
    /** @param {string[]} words */
    hide([title, sentence]) {
      this.isHidden = true;
      disconnect(); // what NiceGUI would show of it is not there any more
      document.title = title;
      document.body.innerHTML = `<main class="sharing-ended" data-testid="put-away"><div role="alert"><h1>${title}</h1><p>${sentence}</p></div></main>`;
    },
  },
};
