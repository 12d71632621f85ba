// The browser's half of McpServerList: a card for each server, and a form for one more, which has an address and no
// command. A key leaves its field with what is saved, and never comes back.
import { isComposing } from "parlour/composition.js";
import { isConnected } from "parlour/connection.js";
import { askToConfirm } from "parlour/dialogs.js";

const EMPTY = { name: "", address: "", key: "", text: "", kind: "" };
const MAX_OPEN_TOOLS = 20; // a longer list is folded

export default {
  template: `
    <div class="mcp-servers">
      <section v-for="server in servers" :key="server.name" class="mcp-card" data-testid="mcp-server"
        :data-name="server.name" :data-state="server.state" :aria-label="server.name">
        <div class="setting key-row">
          <div class="setting-text">
            <h3 class="setting-label">{{ server.name }}</h3>
            <span class="setting-hint">{{ server.origin }}</span>
            <span class="key-finding" role="status" :data-state="kindOf(server)">{{ server.status }}</span>
          </div>
          <div class="setting-actions">
            <button v-if="server.state !== 'off'" class="text-button" type="button" data-testid="mcp-reconnect"
              :aria-label="'Connect ' + server.name + ' again'" :disabled="server.state === 'connecting'"
              @click="$emit('reconnect', server.name)">Connect again</button>
            <button v-if="server.is_added" class="text-button" type="button" data-testid="mcp-remove"
              :aria-label="'Remove ' + server.name" @click="remove(server)">Remove</button>
          </div>
        </div>
        <details v-if="server.tools.length" class="mcp-part" :open="server.tools.length <= maxOpenTools">
          <summary>{{ server.tools.length === 1 ? "1 tool" : server.tools.length + " tools" }}</summary>
          <label v-for="tool in server.tools" :key="tool.name" class="setting mcp-tool">
            <span class="setting-text">
              <span class="setting-label">{{ tool.name }}</span>
              <span v-if="tool.description" class="setting-hint">{{ tool.description }}</span>
              <span v-if="tool.why" class="setting-hint" data-testid="mcp-runs">{{ tool.why }}
                <button v-if="tool.is_allowed" class="text-button" type="button" data-testid="mcp-ask-again"
                  :aria-label="'Have ' + tool.name + ' ask again'" @click.prevent="$emit('ask', [server.name, tool.name])">Ask again</button></span>
            </span>
            <input class="switch" type="checkbox" role="switch" data-testid="mcp-tool" :data-name="tool.name"
              :aria-label="tool.name" :checked="tool.is_on"
              @change="$emit('switch', [server.name, tool.name, $event.target.checked])" />
          </label>
        </details>
        <details v-if="server.lines.length" class="mcp-part" data-testid="mcp-log">
          <summary>Log</summary>
          <pre class="mcp-lines" tabindex="0" :aria-label="'Log of ' + server.name">{{ server.lines.join("\\n") }}</pre>
        </details>
      </section>
      <form v-if="form" class="server-form" autocomplete="off" @submit.prevent="save" @input="change" @keydown.esc.stop="isComposing($event) || close()">
        <label class="server-field">Name
          <input ref="name" v-model="form.name" class="field" maxlength="64" spellcheck="false" autocapitalize="off"
            autocomplete="off" placeholder="search" data-testid="server-name" /></label>
        <label class="server-field">Address
          <input v-model="form.address" class="field" inputmode="url" spellcheck="false" autocapitalize="off"
            autocomplete="off" placeholder="https://example.com/mcp" data-testid="server-address" /></label>
        <label class="server-field server-wide">Key
          <input v-model="form.key" class="field" type="password" autocomplete="off" spellcheck="false"
            autocapitalize="off" placeholder="If the server needs one" data-testid="server-key" /></label>
        <p v-if="form.text" class="key-finding server-wide" role="status" :data-state="form.kind"
          data-testid="server-problem">{{ form.text }}</p>
        <div class="setting-actions server-wide">
          <button class="text-button" type="button" data-testid="server-cancel" @click="close">Cancel</button>
          <button class="text-button" data-testid="server-save" :disabled="form.kind === 'saving'">Save</button>
        </div>
      </form>
      <button v-else ref="add" class="text-button server-add" type="button" data-testid="mcp-add" @click="add">Add a server</button>
    </div>`,
  props: { servers: { type: Array, default: () => [] }, outcome: Object, removal: Object },
  emits: ["reconnect", "remove", "switch", "add", "ask"],
  data() {
    return { form: null, serial: 0, maxOpenTools: MAX_OPEN_TOOLS };
  },
  watch: {
    outcome({ serial, text }) {
      if (!this.form || serial !== this.serial) return;
      if (text) Object.assign(this.form, { text, kind: "bad" });
      else this.close();
    },
  },
  methods: {
    isComposing,
    kindOf({ state }) {
      return { connecting: "asking", ready: "", failed: "bad", off: "" }[state];
    },
    add() {
      this.serial += 1; // what was saved before is of another form
      this.form = { ...EMPTY };
      this.$nextTick(() => this.$refs.name.focus());
    },
    change() {
      if (this.form.kind === "bad") Object.assign(this.form, { text: "", kind: "" });
    },
    close() {
      this.form = null;
      this.$nextTick(() => this.$refs.add?.focus());
    },
    save() {
      if (!isConnected()) {
        return Object.assign(this.form, { text: "Connection lost. Try again when it is back.", kind: "bad" });
      }
      this.serial += 1;
      Object.assign(this.form, { text: "Saving …", kind: "saving" });
      const { name, address, key } = this.form;
      this.$emit("add", { serial: this.serial, name, address, key });
    },
    async remove({ name }) {
      if (await askToConfirm(this.removal)) this.$emit("remove", name);
    },
  },
};
