// The browser's half of SearchDialog. It is built when one searches first: to compile its template would take each page
// a fiftieth of all that it does until one sees it.
import { SearchList } from "parlour/search.js";

export default {
  template: `<search-list v-if="isUsed" ref="list" />`,
  components: { SearchList },
  data() {
    return { isUsed: false };
  },
  methods: {
    async open() {
      this.isUsed = true;
      await this.$nextTick();
      this.$refs.list.open();
    },
    // Called by the server.
    show(text, rows) {
      this.$refs.list.show(text, rows);
    },
  },
};
