// The browser's half of AdminReport: three numbers, and tables of nodes, answers under way and users.
import { localized } from "parlour/locale.js";

const RUN_COLUMNS = ["Who", "Node", "For"];
const USER_COLUMNS = ["Who", "Chats", "Tokens today", "In 30 days", "Cost"];

export default {
  template: `
    <div class="admin-report">
      <p v-if="problem" class="page-note" role="alert">{{ problem }}</p>
      <dl class="usage-sums">
        <div v-for="sum in sums" :key="sum.name">
          <dt>{{ sum.name }}</dt>
          <dd>{{ localized(sum.number) }} <small v-if="sum.note">{{ localized(sum.note) }}</small></dd>
        </div>
      </dl>
      <section aria-label="Nodes">
        <h2>Nodes</h2>
        <ul class="admin-nodes">
          <li v-for="node in nodes" :key="node.name" :class="{ silent: node.silent }" data-testid="admin-node">
            <i aria-hidden="true"></i>
            <span class="name">{{ node.name }}</span>
            <span class="state">{{ node.state }}</span>
            <span class="answers">{{ localized(node.answers) }} {{ node.answers === "1" ? "answer" : "answers" }}</span>
          </li>
        </ul>
      </section>
      <section aria-label="Answers under way">
        <h2>Answers under way</h2>
        <div v-if="runs.length" class="scroll" tabindex="0" role="group" aria-label="Table of answers under way">
          <table class="admin-runs" data-testid="admin-runs">
            <thead><tr><th v-for="name in runColumns" scope="col">{{ name }}</th></tr></thead>
            <tbody><tr v-for="row in runs"><td v-for="cell in row">{{ cell }}</td></tr></tbody>
          </table>
        </div>
        <p v-else class="admin-none">None just now.</p>
      </section>
      <section aria-label="Use">
        <h2>Use</h2>
        <div v-if="users.length" class="scroll" tabindex="0" role="group" aria-label="Table of users">
          <table class="admin-users" data-testid="admin-users">
            <thead><tr><th v-for="name in userColumns" scope="col">{{ name }}</th></tr></thead>
            <tbody><tr v-for="row in users" :key="row[0]">
              <td>{{ row[0] }}</td><td v-for="cell in row.slice(1)">{{ localized(cell) }}</td>
            </tr></tbody>
          </table>
        </div>
        <p v-else class="admin-none">Nobody has asked anything yet.</p>
      </section>
    </div>`,
  props: {
    problem: String,
    sums: { type: Array, default: () => [] },
    nodes: { type: Array, default: () => [] },
    runs: { type: Array, default: () => [] },
    users: { type: Array, default: () => [] },
  },
  methods: { localized },
  computed: { runColumns: () => RUN_COLUMNS, userColumns: () => USER_COLUMNS },
};
