// Dictation into a text box, by the browser's own recognition of speech, which often is a service of its maker.
import { askToConfirm } from "parlour/dialogs.js";
import { insecureReason } from "parlour/secure_context.js";

const IS_ANDROID = /Android/.test(navigator.userAgent); // there a result has what the one before it has, too
const AGREED = "parlour-dictation"; // in the storage of the browser: that its person knows where the words go
const PROBLEMS = {
  "not-allowed": "The microphone is not allowed here. Allow it in the browser's settings for this page.",
  "service-not-allowed": "This browser does not allow dictation here.",
  "audio-capture": "No microphone was found.",
  network: "The browser's dictation service cannot be reached.",
  "language-not-supported": "This browser cannot write down your language.",
};
const QUESTION = {
  title: "Dictate with this browser?",
  text: "Most browsers send what you say to a server of their maker to turn it into text: Chrome to Google, Safari to Apple, Edge to Microsoft. Parlour gets only the text, and sends nothing before you press Send.",
  action: "Dictate",
};

const recognitionKind = () =>
  /** @type {any} */ (window).SpeechRecognition ?? /** @type {any} */ (window).webkitSpeechRecognition;

// Why there is no dictation; "" if there is.
export function dictationObstacle() {
  const reason = insecureReason("Dictation");
  if (reason || recognitionKind()) return reason;
  return "This browser has no dictation. The keyboard or the system may have one.";
}

export async function mayDictate() {
  if (localStorage.getItem(AGREED)) return true;
  const agreed = await askToConfirm({ ...QUESTION, kind: "primary" });
  if (agreed) localStorage.setItem(AGREED, "yes");
  return agreed;
}

export class Dictation {
  /**
   * Listens at once. What is said stands where the cursor was, and is changed as long as it is being recognised.
   *
   * @param {HTMLTextAreaElement} box
   * @param {{ onText: () => void, onEnd: (problem: string) => void }} on
   */
  constructor(box, { onText, onEnd }) {
    this.box = box;
    this.before = box.value.slice(0, box.selectionStart);
    this.after = box.value.slice(box.selectionEnd);
    this.problem = "";
    this.recognition = Object.assign(new (recognitionKind())(), {
      continuous: true,
      interimResults: true,
      lang: navigator.language,
      onresult: ({ results }) => {
        const texts = [...results].map(([best]) => best.transcript.trim());
        const heard = texts.filter((text, at) => !IS_ANDROID || !texts[at + 1]?.startsWith(text));
        this.put(heard.join(" "));
        onText();
      },
      onerror: ({ error }) => (this.problem = PROBLEMS[error] ?? ""),
      onend: () => onEnd(this.problem),
    });
    this.recognition.start();
  }

  put(said) {
    if (!this.box.isConnected) return;
    const gap = said && this.before && !/\s$/.test(this.before) ? " " : "";
    const end = `${this.before}${gap}${said}`;
    this.box.value = end + (this.after && !/^\s/.test(this.after) ? " " : "") + this.after;
    this.box.setSelectionRange(end.length, end.length);
  }

  // What was said last may still come.
  stop() {
    this.recognition.stop();
  }

  // Nothing more comes: the person writes, or has sent it.
  abort() {
    this.recognition.onresult = null;
    this.recognition.abort();
  }
}
