// A notification of the system when a long answer has ended while nobody looks. It is off until a person switches it on in
// this browser, and says no word of the chat; its title only if that was chosen too.
import { insecureReason } from "parlour/secure_context.js";

const KEY = "parlour-notices"; // in the storage of the browser: "on", or "title" to name the chat
const LONG_ANSWER = 20_000; // ms from which on nobody waits in front of the page
const CANNOT = "This browser cannot notify from a page.";

export const noticeChoice = () => localStorage.getItem(KEY) ?? "";

/** @param {string} choice */
export function chooseNotice(choice) {
  if (choice) localStorage.setItem(KEY, choice);
  else localStorage.removeItem(KEY);
}

// Why there can be no notification; "" if there can.
export function noticeObstacle() {
  const reason = insecureReason("Notifying");
  if (reason) return reason;
  if (!("Notification" in window)) return CANNOT;
  return Notification.permission === "denied"
    ? "Notifications are blocked in the browser's settings for this page."
    : "";
}

// Asks the browser, which asks its person, and shows what it will be like. Returns why not; "" if it is allowed.
export async function allowNotices() {
  if (noticeObstacle()) return noticeObstacle();
  if ((await Notification.requestPermission()) !== "granted")
    return noticeObstacle() || "Notifications were not allowed.";
  return show("Long answers are announced like this") ? "" : CANNOT;
}

function show(title, body = "") {
  try {
    const notice = new Notification(title, { body, tag: "parlour" });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
    return true;
  } catch {
    return false; // on a phone only a service worker may
  }
}

export class AnswerNotice {
  /** @param {boolean} isRunning */
  constructor(isRunning) {
    this.begun = isRunning ? performance.now() : undefined;
  }

  /**
   * @param {boolean} isRunning
   * @param {string} title - of the chat
   */
  see(isRunning, title) {
    const time = this.begun === undefined ? 0 : performance.now() - this.begun;
    this.begun = isRunning ? (this.begun ?? performance.now()) : undefined;
    const choice = noticeChoice();
    if (isRunning || time < LONG_ANSWER || !document.hidden || !choice || noticeObstacle()) return;
    if (Notification.permission === "granted") show("An answer is ready", choice === "title" ? title : "");
  }
}
