// The browser's half of PageVisibility: says whether this tab is in front, and announces long answers when it is not.
import { AnswerNotice } from "parlour/answer_notice.js";

export default {
  template: `<span hidden></span>`,
  props: { running: Boolean, title: String },
  watch: {
    running(isRunning) {
      this.notice.see(isRunning, this.title);
    },
  },
  created() {
    this.notice = new AnswerNotice(this.running);
  },
  mounted() {
    document.addEventListener("visibilitychange", this.tell);
    this.tell();
  },
  unmounted() {
    document.removeEventListener("visibilitychange", this.tell);
  },
  methods: {
    tell() {
      this.$emit("page-visibility", !document.hidden);
    },
  },
};
