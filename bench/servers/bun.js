'use strict';

/* global Bun */

const { readDocument, start } = require('./common');

const TOPIC = 'all';
const LIMIT = 64 * 1024 * 1024;

/**
 * Starts the server; its own publish is what its users fan out with.
 *
 * @param {Object} options The server's options
 * @param {Function} onPort Called with the port
 */
function listen(options, onPort) {
  const { tls, mode } = options;
  const compress = options.deflate !== 'off';
  const kind = options.deflate === 'takeover' ? 'dedicated' : 'shared';
  const handlers = {
    echo: (ws, message) => ws.send(message, compress),
    json: (ws, message) => {
      readDocument(message);
      ws.send(message);
    },
    fanout: (ws, message) => server.publish(TOPIC, message)
  };

  handlers.publish = handlers.fanout;

  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    tls: tls ? { cert: tls.cert, key: tls.key } : undefined,
    fetch: (req, self) =>
      self.upgrade(req) ? undefined : new Response('', { status: 426 }),
    websocket: {
      backpressureLimit: 4 * LIMIT,
      maxPayloadLength: LIMIT,
      perMessageDeflate: compress && { compress: kind, decompress: kind },
      sendPings: false,
      open: (ws) => {
        if (mode === 'fanout' || mode === 'publish') ws.subscribe(TOPIC);
      },
      message: handlers[mode]
    }
  });

  onPort(server.port);
}

start({ version: Bun.version, listen });
