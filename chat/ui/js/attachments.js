// The files of a prompt that is being written: looked at, uploaded, shown, removed. Also what is dropped on the window.
import { localAddress } from "parlour/addresses.js";
import { localized } from "parlour/locale.js";

const UPLOAD_TYPE = "application/octet-stream"; // which a page of another site cannot send

/** @type {[string, number][]} */
const SIZE_UNITS = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
];

// A number of bytes as a person reads it, in the words of the server.
export function formatSize(bytes) {
  const [unit, factor] = SIZE_UNITS.find(([, least]) => bytes >= least) ?? ["B", 1];
  return localized(`${+(bytes / factor).toPrecision(3)} ${unit}`);
}

class Refusal extends Error {} // in the words of the server

function post(file, chat, progress) {
  const request = new XMLHttpRequest(); // `fetch` says nothing of what has gone up
  const answer = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onerror = () => reject(new Error("The connection was lost."));
    request.onabort = () => resolve(null);
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(errorOf(request));
    };
  });
  request.open("POST", localAddress(`/files/?${new URLSearchParams({ name: file.name, chat })}`));
  request.setRequestHeader("Content-Type", UPLOAD_TYPE);
  request.send(file);
  return { answer, abort: () => request.abort() };
}

function errorOf(request) {
  try {
    return new Refusal(JSON.parse(request.responseText).detail);
  } catch {
    return new Error("The upload failed.");
  }
}

// A Vue component; the composer has one. Whether a file can be attached is for the server to say, by its bytes. Only what
// would be in vain is not begun: `limits` has how many files and bytes there may be, and the sentences for all else.
export const AttachmentTray = {
  template: `
    <ul v-if="files.length" class="attachments">
      <li v-for="file in files" :key="file.key" class="attachment" :class="{ image: file.isImage, uploading: !file.blob }"
        data-testid="attachment" :title="file.name">
        <img v-if="file.isImage" :src="file.url" alt="">
        <i v-else class="q-icon material-symbols-outlined" aria-hidden="true">{{ file.isText ? "description" : "picture_as_pdf" }}</i>
        <span class="attachment-words">
          <span class="attachment-name">{{ file.name }}</span>
          <span class="attachment-size">{{ file.about }}</span>
        </span>
        <progress v-if="!file.blob" :value="file.progress" :aria-label="'Uploading ' + file.name"></progress>
        <button type="button" class="icon-button" :aria-label="'Remove ' + file.name" title="Remove" @click="remove(file)">
          <i class="q-icon material-symbols-outlined" aria-hidden="true">close</i>
        </button>
      </li>
    </ul>`,
  props: { chat: String, limits: Object }, // `chat` is a temporary one; maxFiles, maxBytes; tooMany, tooLarge, unsupported: "{name} is …"
  emits: ["change", "removed", "problem"],
  data() {
    return { files: [] };
  },
  unmounted() {
    this.files.forEach(release);
  },
  methods: {
    // Those that are on the server.
    uploaded() {
      return this.files
        .filter((file) => file.blob)
        .map(({ blob, name, mediaType, size, count, tokens, percent, about }) => ({
          ...{ blob, name, media_type: mediaType, size, count, tokens, percent },
          about, // for this page, should the message come back
        }));
    },
    // The names of the others.
    uploading() {
      return this.files.filter((file) => !file.blob).map(({ name }) => name);
    },
    isUploading() {
      return this.uploading().length > 0;
    },
    put(attachments) {
      this.files.filter((file) => file.blob).forEach(release);
      this.files = [...attachments.map(entryOf), ...this.files.filter((file) => !file.blob)];
    },
    add(list) {
      for (const file of list) {
        const problem = this.obstacle(file);
        if (problem) this.$emit("problem", problem);
        else this.upload(file);
      }
    },
    obstacle(file) {
      if (this.files.length >= this.limits.maxFiles) return this.limits.tooMany;
      return file.size > this.limits.maxBytes ? this.sentence("tooLarge", file) : "";
    },
    sentence(kind, { name, size }) {
      const words = { name, size: formatSize(size) };
      return localized(this.limits[kind]).replace(/{(\w+)}/g, (_, word) => words[word]);
    },
    // It is shown, and waited for, also while it is being read: the first byte of one that lies elsewhere can take seconds.
    async upload(file) {
      const entry = entryOf({ name: file.name, media_type: file.type, size: file.size }); // what its name says so far
      if (entry.isImage) entry.url = URL.createObjectURL(file);
      this.files.push(entry);
      const shown = this.files[this.files.length - 1]; // the one that Vue watches
      try {
        if (!(await isReadable(file))) throw new Refusal(this.sentence("unsupported", file));
        if (!this.files.includes(shown)) return; // it was removed meanwhile
        const { answer, abort } = post(file, this.chat, (progress) => (shown.progress = progress));
        shown.abort = abort;
        const stored = await answer;
        if (!stored) return;
        if (this.files.some(({ blob }) => blob === stored.blob))
          this.drop(shown); // it is there already
        else settle(shown, stored);
        this.addPages(stored.more);
        if (stored.note) this.$emit("problem", stored.note);
        this.$emit("change");
      } catch (error) {
        this.drop(shown);
        const { message } = /** @type {Error} */ (error);
        this.$emit("problem", error instanceof Refusal ? message : `${file.name} was not attached. ${message}`);
      }
    },
    // The other pages of a scan.
    addPages(pages) {
      const room = this.limits.maxFiles - this.files.length;
      this.files.push(...pages.slice(0, room).map(entryOf));
      if (pages.length > room) this.$emit("problem", this.limits.tooMany);
    },
    remove(file) {
      file.abort?.();
      this.drop(file);
      this.$emit("removed");
    },
    drop(file) {
      this.files = this.files.filter(({ key }) => key !== file.key);
      release(file);
    },
  },
};

