// The browser's half of UsageReport: sums, a bar for each of the last days, and a table.
import { formatNumber, localized } from "parlour/locale.js";

const COLUMNS = ["Day", "Model", "Answers", "Tokens in", "Cached", "Tokens out", "Cost"];

export default {
  template: `
    <div class="usage-report">
      <dl class="usage-sums">
        <div v-for="sum in sums" :key="sum.name">
          <dt>{{ sum.name }}</dt>
          <dd>{{ localized(sum.tokens) }} <small>tokens</small></dd>
          <dd v-if="sum.cost" class="cost">{{ localized(sum.cost) }}</dd>
        </div>
      </dl>
      <div v-if="rows.length" class="usage-bars" role="img" :aria-label="'Tokens of each of the last ' + bars.length + ' days'">
        <span v-for="bar in bars" :title="localized(bar.day) + ': ' + formatNumber(bar.tokens) + ' tokens'"
          ><i :style="{ height: (100 * bar.tokens) / most + '%' }"></i></span>
      </div>
      <div v-if="rows.length" class="scroll" tabindex="0" role="group" aria-label="By day and model">
        <table>
          <thead><tr><th v-for="name in columns" scope="col">{{ name }}</th></tr></thead>
          <tbody><tr v-for="row in rows"><td v-for="cell in row">{{ localized(cell) }}</td></tr></tbody>
        </table>
      </div>
      <p v-else class="page-note">Nothing yet. What answers take is counted here from now on.</p>
    </div>`,
  props: { sums: Array, bars: Array, rows: Array },
  methods: { formatNumber, localized },
  computed: {
    columns: () => COLUMNS,
    most() {
      return Math.max(1, ...this.bars.map((bar) => bar.tokens));
    },
  },
};
