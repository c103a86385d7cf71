'use strict';

/**
 * Makes the `open` function of a client written against the API of ws.
 *
 * @param {Object} api The package's exports
 * @returns {Function} The function
 */
function openWith({ WebSocket }) {
  return (url, onMessage, onError) =>
    new Promise((resolve) => {
      const ws = new WebSocket(url, { perMessageDeflate: false });
      ws.on('open', resolve);
      ws.on('message', onMessage);
      ws.on('error', onError);
      ws.on('close', () => onError(new Error('the connection was closed')));
    });
}

module.exports = openWith;
