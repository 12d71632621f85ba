// The browser's half of AnswerActions. The text of the answer is fetched when a pointer or the focus comes near,
// so that it is there when the click comes: without a secure connection one can copy only inside the click.
export default {
  template: `
    <div class="turn-actions" role="group" aria-label="What to do with this answer">
      <button type="button" class="icon-button" data-testid="copy" data-icon="content_copy" aria-label="Copy" title="Copy"
        @pointerenter="fetch" @pointerdown="fetch" @focus="fetch" @click="copy($event.currentTarget)"></button>
      <button type="button" class="icon-button" v-if="acts" data-testid="regenerate" data-icon="refresh" aria-label="Regenerate" title="Regenerate"
        @click="act('regenerate')"></button>
      <button type="button" class="icon-button narrow" v-if="acts" data-testid="regenerate-with" data-icon="keyboard_arrow_down"
        aria-label="Regenerate with another model" title="Regenerate with another model" aria-haspopup="menu">
        <q-menu class="turn-menu" anchor="top left" self="bottom left" :offset="[0, 6]" @before-show="act('models')">
          <div role="menu" aria-label="Models">
            <p v-if="!models.length" class="turn-menu-note">Looking for models …</p>
            <button v-for="model in models" :key="model.name" v-close-popup type="button" role="menuitem"
              data-testid="model-option" :data-name="model.name" @click="act('regenerate', model.name)">{{ model.label }}</button>
          </div>
        </q-menu>
      </button>
      <versions v-if="acts" what="answer" :number="number" :count="count" :end="end" @step="(step) => act('switch', step)" @remove="(end) => act('delete', end)"></versions>
      <button type="button" class="icon-button" v-if="acts" data-testid="fork" data-icon="call_split" aria-label="Go on in a new chat"
        title="Go on in a new chat" @click="act('fork')"></button>
    </div>`,
  components: { versions: window.ParlourVersions },
  props: { acts: Boolean, number: Number, count: Number, end: String },
  data() {
    return { models: [] };
  },
  created() {
    this.forget();
  },
  watch: {
    end: "forget",
  },
  methods: {
    act(name, value = null) {
      this.$emit("act", name, value);
    },
    // What was fetched, or is on its way, is of another answer.
    forget() {
      this.text = null;
      this.isFetching = false;
      this.waiting = null;
    },
    fetch() {
      if (this.text !== null || this.isFetching) return;
      this.isFetching = true;
      this.act("source");
    },
    give(end, text) {
      if (end !== this.end) return;
      this.text = text;
      if (this.waiting) window.parlourCopyBy(this.waiting, text);
      this.waiting = null;
    },
    copy(button) {
      if (this.text !== null || !window.socket?.connected) return window.parlourCopyBy(button, this.text);
      this.waiting = button; // the click came faster than the text; if that is too late to copy, the next click is not
      this.isFetching = false;
      this.fetch();
    },
    offer(models) {
      this.models = models;
    },
  },
};
