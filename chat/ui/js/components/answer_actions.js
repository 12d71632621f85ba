// The browser's half of AnswerActions. The text of the answer is fetched when a pointer or the focus comes near,
// so that it is there when the click comes: without a secure connection one can copy only inside the click.
import { announce } from "parlour/announcer.js";
import { copyByButton } from "parlour/clipboard.js";
import { isConnected } from "parlour/connection.js";
import { localized } from "parlour/locale.js";
import { ModelMenu } from "parlour/model_list.js";
import { readAloud, readingObstacle, spokenText, stopReading } from "parlour/reading_aloud.js";
import { TurnMenu, VersionSwitcher } from "parlour/versions.js";

const PROBLEM_TIME = 4000; // ms for which a button says why it cannot

export default {
  template: `
    <div class="turn-actions" role="group" aria-label="Answer actions">
      <button type="button" class="icon-button" data-testid="copy" data-action="copy" data-icon="content_copy" aria-label="Copy" title="Copy"
        @pointerenter="fetch" @pointerdown="fetch" @focus="fetch" @click="copy($event.currentTarget)"></button>
      <button type="button" class="icon-button" data-testid="read-aloud" data-icon="play_arrow" :data-reading="isReading || null" :data-problem="readingProblem"
        :aria-label="isReading ? 'Stop reading' : 'Read aloud'" :title="isReading ? 'Stop reading' : 'Read aloud'" @click="read"></button>
      <button type="button" class="icon-button" v-if="canAct" data-testid="regenerate" data-action="regenerate" data-icon="refresh" aria-label="Regenerate" title="Regenerate"
        @click="act('regenerate')"></button>
      <button type="button" class="icon-button narrow" v-if="canAct" data-testid="regenerate-with" data-icon="keyboard_arrow_down"
        aria-label="Regenerate with another model" title="Regenerate with another model" aria-haspopup="dialog">
        <model-menu :groups="groups" :selected="models[models.length - 1]" @open="act('models')" @close="act('models-closed')"
          compares @pick="(model) => act('regenerate', model)" @compare="(models) => act('compare', models)"></model-menu>
      </button>
      <button type="button" class="icon-button fork" v-if="canAct" data-testid="fork" data-icon="call_split" aria-label="Branch into a new chat"
        title="Branch into a new chat" @click="act('fork')"></button>
      <version-switcher v-if="canSwitch" :number="number" :count="count" @step="(step) => act('switch', step)"></version-switcher>
      <turn-menu v-if="canAct" what="answer" :count="count" :end="end" :entry="end" @fork="act('fork')" @remove="(end) => act('delete', end)"></turn-menu>
      <component :is="usage ? 'button' : 'span'" :type="usage ? 'button' : null" class="answer-model" v-if="label" data-testid="answer-model"
        :aria-describedby="usage ? uid : null"><span class="visually-hidden">Answered by </span>{{ label }}</component>
      <span v-if="usage" class="usage" role="tooltip" data-testid="usage" :id="uid">{{ localized(usage) }}</span>
    </div>`,
  components: { ModelMenu, TurnMenu, VersionSwitcher },
  props: {
    canAct: Boolean,
    canSwitch: Boolean,
    number: Number,
    count: Number,
    end: String,
    models: Array,
    label: String,
    usage: String,
  },
  data() {
    return {
      groups: [],
      isReading: false,
      readingProblem: null,
      uid: `usage-${Math.random().toString(36).slice(2)}`,
    };
  },
  created() {
    this.forget();
  },
  watch: {
    end: "forget",
  },
  beforeUnmount() {
    if (this.isReading) stopReading();
  },
  methods: {
    read() {
      if (this.isReading) return stopReading();
      const answer = this.$el.parentElement.querySelector(".answer");
      const onEnd = (problem) => {
        this.isReading = false;
        this.tellProblem(problem);
      };
      if (readingObstacle()) return onEnd(readingObstacle());
      this.isReading = true;
      readAloud(spokenText(answer), onEnd);
    },
    tellProblem(problem) {
      this.readingProblem = problem || null;
      if (!problem) return;
      announce(problem);
      setTimeout(() => (this.readingProblem = null), PROBLEM_TIME);
    },
    localized,
    act(name, value = null) {
      this.$emit("action", name, value);
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
    provide(end, text) {
      if (end !== this.end) return;
      this.text = text;
      if (this.waiting) copyByButton(this.waiting, text);
      this.waiting = null;
    },
    copy(button) {
      if (this.text !== null || !isConnected()) return copyByButton(button, this.text);
      this.waiting = button; // the click came faster than the text; if that is too late to copy, the next click is not
      this.isFetching = false;
      this.fetch();
    },
    offer(groups) {
      this.groups = groups;
    },
  },
};
