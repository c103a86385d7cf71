'use strict';

// A Total.js application with websocket routes, on the port that the first
// argument names. Sends `{ ready: true }` when it serves.

require('total4');

/* global CONF, F, HTTP, ON, ROUTE */

/**
 * Serve a route that answers what comes.
 *
 * @param {Function} [answer] Makes the answer
 * @returns {Function} The route's action
 */
function echo(answer = (message) => message) {
  return function action() {
    this.autodestroy();
    this.on('message', (client, message) => {
      if (message === 'close') client.close('told to', 4005);
      else client.send(answer(message));
    });
  };
}

ROUTE('SOCKET /text', echo(), ['text'], 4096);
ROUTE('SOCKET /binary', echo(), ['binary'], 4096);
ROUTE(
  'SOCKET /json',
  echo((message) => ({ got: message })),
  ['json'],
  4096
);

ON('ready', () => {
  const { server } = F;

  if (server.listening) process.send({ ready: true });
  else server.once('listening', () => process.send({ ready: true }));
});
// Else it writes beside this file.
F.dir(process.cwd());
CONF.allow_stats_snapshot = false;

HTTP('release', { ip: '127.0.0.1', port: Number(process.argv[2]) });
