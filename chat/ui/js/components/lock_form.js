// The browser's half of LockForm. Passcodes leave the fields as soon as they are taken, and never come back.
import { isConnected } from "parlour/connection.js";

const LOST = "Connection lost. Try again when it is back.";

export default {
  template: `
    <form class="lock-form" autocomplete="off" @submit.prevent="save">
      <input v-if="isSet" ref="current" v-bind="field" autocomplete="current-password" aria-label="Current passcode"
        placeholder="Current passcode" data-testid="lock-current" />
      <input ref="passcode" v-bind="field" aria-label="New passcode" placeholder="New passcode" data-testid="lock-new" />
      <input ref="again" v-bind="field" aria-label="New passcode again" placeholder="The same again" data-testid="lock-again" />
      <div class="lock-form-buttons">
        <button v-if="isSet" type="button" class="text-button" data-testid="lock-remove" @click="remove">Remove passcode</button>
        <button class="text-button" data-testid="lock-save">{{ isSet ? "Change passcode" : "Set passcode" }}</button>
      </div>
      <p v-if="problem" class="key-problem" role="alert" data-testid="lock-problem">{{ problem }}</p>
    </form>`,
  props: { isSet: Boolean, maxLength: Number },
  data() {
    return { problem: "" };
  },
  computed: {
    field() {
      return { class: "field", type: "password", autocomplete: "new-password", maxlength: this.maxLength };
    },
  },
  methods: {
    value(name) {
      return this.$refs[name]?.value ?? "";
    },
    send(event, passcode) {
      this.problem = isConnected() ? "" : LOST;
      if (!this.problem) this.$emit(event, { current: this.value("current"), passcode });
    },
    save() {
      if (this.value("passcode") !== this.value("again")) this.problem = "The two new passcodes differ.";
      else this.send("save", this.value("passcode"));
    },
    remove() {
      this.send("remove", "");
    },
    // Whether what was sent was taken, or why not.
    show(problem) {
      this.problem = problem;
      if (problem) return this.$refs[this.isSet ? "current" : "passcode"].select();
      for (const name of ["current", "passcode", "again"]) if (this.$refs[name]) this.$refs[name].value = "";
    },
  },
};
