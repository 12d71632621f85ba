// What a page sees of an answer, and when, at next to no cost: asking for the text of all of it from outside
// takes longer than to show it.
(() => {
  const seen = (window.seen = { first: 0, end: 0, longest: 0 }); // milliseconds, two of them since 1970
  let before = "";
  let wanted = "";
  const now = () => performance.timeOrigin + performance.now();
  const answer = () => {
    const last = [...document.querySelectorAll('[data-testid="answer"]')].pop();
    return [...(last?.querySelectorAll(".nicegui-markdown") ?? [])].pop() ?? last;
  };
  const look = () => {
    const shown = answer();
    if (!shown) return;
    if (!seen.first && (shown.firstElementChild ?? shown).textContent && shown.textContent !== before) seen.first = now();
    if (wanted && !seen.end && (shown.lastElementChild ?? shown).textContent.includes(wanted)) seen.end = now();
  };
  window.lookForAnswer = () => {
    before = answer()?.textContent ?? "";
    wanted = "";
    Object.assign(seen, { first: 0, end: 0, longest: 0 });
  };
  window.lookForEnd = (text) => {
    wanted = text;
    seen.end = 0;
    look();
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
  const tasks = new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.longest = Math.max(seen.longest, task.duration);
  });
  tasks.observe({ type: "longtask" });
})();
