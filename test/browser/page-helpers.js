'use strict';

/**
 * Runs in the page: functions for the tests, on `window`.
 */
function installHelpers() {
  const received = [];
  let wake = () => {};

  /**
   * Connect to a server; `ws` is the WebSocket, `ended` tells how it ended.
   *
   * @param {number} port The port of the server
   * @param {string[]} protocols The subprotocols to offer
   * @param {string} [scheme] 'wss' for TLS
   * @returns {Promise<void>} Resolves when it is open
   */
  window.connect = (port, protocols, scheme = 'ws') => {
    const ws = new WebSocket(`${scheme}://127.0.0.1:${port}`, protocols);

    ws.onmessage = ({ data }) => {
      received.push(data);
      wake();
    };
    window.ws = ws;
    window.ended = new Promise((resolve) => {
      ws.onclose = ({ code, reason, wasClean }) => {
        resolve({ code, reason, wasClean });
      };
    });

    return new Promise((resolve, reject) => {
      ws.onopen = () => resolve();
      ws.onerror = () => reject(new Error('The handshake failed'));
    });
  };

  /**
   * @param {number} count How many messages to wait for
   * @returns {Promise<Array>} Their data
   */
  window.take = async (count) => {
    while (received.length < count) {
      await new Promise((resolve) => (wake = resolve));
    }

    return received.splice(0, count);
  };

  /**
   * @param {(ArrayBuffer|Uint8Array)} data Any bytes
   * @returns {Promise<string>} Their SHA-256 in hexadecimal
   */
  window.digest = async (data) =>
    Array.from(
      new Uint8Array(await crypto.subtle.digest('SHA-256', data)),
      (byte) => byte.toString(16).padStart(2, '0')
    ).join('');
}

module.exports = installHelpers;
