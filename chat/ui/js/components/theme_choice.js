// Theme: light, dark or system. theme.js, which runs before the first paint, keeps the choice, shows it on <html>
// and hears of another one by an event.
const NAMES = { system: "System", light: "Light", dark: "Dark" };

export default {
  template: `
    <div class="segments" role="radiogroup" aria-label="Theme" data-testid="theme-choice">
      <label v-for="(words, name) in names" :key="name" class="segment">
        <input type="radio" name="theme-choice" :value="name" :checked="name === choice" @change="choose(name)" /><span>{{ words }}</span>
      </label>
    </div>`,
  data() {
    return { names: NAMES, choice: document.documentElement.dataset.choice };
  },
  mounted() {
    this.observer = new MutationObserver(() => (this.choice = document.documentElement.dataset.choice));
    this.observer.observe(document.documentElement, { attributeFilter: ["data-choice"] });
  },
  beforeUnmount() {
    this.observer.disconnect();
  },
  methods: {
    choose(name) {
      document.dispatchEvent(new CustomEvent("parlour-theme", { detail: name }));
    },
  },
};
