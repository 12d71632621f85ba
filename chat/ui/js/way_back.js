// What hears of the browser's way back and forward before NiceGUI does. Listeners of a window are called in the order in
// which they were added, and the modules of ours are run before the components of NiceGUI.

/** @type {((event: PopStateEvent) => void) | undefined} */
let guard;

addEventListener("popstate", (event) => guard?.(event));

// Calls this, which may stop the event, until another one takes its place, or what is returned is called.
export function guardWayBack(check) {
  guard = check;
  return () => {
    if (guard === check) guard = undefined;
  };
}
