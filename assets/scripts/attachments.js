// The files of a prompt that is being written: looked at, uploaded, shown, removed. Also what is dropped on the window.
(() => {
  const HEAD = 4096; // bytes that tell an image, a PDF or a text
  const NAMED = "application/octet-stream";
  /** @type {[RegExp, string][]} */
  const TYPES = [
    [/^\x89PNG\r\n\x1a\n/, "image/png"],
    [/^\xff\xd8\xff/, "image/jpeg"],
    [/^GIF8[79]a/, "image/gif"],
    [/^RIFF[\s\S]{4}WEBP/, "image/webp"],
    [/^%PDF-/, "application/pdf"],
  ];
  const NO_TEXT = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;
  const UTF_16 = /^(\xff\xfe|\xfe\xff)|^(?:[^\0]\0){2}|^(?:\0[^\0]){2}/; // with its mark, or as ASCII in it begins

  // As the server does: by the bytes, whatever the name says.
  async function typeOf(file) {
    const bytes = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
    const head = String.fromCharCode(...bytes);
    const known = TYPES.find(([pattern]) => pattern.test(head));
    if (known) return known[1];
    if (UTF_16.test(head)) return "text/plain";
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: file.size > HEAD });
      return NO_TEXT.test(text) ? null : "text/plain";
    } catch {
      return NO_TEXT.test(head) ? null : "text/plain"; // in an encoding of another system, which the server finds
    }
  }

  function size(bytes) {
    if (bytes < 1e3) return `${bytes} B`;
    return bytes < 1e6 ? `${+(bytes / 1e3).toPrecision(3)} KB` : `${+(bytes / 1e6).toPrecision(3)} MB`;
  }

  function post(file, progress) {
    const request = new XMLHttpRequest(); // `fetch` says nothing of what has gone up
    const answer = new Promise((resolve, reject) => {
      request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
      request.onerror = () => reject(new Error("The connection was lost."));
      request.onabort = () => resolve(null);
      request.onload = () => {
        if (request.status === 201) resolve(JSON.parse(request.responseText));
        else reject(new Error(said(request)));
      };
    });
    request.open("POST", window.parlourAddress(`/files/?name=${encodeURIComponent(file.name)}`));
    request.setRequestHeader("Content-Type", NAMED);
    request.send(file);
    return { answer, abort: () => request.abort() };
  }

  function said(request) {
    try {
      return JSON.parse(request.responseText).detail;
    } catch {
      return "The upload failed.";
    }
  }

  // A Vue component; the composer has one.
  window.parlourAttachments = {
    template: `
      <ul v-if="files.length" class="attachments">
        <li v-for="file in files" :key="file.key" class="attachment" :class="{ image: file.isImage, uploading: !file.blob }"
          data-testid="attachment" :title="file.name">
          <img v-if="file.isImage" :src="file.url" alt="">
          <i v-else class="q-icon material-symbols-outlined" aria-hidden="true">{{ file.isText ? "description" : "picture_as_pdf" }}</i>
          <span class="attachment-name">{{ file.name }}</span>
          <span class="attachment-size">{{ file.about }}</span>
          <progress v-if="!file.blob" :value="file.progress" :aria-label="'Uploading ' + file.name"></progress>
          <button type="button" class="icon-button" :aria-label="'Remove ' + file.name" title="Remove" @click="remove(file)">
            <i class="q-icon material-symbols-outlined" aria-hidden="true">close</i>
          </button>
        </li>
      </ul>`,
    props: { limits: Object },
    emits: ["change", "problem"],
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
          .map(({ blob, name, mediaType, size }) => ({ blob, name, media_type: mediaType, size }));
      },
      isUploading() {
        return this.files.some((file) => !file.blob);
      },
      put(attachments) {
        this.files.filter((file) => file.blob).forEach(release);
        this.files = [...attachments.map(entryOf), ...this.files.filter((file) => !file.blob)];
      },
      async add(list) {
        for (const file of list) {
          const mediaType = await typeOf(file).catch(() => null); // a folder, or a file that is gone
          const problem = this.obstacle(file, mediaType);
          if (problem) this.$emit("problem", problem);
          else this.upload(file, mediaType);
        }
      },
      obstacle({ name, size: bytes }, mediaType) {
        const { most, largest, largestText, kinds } = this.limits;
        if (!mediaType) return `${name} can't be attached. ${kinds}`;
        if (!bytes) return `${name} is empty.`;
        if (this.files.length >= most) return `A message can have up to ${most} files.`;
        const [limit, kind] = mediaType === "text/plain" ? [largestText, "text files"] : [largest, "files"];
        return bytes > limit ? `${name} is too large: ${size(bytes)} (${kind}: up to ${size(limit)}).` : "";
      },
      async upload(file, mediaType) {
        const entry = entryOf({ name: file.name, media_type: mediaType, size: file.size });
        if (entry.isImage) entry.url = URL.createObjectURL(file);
        this.files.push(entry);
        const shown = this.files[this.files.length - 1]; // the one that Vue watches
        try {
          const { answer, abort } = post(file, (progress) => (shown.progress = progress));
          shown.abort = abort;
          const stored = await answer;
          if (!stored) return;
          if (this.files.some(({ blob }) => blob === stored.blob)) return this.drop(shown); // it is there already
          Object.assign(shown, {
            blob: stored.blob,
            name: stored.name,
            mediaType: stored.media_type,
            size: stored.size,
          });
          this.$emit("change");
        } catch (error) {
          this.drop(shown);
          this.$emit("problem", `${file.name} was not attached. ${/** @type {Error} */ (error).message}`);
        }
      },
      remove(file) {
        file.abort?.();
        this.drop(file);
        this.$emit("change");
      },
      drop(file) {
        this.files = this.files.filter(({ key }) => key !== file.key);
        release(file);
      },
    },
  };

  let keys = 0;

  /** @param {{blob?: string, name: string, media_type: string, size: number}} attachment */
  function entryOf({ blob, name, media_type, size: bytes }) {
    const isImage = media_type.startsWith("image/");
    const url = isImage && blob ? window.parlourAddress(`/files/${blob}`) : "";
    const isText = media_type === "text/plain";
    return {
      key: ++keys,
      blob,
      name,
      mediaType: media_type,
      size: bytes,
      about: size(bytes),
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
  const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const isField = (event) => event.target.matches?.("input, textarea, [contenteditable]");
  let leaving;

  function hover(event) {
    if (isField(event) && !hasFiles(event)) return; // words and links go into fields
    event.preventDefault();
    event.dataTransfer.dropEffect = hasFiles(event) && document.querySelector(".composer") ? "copy" : "none";
    document.body.classList.toggle("dropping", hasFiles(event));
    clearTimeout(leaving);
    leaving = setTimeout(() => document.body.classList.remove("dropping"), 300); // it comes again as long as it lasts
  }

  function drop(event) {
    if (isField(event) && !hasFiles(event)) return;
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
})();
