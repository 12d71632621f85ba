// The browser's half of Composer. What is written belongs to the browser; the server hears of it when the keys rest, as
// outbox.js tells.
import { AttachmentTray } from "parlour/attachments.js";
import { isConnected, NOT_SENT } from "parlour/connection.js";
import { Dictation, dictationObstacle, mayDictate } from "parlour/dictation.js";
import { takeEarlyBox } from "parlour/early_box.js";
import { formatNumber, localized } from "parlour/locale.js";
import { fitHeight, insertText, MessageKeys, MODIFIER_NAME } from "parlour/message_box.js";
import { isTooLarge, Outbox } from "parlour/outbox.js";
import { pastedMarkdown } from "parlour/pasted_markdown.js";
import { SavedPromptMenu } from "parlour/saved_prompts.js";

const LONG_PASTE = 5000; // characters from which on a pasted text becomes a file
const NOT_YET = "Sending as soon as the page is connected.";

export default {
  template: `
    <form class="composer" :class="{ running }" :data-saved="isConfirmed" @submit.prevent="send">
      <attachment-tray ref="tray" :limits="limits" :chat="temporary ? conversation : ''" @change="filesChanged" @removed="rewritten" @problem="refused" />
      <textarea ref="box" data-testid="composer" rows="1" placeholder="Ask anything" aria-label="Message" :autocomplete="temporary ? 'off' : null"
        :enterkeyhint="touch ? 'enter' : 'send'" @keydown="key" @input="typed" @blur="sendDraft" @paste="paste"
        @compositionend="keys.composed"
      ></textarea>
      <div class="composer-row">
        <button type="button" class="icon-button attach" data-testid="attach" aria-label="Attach files" title="Attach files"
          @click="$refs.picker.click()"><i class="q-icon material-symbols-outlined" aria-hidden="true">add</i></button>
        <input ref="picker" type="file" multiple hidden @change="pick">
        <button type="button" class="icon-button dictate" data-testid="dictate" :class="{ listening }" :aria-pressed="String(listening)"
          :aria-label="listening ? 'Stop dictating' : 'Dictate'" :title="listening ? 'Stop dictating' : dictationObstacle || 'Dictate'"
          @click="dictate"><i class="q-icon material-symbols-outlined" aria-hidden="true">mic</i></button>
        <span class="composer-hint" v-if="!touch">{{ hint }}</span>
        <span class="spacer"></span>
        <button type="button" class="stop" data-testid="stop" data-action="stop" aria-label="Stop" title="Stop" @click="stop"></button>
        <button type="submit" class="send" data-testid="send" :aria-label="sends" :title="sends">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">arrow_upward</i>
        </button>
      </div>
      <p v-if="problem" class="composer-problem" role="alert">{{ problem }}</p>
      <p v-if="warning" class="composer-warning" role="status">{{ warning }}</p>
    </form>`,
  components: { AttachmentTray },
  props: {
    running: Boolean,
    warning: String,
    limits: Object, // of a prompt, maxLength and tooLong: "… {length} characters …"; of its files, as AttachmentTray has them
    conversation: String,
    draftKey: String,
    draft: Object,
    sendKey: String,
    temporary: Boolean, // whether nothing of it may stay in the browser
    user: String, // of a team
    prompts: { type: Array, default: () => [] }, // of each: name and text
  },
  data() {
    return {
      problem: "",
      isConfirmed: true,
      listening: false,
      dictationObstacle: dictationObstacle(),
      touch: window.matchMedia("(pointer: coarse)").matches,
    };
  },
  computed: {
    hint() {
      return this.sendKey === "enter" ? "Shift + Enter for a new line" : `${MODIFIER_NAME} + Enter to send`;
    },
    sends() {
      return this.running ? "Send after this answer" : "Send";
    },
  },
  watch: {
    temporary(isTemporary) {
      this.outbox.setKeeps(!isTemporary);
      this.contentChanged();
      this.sendDraft();
    },
    sendKey: { immediate: true, handler: (key) => (document.documentElement.dataset.sendKey = key) },
  },
  created() {
    this.keys = new MessageKeys();
  },
  mounted() {
    const { draftKey, conversation, content, temporary, user, $emit: emit } = this;
    const missing = () => this.$refs.tray?.uploading() ?? [];
    this.outbox = new Outbox({ draftKey, conversation, content, missing, emit, keeps: !temporary, user });
    this.savedPrompts = new SavedPromptMenu(this.$refs.box, () => this.prompts, this.rewritten);
    this.put(this.outbox.restored ?? this.draft);
    if (this.outbox.restored) this.contentChanged();
    this.problem = lostBefore(this.outbox.restored ?? {});
    window.addEventListener("pagehide", this.sendDraft);
    document.addEventListener("parlour-files", this.drop);
    document.addEventListener("parlour-connected", this.sendWaiting);
    const isWrittenEarly = takeEarlyBox(this.takeEarly); // where a composition would end if the focus went
    if (!isWrittenEarly && !this.touch) this.$refs.box.focus(); // on a phone this would open the keyboard
  },
  beforeUnmount() {
    if (this.listening) this.dictation.abort();
    this.outbox.close();
    this.savedPrompts.close();
    window.removeEventListener("pagehide", this.sendDraft);
    document.removeEventListener("parlour-files", this.drop);
    document.removeEventListener("parlour-connected", this.sendWaiting);
  },
  methods: {
    // What was written before the page ran stands after what the box has, unless that was there already.
    // Only what was seen there is sent: neither files nor newer words that the browser has kept.
    takeEarly({ text, before, selection, hasFocus, waits, pressed }) {
      const { box } = this.$refs;
      if (text !== before) {
        this.put({ ...this.content(), text: box.value && box.value !== before ? `${box.value}\n${text}` : text });
        this.contentChanged();
      }
      if (hasFocus || !this.touch) box.focus();
      const wasSeen = box.value === text;
      if (wasSeen) box.setSelectionRange(...selection);
      if (waits && wasSeen && !this.content().attachments.length) this.send();
      if (pressed) this.$el.querySelector(pressed).click();
    },
    stop(event) {
      if (event.detail > 1) return; // the second half of a double click on Send, whose place this button took
      this.$emit("stop");
      if (!this.touch) this.$refs.box.focus();
    },
    key(event) {
      if (this.keys.areComposing(event) || this.savedPrompts.key(event)) return;
      this.plain = event.shiftKey && event.key.toLowerCase() === "v";
      if (event.key === "ArrowUp" && !this.$refs.box.value) this.editLast(event);
      if (!this.keys.send(event)) return;
      event.preventDefault();
      this.send();
    },
    // The last question, or what waits to be one.
    editLast(event) {
      const page = this.$el.closest(".page");
      const last = [...(page?.querySelectorAll('[data-action="edit"]') ?? [])].pop();
      if (!last) return;
      event.preventDefault();
      last.click();
    },
    pick({ target }) {
      this.add([...target.files]);
      target.value = ""; // so that the same file can be picked again
    },
    drop({ detail }) {
      this.add(detail);
    },
    // What an office program copies is text and a picture of it: the text is meant. Text with a format comes as Markdown,
    // but with Shift as it is.
    paste(event) {
      const plain = event.clipboardData.getData("text/plain");
      const copied = [...event.clipboardData.files];
      const areMeant = !plain || copied.some(({ name }) => plain.includes(name)); // a file manager adds their names
      const markdown = this.plain || (areMeant && copied.length) ? "" : pastedMarkdown(event.clipboardData);
      const text = markdown || plain;
      const isLong = text.length > LONG_PASTE && !this.plain;
      const files = isLong ? [asFile(text, this.$refs.tray.files)] : areMeant && !markdown ? copied : [];
      if (!files.length && !markdown) return;
      event.preventDefault();
      if (files.length) this.add(files);
      else insertText(this.$refs.box, markdown);
    },
    add(files) {
      this.rewritten();
      this.problem = "";
      this.refusals = new Set(); // one for each file that was chosen at once
      this.$refs.tray.add(files);
      if (!this.touch) this.$refs.box.focus();
    },
    async dictate() {
      this.problem = this.dictationObstacle;
      if (this.problem) return;
      if (this.listening) return this.dictation.stop();
      if (!(await mayDictate()) || !this.$refs.box) return;
      this.listening = true;
      const onEnd = (problem) => {
        this.listening = false;
        if (problem) this.problem = problem;
      };
      this.dictation = new Dictation(this.$refs.box, { onText: this.rewritten, onEnd });
    },
    typed() {
      if (this.listening) this.dictation.abort();
      this.savedPrompts.show();
      this.rewritten();
    },
    // A message that was sent before its files had arrived goes when they have, and one that was sent without a connection
    // when there is one. What is changed meanwhile, also by a file less or one more, waits for a person to send it.
    rewritten() {
      if (this.outbox.waits) this.problem = ""; // it said that this goes by itself
      this.outbox.setWaits(false);
      this.contentChanged();
    },
    filesChanged() {
      this.contentChanged();
      this.sendWaiting();
    },
    sendWaiting() {
      if (this.outbox.waits && !this.$refs.tray.isUploading()) this.send();
    },
    refused(problem) {
      this.outbox.setWaits(false);
      this.contentChanged(); // without the file
      this.refusals.add(problem);
      this.problem = [...this.refusals].join(" ");
    },
    send() {
      if (this.listening) this.dictation.abort();
      const content = this.content();
      const isUploading = this.$refs.tray.isUploading();
      if (!(content.text.trim() || content.attachments.length || isUploading)) return;
      this.outbox.setWaits(isUploading || !isConnected());
      this.problem = this.obstacle(content);
      if (this.problem) return;
      this.outbox.send({ ...content, seen: this.seen() });
      this.put({ text: "" });
      this.contentChanged();
      this.sendDraft();
      this.$el.closest(".page")?.querySelector(".scroller")?.scrollTo({ top: 0 });
    },
    content() {
      return { text: this.$refs.box.value, attachments: this.$refs.tray.uploaded() };
    },
    // The last answer on the page: should another branch be shown by now, the message goes where it was written for.
    seen() {
      return (
        [...(this.$el.closest(".page")?.querySelectorAll(".thread > [data-entry]") ?? [])].pop()?.dataset.entry || ""
      );
    },
    obstacle({ text }) {
      if (this.$refs.tray.isUploading()) return "Sending as soon as the files are uploaded.";
      const { maxLength, tooLong } = this.limits;
      if (text.length > maxLength) return localized(tooLong).replace("{length}", formatNumber(text.length));
      if (isTooLarge(text)) return "This message is too large to be sent at once. Send it in parts, or as a file.";
      return this.outbox.waits ? NOT_YET : "";
    },
    confirmPrompt(id) {
      this.outbox.confirmPrompt(id);
    },
    refusePrompt(id, sentence) {
      const message = this.outbox.confirmPrompt(id);
      if (!message) return; // it was told twice, and is in the box by now
      this.problem = sentence;
      this.returnToBox(message);
    },
    // Puts what was not sent, or is to be edited, before what was written since.
    returnToBox({ text, attachments = [] }) {
      if (this.listening) this.dictation.abort(); // what is said next would be written over it
      const since = this.content();
      this.outbox.setWaits(false); // it is another message then
      this.put({
        text: since.text.trim() ? `${text}\n${since.text}` : text,
        attachments: [...attachments, ...since.attachments],
      });
      this.contentChanged();
      if (!this.touch) this.$refs.box.focus();
    },
    // What was written elsewhere, unless somebody is writing here.
    showDraft(draft) {
      if (!this.listening && !this.outbox.isUnconfirmed && !this.$refs.tray.isUploading()) this.put(draft);
    },
    put({ text, attachments = [] }) {
      if (text !== this.$refs.box.value) this.$refs.box.value = text; // else the cursor would move
      this.$refs.tray.put(attachments);
      this.fit();
    },
    contentChanged() {
      this.isConfirmed = false; // until the server says so
      this.outbox.change();
      this.fit();
    },
    sendDraft() {
      if (this.$refs.box) this.outbox.sendDraft(); // a box that is being removed loses the focus too
    },
    confirmDraft(version) {
      this.outbox.confirmDraft(version);
      this.isConfirmed = !this.outbox.isUnconfirmed;
    },
    moveDraft(draftKey) {
      this.outbox.move(draftKey);
    },
    fit() {
      fitHeight(this.$refs.box);
    },
  },
};

// What the page before was to do by itself, and was left too early for; "" if that was nothing.
function lostBefore({ waits, missing = [] }) {
  if (!missing.length) return waits ? NOT_SENT : "";
  const [were, them] = missing.length > 1 ? ["were", "them"] : ["was", "it"];
  const names = missing.join(", ");
  return `${waits ? "Not sent: the" : "The"} page was left before ${names} ${were} uploaded. Attach ${them} again.`;
}

// A text that is too long for a message.
function asFile(text, others) {
  const number = others.filter(({ name }) => name.startsWith("Pasted text")).length;
  return new File([text], `Pasted text${number ? ` ${number + 1}` : ""}.txt`, { type: "text/plain" });
}
