// Where the pages of this app are: at the root of their origin, or below the path where another app has put it.

/** @returns {string} */
const prefix = () => document.querySelector('meta[name="parlour-prefix"]')?.getAttribute("content") ?? "";

/** @param {string} path */
export const localAddress = (path) => prefix() + path;

export const currentPath = () => location.pathname.slice(prefix().length);
