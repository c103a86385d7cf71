'use strict';

// A server written against the API of ws, as its users write it.

const https = require('https');

const { readDocument } = require('./common');

const TOPIC = 'all';
const DEFLATE = {
  off: false,
  takeover: { threshold: 0 },
  fresh: {
    threshold: 0,
    clientNoContextTakeover: true,
    serverNoContextTakeover: true
  }
};

/**
 * Makes the `listen` function of a server for `start()`.
 *
 * @param {Object} api The package's exports
 * @param {Function} [extend] Gets the options and the arguments for
 *     `WebSocketServer`, returns other arguments
 * @returns {Function} The function
 */
function listenWith(api, extend = (options, args) => args) {
  const { WebSocket, WebSocketServer } = api;

  return (options, onPort) => {
    const perMessageDeflate = DEFLATE[options.deflate];
    const address = { host: '127.0.0.1', port: 0 };
    const args = extend(options, { ...address, perMessageDeflate });

    if (options.tls && args.tls === undefined) {
      const server = https.createServer(options.tls);
      const { port, host, ...rest } = args;
      const wss = new WebSocketServer({ ...rest, server });
      serve(wss, options.mode, WebSocket);
      server.listen(port, host, () => onPort(server.address().port));
      return;
    }

    const wss = new WebSocketServer(args, () => onPort(wss.address().port));
    serve(wss, options.mode, WebSocket);
  };
}

/**
 * Installs a mode's handlers.
 *
 * @param {WebSocketServer} wss The server
 * @param {String} mode The mode
 * @param {Function} WebSocket The package's class
 */
function serve(wss, mode, WebSocket) {
  const fanout = (ws, data, isBinary) => {
    wss.clients.forEach((client) => {
      if (client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    });
  };
  const handlers = {
    echo: (ws, data, isBinary) => ws.send(data, { binary: isBinary }),
    json: (ws, data) => {
      const text = data.toString();
      readDocument(text);
      ws.send(text);
    },
    fanout,
    publish: wss.publish
      ? (ws, data, isBinary) => wss.publish(TOPIC, data, { binary: isBinary })
      : fanout
  };
  const handle = handlers[mode];

  wss.on('connection', (ws) => {
    if (mode === 'publish' && ws.subscribe) ws.subscribe(TOPIC);
    ws.on('error', () => {});
    ws.on('message', (data, isBinary) => handle(ws, data, isBinary));
  });
}

module.exports = listenWith;
