// Where the pages of this app are: at the root of their origin, or below the path where another app has put it.

/** @returns {string} */
const prefix = () => document.querySelector('meta[name="parlour-prefix"]')?.getAttribute("content") ?? "";

/** @param {string} path */
export const localAddress = (path) => prefix() + path;

export const currentPath = () => location.pathname.slice(prefix().length);

// Goes to another page of this app by a link that is pressed: whatever hears of links hears of this one, too.
/** @param {string} address */
export function goTo(address) {
  const link = Object.assign(document.createElement("a"), { href: address });
  document.body.append(link);
  link.click();
  link.remove();
}
