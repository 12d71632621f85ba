// The browser's half of TypedResultView: the value that an agent has given, and folded away what was refused before.
import { localized } from "parlour/locale.js";

const Cell = {
  template: `
    <ul v-if="value.items"><li v-for="item in value.items">{{ item }}</li></ul>
    <dl v-else-if="value.fields">
      <template v-for="[title, text] in value.fields"><dt>{{ title }}</dt><dd>{{ text }}</dd></template>
    </dl>
    <pre v-else-if="value.json">{{ value.json }}</pre>
    <template v-else>{{ value }}</template>`,
  props: { value: [String, Object] },
};

export default {
  template: `
    <section class="typed-result" data-testid="typed-result" :data-kind="shape.kind" :data-live="live || null"
      :aria-label="title || 'Result'" :aria-busy="live">
      <h4 v-if="title">{{ title }}</h4>
      <dl v-if="shape.kind === 'fields'" class="fields">
        <template v-for="[title, cell] in shape.fields" :key="title">
          <dt>{{ title }}</dt><dd><result-cell :value="cell"></result-cell></dd>
        </template>
      </dl>
      <div v-else-if="shape.kind === 'table'" class="scroll" tabindex="0" role="group" :aria-label="title || 'Table'">
        <table>
          <thead><tr><th v-for="(name, at) in shape.columns" scope="col" :class="{ numeric: shape.numeric[at] }">{{ name }}</th></tr></thead>
          <tbody>
            <tr v-for="row in [...shape.rows, ...more]">
              <td v-for="(cell, at) in row" :class="{ numeric: shape.numeric[at] }"><result-cell :value="cell"></result-cell></td>
            </tr>
          </tbody>
        </table>
      </div>
      <p v-else-if="shape.kind === 'value'" class="value">{{ shape.text }}</p>
      <pre v-else-if="shape.text" tabindex="0">{{ shape.text }}</pre>
      <button v-if="shape.more && !more.length" type="button" class="text-button" data-testid="show-all"
        @click="$emit('all')">{{ localized(shape.more) }}</button>
      <details v-if="attempts.length" class="attempts">
        <summary>{{ attempts.length === 1 ? "1 earlier attempt" : attempts.length + " earlier attempts" }}</summary>
        <p v-for="attempt in attempts"><span>{{ attempt.hint }}</span> {{ attempt.reason }}</p>
      </details>
    </section>`,
  components: { ResultCell: Cell },
  props: { title: String, live: Boolean, attempts: Array, shape: Object },
  data() {
    return { rest: { version: 0, rows: [] } };
  },
  computed: {
    more() {
      return this.rest.version === this.shape.version ? this.rest.rows : [];
    },
  },
  methods: {
    localized,
    // The rest of a table, for who asks for it; by now another version of the answer may be shown.
    provide(version, rows, start) {
      this.rest = { version, rows: [...this.rest.rows.slice(0, start), ...rows] };
    },
  },
};
