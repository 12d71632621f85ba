// What stays in the browser, as JSON: for all its tabs in "localStorage", for this one in "sessionStorage".

/** @param {"localStorage" | "sessionStorage"} kind */
export function load(kind, key) {
  try {
    return JSON.parse(window[kind].getItem(key));
  } catch {
    return null;
  }
}

/** @param {"localStorage" | "sessionStorage"} kind */
export function store(kind, key, value) {
  try {
    if (value) window[kind].setItem(key, JSON.stringify(value));
    else window[kind].removeItem(key);
  } catch {} // it is full: the page still has it
}
