// The browser's half of SignInWatch, on pages of a team: when the connection is lost, and the proxy wants its person to sign
// in again, the page loads itself anew, so that the proxy can ask. While nobody answers it stays as it is.
import { localAddress } from "parlour/addresses.js";
import { withSocket } from "parlour/connection.js";

const PROBE_PATH = "/unlock"; // answers all who have signed in, and nobody else

export default {
  template: `<span hidden></span>`,
  mounted() {
    withSocket((socket) => socket.io.on("reconnect_attempt", this.look));
  },
  methods: {
    async look() {
      const answer = await fetch(localAddress(PROBE_PATH), { cache: "no-store", redirect: "manual" }).catch(() => null);
      const mustSignIn = answer?.type === "opaqueredirect" || [401, 403].includes(answer?.status);
      if (mustSignIn) location.reload();
    },
  },
};
