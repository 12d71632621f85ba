// What browsers allow on a secure connection only. Over plain HTTP in a network they hide it, and do not say why.

/** @param {string} what */
export function insecureReason(what) {
  if (window.isSecureContext) return "";
  return `${what} needs a secure connection. Open Parlour on the computer it runs on, or start it with a certificate.`;
}
