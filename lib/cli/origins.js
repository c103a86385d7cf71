'use strict';

/**
 * Tells whether a client may start a program. A page of any site may connect to
 * a server, also to one on its visitor's own machine; its browser says in the
 * header Origin where the page is from.
 *
 * @param {http.IncomingMessage} request The request
 * @param {String[]} [allowed] The origins that may, `*` for all. If it is
 *     missing: that of the server itself, and clients that are no pages
 * @return {Boolean} Whether it may
 */
function isAllowedOrigin({ headers: { host, origin } }, allowed) {
  if (allowed !== undefined) {
    return (
      allowed.includes('*') ||
      (origin !== undefined &&
        allowed.some((one) => one.toLowerCase() === origin.toLowerCase()))
    );
  }
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;

  const { protocol } = new URL(origin);

  // Parsed with the scheme of the page, both leave out the same default port.
  return (
    /^https?:$/.test(protocol) &&
    URL.canParse(`${protocol}//${host}`) &&
    new URL(`${protocol}//${host}`).host === new URL(origin).host
  );
}

module.exports = isAllowedOrigin;
