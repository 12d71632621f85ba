// Chooses light or dark before the first paint, says in which language the page is, and by `data-failed` that a script
// could not be loaded, and sees to it that there is a storage. A classic script: modules run after the page has been read,
// which is when it has been shown in the wrong colours. So nothing can import it; it shows the choice as `data-choice` of
// <html>, and hears of another by the event "parlour-theme", whose detail is "system", "light", "dark", or "next" for the
// one after the present one.
(() => {
  const KEY = "parlour-theme";
  const CHOICES = ["system", "light", "dark"];
  const CANVAS = { light: "#fcfbf9", dark: "#1c1b19" };
  const MEMORY = {
    getItem(key) {
      return Object.hasOwn(this, key) ? this[key] : null;
    },
    setItem(key, value) {
      this[key] = String(value);
    },
    removeItem(key) {
      delete this[key];
    },
  };
  const root = document.documentElement;

  // Where a browser lets this address store nothing, NiceGUI 3.18 ends when it looks there: what is stored lasts as long
  // as the page then.
  for (const kind of ["localStorage", "sessionStorage"]) {
    try {
      window[kind].getItem(KEY);
    } catch {
      Object.defineProperty(window, kind, { value: Object.create(MEMORY) });
    }
  }

  root.lang = "en";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let choice = "system";

  function read() {
    const stored = localStorage.getItem(KEY);
    return CHOICES.includes(stored) ? stored : "system";
  }

  function write() {
    try {
      if (choice === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, choice);
    } catch {} // it is full: the choice lasts as long as the page
  }

  const isDark = () => (choice === "system" ? system.matches : choice === "dark");

  // Quasar keeps its own class on <body>; setting it to what it already is would be endless.
  function tellQuasar() {
    const dark = window.Quasar?.Dark;
    if (dark && document.body?.matches(".body--light, .body--dark") && dark.isActive !== isDark()) dark.set(isDark());
  }

  function chromeColor() {
    /** @type {HTMLMetaElement | null} */
    let meta = document.querySelector('meta[name="theme-color"]');
    if (!meta) {
      meta = Object.assign(document.createElement("meta"), { name: "theme-color" });
      document.head.append(meta);
    }
    meta.content = CANVAS[root.dataset.theme];
  }

  function apply() {
    root.dataset.theme = isDark() ? "dark" : "light";
    root.dataset.choice = choice;
    chromeColor();
    tellQuasar();
  }

  function set(next) {
    choice = CHOICES.includes(next) ? next : "system";
    write();
    apply();
  }

  document.addEventListener("parlour-theme", (event) => {
    const { detail } = /** @type {CustomEvent} */ (event);
    set(detail === "next" ? CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length] : detail);
  });

  choice = read();
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY && event.key !== null) return; // null: another tab cleared everything
    choice = read();
    apply();
  });
  const seeFailure = ({ target }) => {
    if (target instanceof HTMLScriptElement) root.dataset.failed = "true";
  };
  window.addEventListener("error", seeFailure, { capture: true });
  document.addEventListener("DOMContentLoaded", () => {
    tellQuasar();
    // The app sets Quasar's mode when it mounts; whenever that differs from the choice, the choice wins.
    new MutationObserver(tellQuasar).observe(document.body, { attributeFilter: ["class"] });
  });
})();
