// The browser's half of LocalText.
import { localized } from "parlour/locale.js";

export default {
  template: `<component :is="tag">{{ words() }}</component>`,
  props: { tag: String },
  methods: {
    words() {
      const [text] = this.$slots.default?.() ?? [];
      return localized(String(text?.children ?? text ?? ""));
    },
  },
};
