// Where the keys lead in a list: one row on or back, a page, or to either end.
import { isComposing } from "parlour/composition.js";

/**
 * Returns the place that a key leads to, or undefined if it leads nowhere.
 *
 * @param {KeyboardEvent} event
 * @param {object} list
 * @param {number} list.at - the place where the keys are, -1 if they are nowhere yet
 * @param {number} list.count - rows in the list
 * @param {number} [list.page] - rows that Page Up and Page Down go; without it they are not keys of the list
 * @param {boolean} [list.wraps] - whether an arrow leads from one end to the other
 * @param {boolean} [list.hasEnds] - whether Home and End are keys of the list, and not of a field above it
 */
export function placeAfterKey(event, { at, count, page, wraps = true, hasEnds = true }) {
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey || !count) return undefined;
  const last = count - 1;
  const within = (place) => Math.min(Math.max(0, place), last);
  const step = (place) => (wraps ? (place < 0 ? last : place > last ? 0 : place) : within(place));
  switch (event.key) {
    case "ArrowDown":
      return step(at + 1);
    case "ArrowUp":
      return step(at - 1);
    case "PageDown":
      return page ? within(at + page) : undefined;
    case "PageUp":
      return page ? within(at - page) : undefined;
    case "Home":
      return hasEnds ? 0 : undefined;
    case "End":
      return hasEnds ? last : undefined;
    default:
      return undefined;
  }
}
