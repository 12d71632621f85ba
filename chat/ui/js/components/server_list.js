// The browser's half of ServerList: rows, and a form in the place of one or below them all. While it is open, nothing
// else can be done to servers. A key leaves its field with what is saved, and never comes back.
import { isComposing } from "parlour/composition.js";
import { isConnected } from "parlour/connection.js";
import { askToConfirm } from "parlour/dialogs.js";

const FORM = { name: "" }; // stands for the form among the servers, which all have names
const EMPTY = { was: "", name: "", address: "", key: "", dropsKey: false, text: "", kind: "", asksForKey: false };

export default {
  template: `
    <div class="server-list">
      <template v-for="server in lines" :key="server.name">
        <server-form v-if="!server.name" :form="form" :kept="hasKey" @test="ask('test')" @save="ask('save')"
          @edit="change" @close="close" />
        <div v-else class="setting key-row" data-testid="server-row" :data-name="server.name">
          <div class="setting-text">
            <span class="setting-label">{{ server.heading }}</span>
            <span v-if="server.address" class="setting-hint">{{ server.address }}{{ server.has_key ? ", with a key" : "" }}</span>
            <span class="key-finding" role="status" :data-state="server.kind"
              :data-testid="server.kind === 'bad' ? 'server-problem' : 'server-state'">{{ server.state }}</span>
          </div>
          <div v-if="server.is_added && !form" class="setting-actions">
            <button class="text-button" type="button" data-testid="server-test" :aria-label="'Test ' + server.heading"
              @click="$emit('ask', server.name)">Test</button>
            <button class="text-button" type="button" data-testid="server-edit" :aria-label="'Edit ' + server.heading"
              @click="edit(server)">Edit</button>
            <button class="text-button" type="button" data-testid="server-remove" :aria-label="'Remove ' + server.heading"
              @click="remove(server)">Remove</button>
          </div>
        </div>
      </template>
      <button v-if="!form" ref="add" class="text-button server-add" type="button" data-testid="server-add"
        @click="add">Add a server</button>
    </div>`,
  components: {
    ServerForm: {
      template: `
        <form class="server-form" autocomplete="off" @submit.prevent="$emit('save')" @input="$emit('edit')"
          @keydown.esc.stop="isComposing($event) || $emit('close')">
          <label class="server-field">Name
            <input ref="name" v-model="form.name" class="field" maxlength="64" :readonly="!!form.was" spellcheck="false"
              autocapitalize="off" autocomplete="off" placeholder="attic" data-testid="server-name" /></label>
          <label class="server-field">Address
            <input ref="address" v-model="form.address" class="field" inputmode="url" spellcheck="false" autocapitalize="off"
              autocomplete="off" placeholder="http://192.168.0.5:8000/v1" data-testid="server-address" /></label>
          <p v-if="form.was" class="setting-hint server-wide">The name can't be changed: chats refer to models by it.</p>
          <label class="server-field server-wide">Key
            <input ref="key" v-model="form.key" class="field" type="password" autocomplete="off" spellcheck="false"
              autocapitalize="off" :disabled="form.dropsKey" :placeholder="kept ? 'Leave empty to keep the current key' : 'If the server needs one'"
              data-testid="server-key" /></label>
          <label v-if="kept" class="server-drop server-wide"><input v-model="form.dropsKey" type="checkbox"
            data-testid="server-drop-key" /> Remove the current key</label>
          <p v-if="form.text" class="key-finding server-wide" role="status" :data-state="form.kind"
            :data-testid="form.kind === 'bad' ? 'server-problem' : 'server-finding'">{{ form.text }}</p>
          <div class="setting-actions server-wide">
            <button class="text-button" type="button" data-testid="server-test" :disabled="isBusy" @click="$emit('test')">Test</button>
            <button class="text-button" type="button" data-testid="server-cancel" @click="$emit('close')">Cancel</button>
            <button class="text-button" data-testid="server-save" :disabled="isBusy">Save</button>
          </div>
        </form>`,
      props: { form: Object, kept: Boolean },
      emits: ["test", "save", "edit", "close"],
      computed: {
        isBusy() {
          return ["asking", "saving"].includes(this.form.kind);
        },
      },
      methods: { isComposing },
      mounted() {
        this.$refs[this.form.was ? (this.form.asksForKey ? "key" : "address") : "name"].focus();
      },
    },
  },
  props: { servers: { type: Array, default: () => [] }, outcome: Object, wanted: String, removal: Object },
  data() {
    return { form: null, serial: 0 };
  },
  computed: {
    // A form stays where it was opened when another page removes its server: moved, it would lose what is being typed.
    lines() {
      const { form, servers } = this;
      if (!form) return servers;
      const others = servers.filter(({ name }) => name !== form.was);
      const place = others.length < servers.length ? this.placeOf(form.was) : form.place;
      return [...others.slice(0, place), FORM, ...others.slice(place)];
    },
    hasKey() {
      return this.servers.some(({ name, has_key }) => has_key && name === this.form.was);
    },
  },
  watch: {
    outcome(outcome) {
      if (!this.form || outcome.serial !== this.serial) return;
      if (outcome.kind === "saved") this.close();
      else Object.assign(this.form, { text: outcome.text, kind: outcome.kind });
    },
  },
  mounted() {
    const wanted = /^#servers(?:-(.+))?$/.exec(this.wanted || location.hash);
    if (!wanted) return;
    const server = this.servers.find(({ name, is_added }) => is_added && name === wanted[1]);
    if (server) this.edit(server, true);
    else this.$nextTick(() => this.$refs.add?.focus());
  },
  methods: {
    open(form) {
      this.serial += 1; // what was asked before is of another form
      this.form = { ...EMPTY, ...form };
    },
    placeOf(server) {
      return this.servers.findIndex(({ name }) => name === server);
    },
    add() {
      this.open({ place: Infinity });
    },
    edit({ name, address }, asksForKey = false) {
      this.open({ was: name, place: this.placeOf(name), name, address, asksForKey });
    },
    // What was found is of what stood there before; what is being saved is not taken back.
    change() {
      if (this.form.kind === "saving") return;
      this.serial += 1;
      Object.assign(this.form, { text: "", kind: "" });
    },
    close() {
      this.form = null;
      this.$nextTick(() => this.$refs.add?.focus());
    },
    ask(what) {
      if (!isConnected()) {
        return Object.assign(this.form, { text: "Connection lost. Try again when it is back.", kind: "bad" });
      }
      this.serial += 1;
      Object.assign(
        this.form,
        what === "test" ? { text: "Testing …", kind: "asking" } : { text: "Saving …", kind: "saving" },
      );
      const { was, name, address, key, dropsKey } = this.form;
      this.$emit(what, { serial: this.serial, name, address, key: dropsKey ? "" : key, dropsKey, isNew: !was });
    },
    async remove({ name }) {
      if (await askToConfirm(this.removal)) this.$emit("remove", name);
    },
  },
};
