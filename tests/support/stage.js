// What is in a blank page besides a component: something that mounts it and notes what it says to the server, and
// as much of NiceGUI's connection as our scripts look at.
import * as Vue from "vue";

const mounted = [];

async function mount(module, props, inside, slot) {
  const { default: component } = await import(module);
  const told = [];
  const state = Vue.reactive({ props });
  const place = document.querySelector(inside).appendChild(document.createElement("div"));
  place.style.display = "contents"; // what is around the component lays it out
  const children = slot ? { default: () => Vue.h("div", { innerHTML: slot, style: "display: contents" }) } : {};
  const app = Vue.createApp({ render: () => Vue.h(component, { ...state.props, ref: "it" }, children) });
  app.use(window.Quasar);
  app.mixin({
    beforeCreate() {
      if (this.$.type !== component) return;
      const { emit } = this.$;
      this.$.emit = (name, ...args) => {
        told.push([name, JSON.parse(JSON.stringify(args))]);
        emit(name, ...args);
      };
    },
  });
  const root = app.mount(place);
  mounted.push({ app, state, told, component: root.$refs.it });
  return mounted.length - 1;
}

window.Vue = Vue;
window.stage = {
  mount,
  told: (number, name) => mounted[number].told.filter(([each]) => each === name).map(([, args]) => args),
  call: (number, name, args) => mounted[number].component[name](...args),
  async change(number, props) {
    Object.assign(mounted[number].state.props, props);
    await Vue.nextTick();
  },
  remove: (number) => mounted[number].app.unmount(),
};
