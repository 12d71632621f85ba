// The browser's half of AssistantSignField: a picture, or a letter in its place. A picture is made small here: it is kept
// in the file of assistants.
const SIDE = 128; // px

export default {
  template: `
    <span class="sign-field">
      <span class="assistant-sign" aria-hidden="true"><img v-if="picture" :src="picture" alt=""><template v-else>{{ sign }}</template></span>
      <input class="text-line sign-letter" maxlength="8" aria-label="Letter or symbol" data-testid="assistant-letter"
        :value="letter" :placeholder="sign" @change="$emit('letter', $event.target.value)">
      <label class="text-button file-button"><span>Picture</span>
        <input type="file" accept="image/*" data-testid="assistant-picture" @change="pick"></label>
      <button v-if="picture" class="text-button" type="button" @click="$emit('picture', '')">Remove picture</button>
    </span>`,
  props: { sign: String, letter: String, picture: String },
  methods: {
    async pick({ target }) {
      const [file] = target.files;
      target.value = "";
      if (!file) return;
      const image = await createImageBitmap(file).catch(() => undefined);
      if (image) this.$emit("picture", small(image));
    },
  },
};

// Its middle, as a square.
function small(image) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const side = Math.min(image.width, image.height);
  const [left, top] = [(image.width - side) / 2, (image.height - side) / 2];
  canvas.getContext("2d").drawImage(image, left, top, side, side, 0, 0, SIDE, SIDE);
  return canvas.toDataURL("image/webp", 0.85);
}
