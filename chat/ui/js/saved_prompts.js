// Saved prompts: a slash at the beginning of the box lists them, what follows it chooses among them. The one that is chosen
// takes the place of what was typed, and the key Tab leads from one blank in it to the next.
import { placeAfterKey } from "parlour/list_keys.js";

const BLANK = /\{\{[^{}\n]*\}\}/g;
const MOST = 8; // prompts that are listed
const GAP = 8; // px between the list and the box below it, and the edge of what is in view

export class SavedPromptMenu {
  /**
   * @param {HTMLTextAreaElement} box
   * @param {() => string[][]} prompts - gives the name and the text of each
   * @param {() => void} onInserted
   */
  constructor(box, prompts, onInserted) {
    this.box = box;
    this.prompts = prompts;
    this.onInserted = onInserted;
    this.found = [];
    this.at = 0;
    this.list = Object.assign(document.createElement("div"), { className: "menu saved-prompts", popover: "manual" });
    this.list.id = "saved-prompts";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Saved prompts");
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => this.press(event));
    box.after(this.list);
    box.addEventListener("blur", () => this.close());
  }

  /** Brings the list up to date with what stands in the box. */
  show() {
    const sought = /^\/([^\n]*)$/.exec(this.box.value)?.[1].toLowerCase();
    const found =
      sought === undefined ? [] : this.prompts().filter((prompt) => prompt[0].toLowerCase().includes(sought));
    this.found = found.slice(0, MOST);
    this.at = 0;
    if (!this.found.length) return this.close();
    this.list.replaceChildren(...this.found.map(rowOf));
    this.list.showPopover();
    const { left, top } = this.box.getBoundingClientRect();
    this.list.style.left = `${left}px`;
    const edge = visualViewport.offsetTop + GAP; // above it a keyboard may have pushed the page out of view
    this.list.style.maxHeight = `${top - GAP - edge}px`;
    this.list.style.top = `${top - this.list.offsetHeight - GAP}px`;
    this.mark();
  }

  /** Returns whether the key was meant for the list, or for a blank. */
  key(event) {
    if (!this.found.length) return event.key === "Tab" && !event.shiftKey && this.nextBlank(event);
    const place = placeAfterKey(event, { at: this.at, count: this.found.length, hasEnds: false });
    if (place !== undefined) this.at = place;
    else if (["Enter", "Tab"].includes(event.key)) this.insert(this.found[this.at][1]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    this.mark();
    return true;
  }

  press({ target }) {
    const row = target.closest("[role=option]");
    if (row) this.insert(this.found[[...this.list.children].indexOf(row)][1]);
  }

  insert(text) {
    this.close();
    this.box.value = text;
    this.box.setSelectionRange(text.length, text.length);
    this.selectBlank(0);
    this.onInserted();
  }

  nextBlank(event) {
    if (!this.selectBlank(this.box.selectionEnd) && !this.selectBlank(0)) return false;
    event.preventDefault();
    return true;
  }

  selectBlank(from) {
    BLANK.lastIndex = from;
    const blank = BLANK.exec(this.box.value);
    if (blank) this.box.setSelectionRange(blank.index, blank.index + blank[0].length);
    return Boolean(blank);
  }

  mark() {
    for (const [place, row] of [...this.list.children].entries()) {
      row.setAttribute("aria-selected", String(place === this.at));
    }
    if (!this.found.length) return;
    this.box.setAttribute("aria-activedescendant", `saved-prompt-${this.at}`);
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
  }

  close() {
    this.found = [];
    this.list.replaceChildren();
    this.box.removeAttribute("aria-activedescendant");
    if (this.list.matches(":popover-open")) this.list.hidePopover();
  }
}

function rowOf([name, text], place) {
  const row = Object.assign(document.createElement("div"), { className: "saved-prompt", id: `saved-prompt-${place}` });
  row.setAttribute("role", "option");
  row.dataset.testid = "saved-prompt";
  row.append(Object.assign(document.createElement("b"), { textContent: name }));
  row.append(Object.assign(document.createElement("span"), { textContent: text.slice(0, 100) }));
  return row;
}
