// One menu for the whole page: opened at a button or at the pointer, worked with keys, closed by anything else.
(() => {
  const GAP = 4; // px between a button and its menu
  const EDGE = 8; // px between a menu and the edge of the window
  const SAME_PRESS = 300; // ms: a press on the button of an open menu closes it first, and is then a click on that button

  let menu;
  let anchor;
  let before; // what had the focus
  let pressedBeside = Number.NEGATIVE_INFINITY; // when the last menu was closed by a press beside it
  /** @type {(chosen?: string) => void} */
  let settle = () => {};

  function built() {
    if (menu) return menu;
    // By hand, for an automatic one closes when the finger is lifted that has opened it.
    menu = Object.assign(document.createElement("div"), { className: "menu", popover: "manual" });
    menu.setAttribute("role", "menu");
    menu.addEventListener("keydown", key);
    menu.addEventListener("click", ({ target }) => {
      const item = target.closest("[role=menuitem]");
      if (item) close({ chosen: item.dataset.name });
    });
    document.body.append(menu);
    document.addEventListener("pointerdown", ({ target }) => menu.contains(target) || close({ focus: false }), {
      capture: true,
    });
    return menu;
  }

  function item([name, label, icon, kind = "", testid]) {
    const row = Object.assign(document.createElement("button"), {
      type: "button",
      className: `menu-item ${kind}`,
      tabIndex: -1,
    });
    row.setAttribute("role", "menuitem");
    row.dataset.name = name;
    if (testid) row.dataset.testid = testid;
    row.innerHTML = '<i class="q-icon material-symbols-outlined" aria-hidden="true"></i><span></span>';
    [row.firstChild.textContent, row.lastChild.textContent] = [icon, label];
    return row;
  }

  function key(event) {
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) items.at(to % items.length).focus();
    else if (event.key === "Tab" || event.key === "Escape") close();
    else if (event.key.length === 1 && event.key !== " ") startingWith(items, at, event.key)?.focus();
    else return;
    event.preventDefault();
  }

  function startingWith(items, at, letter) {
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    return after.find(({ lastChild }) => lastChild.textContent.toLowerCase().startsWith(letter.toLowerCase()));
  }

  function place(at) {
    const { left, top, bottom } =
      at instanceof Element ? at.getBoundingClientRect() : { left: at.clientX, top: at.clientY, bottom: at.clientY };
    const { offsetWidth: width, offsetHeight: height } = menu;
    const below = bottom + GAP + height + EDGE <= innerHeight;
    menu.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
    menu.style.top = `${Math.max(EDGE, below ? bottom + GAP : top - GAP - height)}px`;
  }

  /** @param {{chosen?: string, focus?: boolean}} how */
  function close({ chosen, focus = true } = {}) {
    if (!menu.matches(":popover-open")) return;
    menu.hidePopover();
    pressedBeside = focus ? Number.NEGATIVE_INFINITY : performance.now();
    if (anchor instanceof Element) anchor.setAttribute("aria-expanded", "false");
    if (focus) before?.focus({ preventScroll: true });
    settle(chosen);
  }

  // Returns the name of the item that was chosen, or undefined. Items: [name, label, icon, "danger" if it is one, a test id].
  async function open(at, label, items) {
    if (at === anchor && performance.now() - pressedBeside < SAME_PRESS) return undefined;
    built();
    close();
    [anchor, before] = [at, document.activeElement];
    if (at instanceof Element) at.setAttribute("aria-expanded", "true");
    menu.setAttribute("aria-label", label);
    menu.replaceChildren(...items.map(item));
    menu.showPopover();
    place(at);
    menu.firstChild.focus();
    return new Promise((resolve) => (settle = resolve));
  }

  window.parlourMenu = { open };
})();
