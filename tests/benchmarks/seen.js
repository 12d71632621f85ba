// What a page sees of an answer, and when, at next to no cost: asking for the text of all of it from outside
// takes longer than to show it.
(() => {
  const seen = (window.seen = { asked: 0, first: 0, end: 0, longest: 0, gap: 0 }); // milliseconds, three of them since 1970
  let changed = 0;
  let before = "";
  let wanted = "";
  const now = () => performance.timeOrigin + performance.now();
  const answer = () => {
    const last = [...document.querySelectorAll('[data-testid="answer"]')].pop();
    return [...(last?.querySelectorAll(".nicegui-markdown") ?? [])].pop() ?? last;
  };
  const look = (changes = []) => {
    const shown = answer();
    if (!shown) return;
    if (seen.first && !seen.end && changes.some(({ target }) => shown.contains(target))) {
      seen.gap = Math.max(seen.gap, now() - (changed || seen.first));
      changed = now();
    }
    if (!seen.first && (shown.firstElementChild ?? shown).textContent && shown.textContent !== before) seen.first = now();
    if (wanted && !seen.end && (shown.lastElementChild ?? shown).textContent.includes(wanted)) seen.end = now();
  };
  window.lookForAnswer = () => {
    before = answer()?.textContent ?? "";
    wanted = "";
    changed = 0;
    Object.assign(seen, { asked: 0, first: 0, end: 0, longest: 0, gap: 0 });
  };
  window.lookForEnd = (text) => {
    wanted = text;
    seen.end = 0;
    look();
  };
  addEventListener("keydown", ({ key }) => key === "Enter" && (seen.asked ||= now()), true);
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  const tasks = new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
  });
  tasks.observe({ type: "longtask" });
})();
