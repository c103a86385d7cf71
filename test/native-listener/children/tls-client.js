'use strict';

// Connects to a server twice, with TLS on the I/O thread and with Node's, and
// writes what came of it. Argument: the URL.

const { WebSocket } = require('../../integration/kinds');

/**
 * Connects.
 *
 * @param {boolean} native The option of that name
 * @returns {Promise<string>} 'open', or the error's code and message
 */
function connect(native) {
  return new Promise((resolve) => {
    const ws = new WebSocket(process.argv[2], { native });
    let result = 'open';

    ws.on('open', () => {
      result += ` ${ws._socket.authorized} ${ws._socket.authorizationError}`;
      ws.close();
    });
    ws.on('error', ({ code, message }) => {
      result = `${code} ${message}`;
    });
    ws.on('close', () => resolve(result));
  });
}

(async () => {
  const results = [await connect(true), await connect(false)];

  process.stdout.write(JSON.stringify(results));
})();
