// Blocks of a growing answer that the browser passes over while they are out of sight: with each new word it goes through
// all that it may have to draw, which of a long answer takes longer than all else. Nothing moves, since their heights are
// known. They rest in batches, and only far from what is seen: each that begins or ceases to be passed over costs a layout.
const BATCH = 40; // nodes that begin to rest at once
const DISTANCE = 3; // screens above what is seen; a browser looks ahead by less than two

export class RestingBlocks {
  constructor(prose) {
    this.prose = prose;
    this.count = 0; // nodes at the start that have been looked at
    this.finished = 0;
    this.next = null; // the node after them
    this.blocks = [];
  }
  // To be called when nothing has changed since the last layout, with the number of nodes that are finished.
  add(finished) {
    if (finished < this.count + BATCH || finished === this.finished) return;
    this.finished = finished;
    const nodes = [];
    for (let node = this.next ?? this.prose.firstChild; nodes.length < BATCH; node = node.nextSibling) nodes.push(node);
    const blocks = nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE && !node.hasAttribute("style"));
    if (blocks.at(-1)?.getBoundingClientRect().bottom > -DISTANCE * innerHeight) return;
    const heights = blocks.map(contentHeight);
    for (const [at, { style }] of blocks.entries()) {
      style.containIntrinsicBlockSize = `auto ${heights[at]}px`;
      style.contentVisibility = "auto";
    }
    this.count += BATCH;
    this.next = nodes.at(-1).nextSibling;
    this.blocks.push(...blocks);
  }
  // Leaves the blocks as they have come.
  wake() {
    for (const block of this.blocks) block.removeAttribute("style");
    this.blocks = [];
    this.count = this.finished = 0;
    this.next = null;
  }
}

function contentHeight(block) {
  const { borderTopWidth, borderBottomWidth, paddingTop, paddingBottom } = getComputedStyle(block);
  const around = [borderTopWidth, borderBottomWidth, paddingTop, paddingBottom].map(Number.parseFloat);
  return block.getBoundingClientRect().height - around.reduce((sum, length) => sum + length);
}