// What the server says of a file takes the place of what its name said; its picture stays, unless it is another now.
function settle(shown, stored) {
  const { key, url, size } = shown;
  Object.assign(shown, entryOf(stored), { key });
  if (url && shown.isImage && size === shown.size) shown.url = url;
  else release({ url });
}

// A folder is not, nor a file that is gone by now.
const isReadable = (file) =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );

let keys = 0;

/** @param {{blob?: string, name: string, media_type: string, size: number, count?: number, tokens?: number, percent?: number,
 *   about?: string}} attachment `about` is what the server says of it in words */
function entryOf({ blob, name, media_type, size, count, tokens, percent, about }) {
  const isImage = media_type.startsWith("image/");
  const url = isImage && blob ? localAddress(`/files/${blob}`) : "";
  const isText = media_type !== "application/pdf"; // there is nothing else
  return {
    key: ++keys,
    blob,
    name,
    mediaType: media_type,
    size,
    about: about ?? formatSize(size),
    count,
    tokens,
    percent,
    isImage,
    isText,
    url,
    progress: 0,
  };
}

function release({ url }) {
  if (url.startsWith("blob:")) URL.revokeObjectURL(url);
}

// A file that is dropped beside the box would be opened by the browser, in the place of the page.
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const isField = (event) => event.target.matches?.("input, textarea, [contenteditable]");
let leaving;

function hover(event) {
  if (isField(event) && !holdsFiles(event)) return; // words and links go into fields
  event.preventDefault();
  event.dataTransfer.dropEffect = holdsFiles(event) && document.querySelector(".composer") ? "copy" : "none";
  document.body.classList.toggle("dropping", holdsFiles(event));
  clearTimeout(leaving);
  leaving = setTimeout(() => document.body.classList.remove("dropping"), 300); // it comes again as long as it lasts
}

function drop(event) {
  if (isField(event) && !holdsFiles(event)) return;
  event.preventDefault();
  document.body.classList.remove("dropping");
  const files = [...event.dataTransfer.files];
  if (files.length) document.dispatchEvent(new CustomEvent("parlour-files", { detail: files }));
}

// A picture opens large over the page; with a modifier key, or without this script, on a page of its own.
function enlarge(event) {
  const link = event.target.closest?.("a.attached-image");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { alt } = link.querySelector("img");
  const dialog = Object.assign(document.createElement("dialog"), { className: "enlarged" });
  dialog.setAttribute("aria-label", alt);
  const close = Object.assign(document.createElement("button"), { type: "button", ariaLabel: "Close" });
  close.append(Object.assign(new Image(), { src: link.href, alt }));
  dialog.append(close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", enlarge);
document.addEventListener("dragover", hover);
document.addEventListener("drop", drop);
