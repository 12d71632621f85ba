// The browser's half of ToolCallElement: name and state of a tool, and folded away what went in and came out.
import { formatNumber, localized } from "parlour/locale.js";

const WORDS = {
  running: "Running",
  "needs-approval": "Waiting",
  decided: "Decided",
  ok: "",
  failed: "Failed",
  denied: "Not allowed",
  stopped: "Stopped",
  unsure: "May have run",
};

export default {
  template: `
    <div class="tool-use" data-testid="tool-call" :data-state="state">
      <details>
        <summary>
          <span class="tool-name">{{ name }}</span>
          <span class="tool-hint">{{ hint }}</span>
          <span class="tool-state">{{ outcome }}</span>
        </summary>
        <template v-for="field in fields" :key="field.name">
          <h4>{{ field.name }}</h4>
          <pre tabindex="0" :data-testid="'tool-' + field.name.toLowerCase()"
            ><template v-if="!piecesOf(field)">{{ field.text }}</template
            ><code v-for="piece in piecesOf(field)">{{ piece }}</code></pre>
          <button v-if="field.more && !piecesOf(field)" type="button" class="text-button" data-testid="show-all"
            @click="$emit('whole', field.name)">{{ localized(field.more) }}</button>
        </template>
      </details>
      <div v-if="progress" class="tool-progress" data-testid="tool-progress">
        <progress v-if="typeof share === 'number'" :value="share" :aria-label="progress"></progress>
        <span>{{ progress }}</span>
      </div>
      <slot></slot>
    </div>`,
  props: {
    name: String,
    state: String,
    hint: String,
    seconds: Number,
    note: String,
    fields: Array,
    progress: String,
    share: Number,
  },
  data() {
    return { whole: {} };
  },
  computed: {
    outcome() {
      const isTold = this.state !== "running" && this.seconds >= 0.05; // "0.0 s" says nothing
      const time = isTold ? `${formatNumber(this.seconds, 1)} s` : "";
      return [WORDS[this.state], time, localized(this.note)].filter(Boolean).join(" · ");
    },
  },
  methods: {
    localized,
    // What is shown whole has been asked for; the page of another person still has the beginning. It comes in
    // pieces: the style has those that are out of view not laid out. `more` says of what it is the whole: of arguments
    // that have grown since, it would be a part.
    provide(field, more, pieces, start) {
      const before = start ? this.whole[field].pieces.slice(0, start) : [];
      this.whole = { ...this.whole, [field]: { more, pieces: [...before, ...pieces] } };
    },
    piecesOf({ name, more }) {
      const whole = this.whole[name];
      return whole && whole.more === more ? whole.pieces : null;
    },
  },
};
