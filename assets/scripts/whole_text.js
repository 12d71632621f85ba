// What goes to the server has no half of a character: programs that cut texts make some, and the server could not read
// the message with it, so that it would be lost. `JSON.stringify` writes a half as an escape, and a whole one never.
(() => {
  const ESCAPE = /\\(?:u(d[89a-f][0-9a-f]{2})|.)/g;
  const stringify = JSON.stringify;

  JSON.stringify = (value, replacer, space) => {
    const text = stringify(value, replacer, space);
    return text?.includes("\\ud") ? text.replace(ESCAPE, (all, half) => (half ? "\ufffd" : all)) : text;
  };
})();
