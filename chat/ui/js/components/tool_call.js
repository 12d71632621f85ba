// The browser's half of ToolCallElement: name and state of a tool, and folded away what went in and came out.
const WORDS = { running: "Running", ok: "", failed: "Failed", denied: "Not allowed", stopped: "Stopped" };

export default {
  template: `
    <details class="tool-use" data-testid="tool-call" :data-state="state">
      <summary>
        <span class="tool-name">{{ name }}</span>
        <span class="tool-hint">{{ hint }}</span>
        <span class="tool-state">{{ outcome }}</span>
      </summary>
      <template v-for="field in fields" :key="field.name">
        <h4>{{ field.name }}</h4>
        <pre tabindex="0" :data-field="field.name">{{ whole[field.name] ?? field.text }}</pre>
        <button v-if="field.more && !(field.name in whole)" type="button" class="text-button" data-testid="show-all"
          @click="$emit('whole', field.name)">Show all ({{ field.more }})</button>
      </template>
    </details>`,
  props: { name: String, state: String, hint: String, seconds: Number, fields: Array },
  data() {
    return { whole: {} };
  },
  computed: {
    outcome() {
      const time = typeof this.seconds === "number" && this.state !== "running" ? `${this.seconds.toFixed(1)} s` : "";
      return [WORDS[this.state], time].filter(Boolean).join(" · ");
    },
  },
  methods: {
    // What is shown whole has been asked for; the page of another person still has the beginning.
    provide(field, text) {
      this.whole = { ...this.whole, [field]: text };
    },
  },
};
