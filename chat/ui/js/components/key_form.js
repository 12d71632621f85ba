// The browser's half of KeyForm. A key leaves the field as soon as it is sent, and never comes back.
import { isConnected } from "parlour/connection.js";

export default {
  template: `
    <form class="key-form" autocomplete="off" @submit.prevent="save">
      <select ref="provider" class="field" aria-label="Provider" data-testid="key-provider">
        <option v-for="provider in providers" :key="provider.prefix" :value="provider.prefix">{{ provider.label }}</option>
      </select>
      <input ref="key" class="field" type="password" autocomplete="off" spellcheck="false" autocapitalize="off"
        aria-label="Key" placeholder="Paste an API key" data-testid="key-input" />
      <button class="text-button" data-testid="key-save">Save</button>
      <p v-if="problem" class="key-problem" role="alert">{{ problem }}</p>
    </form>`,
  props: { providers: Array, isWanted: Boolean, wantedProvider: String },
  data() {
    return { problem: "" };
  },
  mounted() {
    const wanted = this.wantedProvider || location.hash.replace(/^#keys-?/, "");
    if (this.providers.some((provider) => provider.prefix === wanted)) this.$refs.provider.value = wanted;
    if (this.isWanted || /^#keys/.test(location.hash)) this.$refs.key.focus();
  },
  methods: {
    save() {
      const key = this.$refs.key.value.trim();
      if (!key) return this.$refs.key.focus();
      this.problem = isConnected() ? "" : "Connection lost. Save the key when it is back.";
      if (this.problem) return;
      this.$refs.key.value = "";
      this.$emit("save", { provider: this.$refs.provider.value, key });
    },
  },
};
