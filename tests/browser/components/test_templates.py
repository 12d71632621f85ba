"""The templates of a page are compiled before it is drawn, and whoever writes is served in between."""

from tests.support.component_page import Stage

COMPILE = """(async () => {
    const order = [];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => order.push("something else");
    const component = (name) => ({
        get template() {
            order.push(name);
            port2.postMessage(null);
            return `<p>${name}</p>`;
        },
    });
    const elements = [{ tag: "x-first" }, { tag: "p" }, { tag: "x-second" }, { tag: "x-first" }];
    const app = Vue.createApp({ data: () => ({ elements }) });
    for (const name of ["first", "second", "third"]) app.component(`x-${name}`, component(name));
    await compileTemplates(app);
    const isCompiled = (name) => Boolean(app.component(`x-${name}`).render);
    return [order, ["first", "second", "third"].filter(isCompiled)];
})()"""


async def test_others_have_their_turn_between_two_templates(stage: Stage) -> None:
    order, compiled = await stage.use('templates', f'await {COMPILE}')
    assert order == ['first', 'something else', 'second', 'something else']
    assert compiled == ['first', 'second']  # nothing of the third is on the page
