// What a room does without asking the server: lead to the latest words, know who has scrolled away.
(() => {
  const HELD = 1000; // ms for which the server may take to exchange turns
  const FAR = 160; // px from the newest words; the scroller counts from its lower edge, upwards below zero

  const scrollerOf = (element) => element.closest(".room")?.querySelector(".scroller");

  // Keeps an element, or the turn that takes its place, where it is on the screen while what follows is exchanged.
  window.parlourHold = (element) => {
    const scroller = element.closest(".scroller");
    const turns = element.closest(".thread").children;
    const place = [...turns].indexOf(element.closest(".turn"));
    const top = () => (element.isConnected ? element : turns[place])?.getBoundingClientRect().top;
    const before = top();
    const watching = new ResizeObserver(() => (scroller.scrollTop += (top() ?? before) - before));
    const release = () => watching.disconnect();
    watching.observe(element.closest(".thread"));
    setTimeout(release, HELD);
    for (const way of ["wheel", "touchmove", "keydown"]) scroller.addEventListener(way, release, { once: true, passive: true });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button?.matches(".jump-latest")) scrollerOf(button)?.scrollTo({ top: 0, behavior: "instant" });
  });

  document.addEventListener(
    "scroll",
    ({ target }) => {
      if (target.matches?.(".scroller")) target.closest(".room").classList.toggle("away", target.scrollTop < -FAR);
    },
    { capture: true, passive: true },
  );
})();
