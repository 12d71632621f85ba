// Theme: light, dark or system; assets/scripts/theme.js keeps the choice and tells of it on <html>.
const NAMES = { system: "System", light: "Light", dark: "Dark" };

export default {
  template: `
    <div class="segments" role="radiogroup" aria-label="Theme" data-testid="theme-choice">
      <label v-for="(words, name) in names" :key="name" class="segment">
        <input type="radio" name="theme-choice" :value="name" :checked="name === choice" @change="choose(name)" /><span>{{ words }}</span>
      </label>
    </div>`,
  data() {
    return { names: NAMES, choice: window.parlourTheme.choice };
  },
  mounted() {
    this.observer = new MutationObserver(() => (this.choice = window.parlourTheme.choice));
    this.observer.observe(document.documentElement, { attributeFilter: ["data-choice"] });
  },
  beforeUnmount() {
    this.observer.disconnect();
  },
  methods: {
    choose(name) {
      this.choice = window.parlourTheme.set(name);
    },
  },
};
