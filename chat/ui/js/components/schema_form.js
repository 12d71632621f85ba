// The browser's half of SchemaForm: fields by their kind, buttons below, and what is wrong at each field. What was entered
// stays in this tab until it is sent, so that it outlasts a look at another chat, and a page that is loaded anew.
import { load, store } from "parlour/browser_storage.js";
import { isComposing } from "parlour/composition.js";
import { isConnected } from "parlour/connection.js";
import { fitHeight, MessageKeys } from "parlour/message_box.js";

let forms = 0;

const SENT_TIME = 3000; // ms in which a form goes that was sent well

const INPUTS = { date: "date", email: "email" };

export default {
  template: `
    <form class="schema-form" novalidate :aria-label="label || null" :data-testid="testid" @submit.prevent="enters && act(actions[0].name)">
      <template v-for="(field, index) in isOpen ? fields : []" :key="field.name">
        <p v-if="field.group && field.group !== fields[index - 1]?.group" class="form-group">{{ field.group }}</p>
        <div v-if="field.kind === 'choices'" class="form-row" :class="{ nested: field.group }" role="group"
          :aria-labelledby="id(index)">
          <label :id="id(index)">{{ field.label }}<i v-if="field.required" aria-hidden="true">*</i></label>
          <div class="form-choices">
            <label v-for="[value, name] in field.options" :key="value">
              <input type="checkbox" :name="field.name" :value="value" v-model="values[field.name]" />
              <span>{{ name }}</span>
            </label>
          </div>
          <p v-if="errors[field.name]" class="form-error" role="alert">{{ errors[field.name] }}</p>
        </div>
        <div v-else class="form-row" :class="{ nested: field.group, checked: field.kind === 'boolean' }">
          <label :for="id(index)" :title="field.help || null">{{ field.label }}<i v-if="field.required" aria-hidden="true">*</i></label>
          <input v-if="field.kind === 'boolean'" :id="id(index)" type="checkbox" :name="field.name"
            v-model="values[field.name]" />
          <select v-else-if="field.kind === 'choice'" :id="id(index)" class="field" :name="field.name"
            v-bind="state(field, index)" v-model="values[field.name]">
            <option v-if="!field.required || field.value === ''" value="">{{ field.default && field.default + " (default)" }}</option>
            <option v-for="[value, name] in field.options" :key="value" :value="value">{{ name }}</option>
          </select>
          <textarea v-else-if="field.kind === 'long' || field.kind === 'list'" :id="id(index)" class="text-field"
            :class="{ mono: field.mono }" :name="field.name" :data-testid="field.testid" rows="1" spellcheck="false" v-bind="state(field, index)"
            v-model="values[field.name]" @keydown="key($event, field)" @compositionend="keys.composed"></textarea>
          <input v-else :id="id(index)" class="field" :type="INPUTS[field.kind] ?? 'text'" :name="field.name"
            :inputmode="field.kind === 'integer' ? 'numeric' : field.kind === 'number' ? 'decimal' : null"
            :placeholder="field.default || null" :data-testid="field.testid" autocomplete="off" spellcheck="false" v-bind="state(field, index)"
            v-model="values[field.name]" />
          <p v-if="errors[field.name]" :id="id(index) + '-error'" class="form-error" role="alert">{{ errors[field.name] }}</p>
          <p v-else-if="field.kind === 'list'" class="form-help">One per line</p>
        </div>
      </template>
      <p v-for="sentence in rest" :key="sentence" class="form-error" role="alert">{{ sentence }}</p>
      <div class="form-actions">
        <button v-for="action in main" :key="action.name" type="button" :class="look(action)" :data-testid="action.testid"
          @click="act(action.name)">{{ action.label }}</button>
        <input v-if="remark" class="field form-remark" data-testid="deny-reason" :placeholder="remark" :aria-label="remark"
          maxlength="2000" autocomplete="off" v-model="said" @keydown.enter="denyByEnter" />
      </div>
      <div v-if="quiet.length || !isOpen" class="form-quiet">
        <button v-if="!isOpen" type="button" data-testid="form-unfold" @click="isOpen = true">{{ folded }}</button>
        <button v-for="action in quiet" :key="action.name" type="button" :data-testid="action.testid"
          @click="act(action.name)">{{ action.label }}</button>
      </div>
    </form>`,
  props: {
    fields: Array,
    actions: Array,
    label: String,
    testid: String,
    remark: String,
    enters: Boolean,
    errors: Object,
    folded: String, // what unfolds the fields, if they are folded away at first
    place: String, // where the browser keeps what was entered; "" for nowhere
  },
  emits: ["act"],
  data() {
    const values = Object.fromEntries(this.fields.map((field) => [field.name, structuredClone(toPlain(field.value))]));
    const kept = this.place ? load("sessionStorage", this.place) : null;
    for (const name of Object.keys(values)) values[name] = kept?.values[name] ?? values[name];
    const isOpen = !this.folded || Boolean(kept);
    return { values, said: kept?.said ?? "", isOpen, prefix: `form-${++forms}`, INPUTS };
  },
  computed: {
    main() {
      return this.actions.filter((action) => action.look !== "quiet");
    },
    quiet() {
      return this.actions.filter((action) => action.look === "quiet");
    },
    // What belongs to no field that there is.
    rest() {
      const names = this.fields.map((field) => field.name);
      return Object.entries(this.errors)
        .filter(([name]) => !names.includes(name))
        .map(([, sentence]) => sentence);
    },
  },
  watch: {
    values: { deep: true, handler: "keep" },
    said: "keep",
    // The first field that is wrong may be out of view.
    async errors() {
      this.sentAt = -Infinity;
      this.isOpen ||= Object.keys(this.errors).length > 0;
      await this.$nextTick();
      this.$el.querySelector('[aria-invalid="true"]')?.focus();
    },
  },
  created() {
    this.keys = new MessageKeys();
    this.sentAt = -Infinity;
  },
  mounted() {
    this.fit();
  },
  updated() {
    this.fit();
  },
  beforeUnmount() {
    const isSent = performance.now() - this.sentAt < SENT_TIME; // else it was refused, and stayed
    if (isSent && isConnected()) store("sessionStorage", this.place, null);
  },
  methods: {
    fit() {
      this.$el.querySelectorAll("textarea").forEach(fitHeight);
    },
    id(index) {
      return `${this.prefix}-${index}`;
    },
    look(action) {
      return action.look === "primary" ? "text-button primary" : "text-button";
    },
    state(field, index) {
      const error = this.errors[field.name];
      return {
        "aria-invalid": error ? "true" : null,
        "aria-describedby": error ? `${this.id(index)}-error` : null,
        "aria-required": field.required ? "true" : null,
      };
    },
    // Enter sends as in the box for messages; where each line is a value, only with the key that always does.
    key(event, { kind }) {
      if (this.keys.areComposing(event) || !this.enters || !this.keys.send(event)) return;
      if (kind === "list" && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.act(this.actions[0].name);
    },
    denyByEnter(event) {
      if (isComposing(event)) return;
      event.preventDefault();
      this.act(this.main.at(-1).name);
    },
    // Of a temporary chat nothing is kept.
    keep() {
      if (!this.place || this.$el.closest(".page")?.querySelector("[data-temporary]")) return;
      store("sessionStorage", this.place, { values: this.values, said: this.said });
    },
    act(name) {
      this.sentAt = isConnected() ? performance.now() : -Infinity;
      this.$emit("act", name, toPlain(this.values), this.said);
    },
  },
};

// A reactive value cannot be sent or cloned as it is.
function toPlain(value) {
  return JSON.parse(JSON.stringify(value));
}
