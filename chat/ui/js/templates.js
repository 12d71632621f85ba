// Compiles the templates of all elements of a page before it is drawn, each in a turn of its own. Vue does it while it draws,
// all in one turn, in which whoever writes in the early page would wait.
export async function compileTemplates(app) {
  const { elements } = app._component.data();
  for (const tag of new Set(Object.values(elements).map(({ tag }) => tag))) {
    const component = app.component(tag);
    const template = component?.template;
    if (!template) continue; // one of Quasar, or of HTML
    await nextTurn();
    component.render ??= Vue.compile(template);
  }
  await nextTurn();
}

// At once, also where nobody looks: a timer may take a second there.
/** @type {() => Promise<void>} */
const nextTurn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
