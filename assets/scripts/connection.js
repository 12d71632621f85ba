// Keeps a page as it is while its connection is away: it notices soon, tries again often, and reloads only
// when the server is there and has forgotten it.
(() => {
  const OFTEN = 2000; // ms between two attempts to connect, at most
  const ATTEMPT = 6000; // ms that one attempt may take
  const PATIENCE = 3000; // ms in which the server answers who has come back to the page

  // NiceGUI 3.18 makes its socket when the page is mounted, and tells nobody.
  function withSocket(use) {
    if (window.socket) use(window.socket);
    else setTimeout(() => withSocket(use), 20);
  }

  // After an attempt that took too long NiceGUI 3.18 loads the page anew. While the network is away that ends at
  // an error page of the browser, with the conversation gone from the screen. So its handler goes.
  function neverReloadIntoNothing(socket) {
    socket.off("connect_error");
    socket.on("connect_error", ({ message }) => {
      if (message === "Implicit handshake failed") location.reload(); // the server is there, and knows us no more
    });
    socket.io.timeout(ATTEMPT);
    socket.io.reconnectionDelayMax(OFTEN);
  }

  // After a sleep, in another network, or thawed, a page may hold a connection that leads nowhere.
  function ask(socket) {
    if (!socket.connected || document.hidden) return;
    const news = { client_id: window.clientId, next_message_id: window.nextMessageId };
    socket.timeout(PATIENCE).emit("ack", news, (late) => late && socket.io.engine.close());
  }

  withSocket((socket) => {
    if (socket.connected) neverReloadIntoNothing(socket);
    else socket.once("connect", () => neverReloadIntoNothing(socket));
    socket.on("connect", () => document.dispatchEvent(new Event("parlour-connected")));
    for (const moment of ["online", "focus", "pageshow"]) window.addEventListener(moment, () => ask(socket));
    for (const moment of ["visibilitychange", "resume"]) document.addEventListener(moment, () => ask(socket));
  });
})();
