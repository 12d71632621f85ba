// The browser's half of ImportFiles: files are chosen or dropped, and go up one after the other, of any size.
import { localAddress } from "parlour/addresses.js";
import { formatSize } from "parlour/attachments.js";

const UPLOAD_TYPE = "application/octet-stream"; // which a page of another site cannot send

function post(file, upload, progress) {
  const request = new XMLHttpRequest(); // `fetch` says nothing of what has gone up
  const answer = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onerror = () => reject(new Error(`${file.name} was not uploaded: the connection was lost.`));
    request.onabort = () => reject(new Error(""));
    request.onload = () => (request.status === 201 ? resolve(undefined) : reject(new Error(sentenceIn(request))));
  });
  const query = new URLSearchParams({ upload_id: upload, name: file.webkitRelativePath || file.name });
  request.open("POST", localAddress(`/import/?${query}`));
  request.setRequestHeader("Content-Type", UPLOAD_TYPE);
  request.send(file);
  return { answer, abort: () => request.abort() };
}

function sentenceIn(request) {
  try {
    return JSON.parse(request.responseText).detail;
  } catch {
    return "The upload failed.";
  }
}

export default {
  template: `
    <div class="import-files" :class="{ over: isOver }" @dragover.prevent="hover" @dragleave="isOver = false"
      @drop.prevent.stop="drop">
      <p>{{ note }}</p>
      <template v-if="!isUploading">
        <label class="text-button import-choose">Choose files
          <input ref="input" class="visually-hidden" type="file" multiple data-testid="import-file" @change="chosen">
        </label>
        <label class="text-button import-choose import-folder">Choose a folder
          <input class="visually-hidden" type="file" webkitdirectory data-testid="import-folder" @change="chosen">
        </label>
        <p class="setting-hint">or drop files here</p>
      </template>
      <template v-else>
        <p class="setting-hint" role="status">Uploading {{ about }} …</p>
        <progress class="exchange-progress" :max="total" :value="sent" aria-label="Upload"></progress>
        <button class="text-button" type="button" @click="stop">Cancel</button>
      </template>
      <p v-if="problem" class="import-problem" role="alert">{{ problem }}</p>
    </div>`,
  props: { note: String, upload: String },
  emits: ["uploaded"],
  data() {
    return { isOver: false, isUploading: false, sent: 0, total: 1, problem: "" };
  },
  computed: {
    about() {
      return `${formatSize(this.sent)} of ${formatSize(this.total)}`;
    },
  },
  watch: {
    // Files may be chosen while the import before is still being put away.
    upload(id) {
      const files = this.waiting;
      this.waiting = undefined;
      if (id && files) this.send(files);
    },
  },
  mounted() {
    document.addEventListener("parlour-files", this.dropped);
  },
  unmounted() {
    document.removeEventListener("parlour-files", this.dropped);
    this.abort?.();
  },
  methods: {
    hover() {
      this.isOver = true;
    },
    drop({ dataTransfer }) {
      this.isOver = false;
      document.body.classList.remove("dropping");
      this.send([...dataTransfer.files]);
    },
    // On a page that has no prompt they can only be meant for the dialog.
    dropped(event) {
      if (document.querySelector(".composer") || !this.upload) return;
      const dialog = this.$el.closest("dialog");
      if (!dialog.open) dialog.showModal();
      this.send(/** @type {CustomEvent} */ (event).detail);
    },
    chosen({ target }) {
      this.send([...target.files]);
      target.value = "";
    },
    async send(files) {
      if (!files.length || this.isUploading) return;
      const upload = this.upload;
      if (!upload) {
        this.waiting = files;
        return;
      }
      [this.problem, this.sent, this.isUploading] = ["", 0, true];
      this.total = files.reduce((sum, { size }) => sum + size, 0) || 1;
      try {
        let before = 0;
        for (const file of files) {
          const { answer, abort } = post(file, upload, (loaded) => (this.sent = before + loaded));
          this.abort = abort;
          await answer;
          before += file.size;
        }
        this.$emit("uploaded", upload);
      } catch (error) {
        this.problem = /** @type {Error} */ (error).message;
      }
      this.isUploading = false;
    },
    stop() {
      this.abort?.();
    },
  },
};
