// What is drawn of each element, kept until the element changes. NiceGUI draws all elements of a page anew whenever one of
// them changes; Vue passes over what it is given a second time. Can go when NiceGUI draws what has changed.
const drawings = new WeakMap(); // by element: NiceGUI puts another in its place when it sends one anew
const { renderRecursively } = window;
let page; // the component in whose name all elements are drawn

window.renderRecursively = (elements, id, slotProps) => {
  const element = elements[id];
  // What a slot gives to its content may be different each time.
  if (!element || Object.keys(slotProps ?? {}).length) return renderRecursively(elements, id, slotProps);
  page ??= Vue.getCurrentInstance();
  const key = Vue.toRaw(element);
  if (!drawings.has(key)) {
    const draw = () => kept(renderRecursively(elements, id, slotProps));
    drawings.set(key, Vue.computed(Vue.withCtx(draw, page))); // Vue may ask for it before it draws
  }
  return drawings.get(key).value;
};

// Without a memo Vue makes a copy of what is on the page already.
const kept = (node) => node && Object.assign(node, { memo: [] });
