// Whether this browser announces long answers, and whether with the title of the chat.
import { allowNotices, chooseNotice, noticeChoice, noticeObstacle } from "parlour/answer_notice.js";

export default {
  template: `
    <div class="notice-choice">
      <label class="setting">
        <span class="setting-text"><span class="setting-label">Announce long answers</span>
          <span class="setting-hint">When one has taken 20 seconds or more and this page is not in view. For this browser only.</span></span>
        <input type="checkbox" role="switch" class="switch" aria-label="Announce long answers" data-testid="notify-answers"
          :checked="choice !== ''" @change="change($event.target)" />
      </label>
      <p v-if="problem" class="setting-hint" role="alert" data-testid="notify-problem">{{ problem }}</p>
      <label v-if="choice" class="setting">
        <span class="setting-text"><span class="setting-label">With the title of the chat</span>
          <span class="setting-hint">Others may see it on a locked screen. Without it, nothing of the chat is shown.</span></span>
        <input type="checkbox" role="switch" class="switch" aria-label="With the title of the chat" data-testid="notify-title"
          :checked="choice === 'title'" @change="put($event.target.checked ? 'title' : 'on')" />
      </label>
    </div>`,
  data() {
    const choice = noticeChoice();
    return { choice, problem: choice ? noticeObstacle() : "" };
  },
  methods: {
    async change(box) {
      this.problem = box.checked ? await allowNotices() : "";
      this.put(box.checked && !this.problem ? "on" : "");
      box.checked = this.choice !== "";
    },
    put(choice) {
      this.choice = choice;
      chooseNotice(choice);
    },
  },
};
