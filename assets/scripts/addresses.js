// Where the pages of this app are: at the root of their origin, or below the path where another app has put it.
(() => {
  /** @returns {string} */
  const prefix = () => document.querySelector('meta[name="parlour-prefix"]')?.getAttribute("content") ?? "";

  window.parlourAddress = (path) => prefix() + path;
  window.parlourPath = () => location.pathname.slice(prefix().length);
})();
