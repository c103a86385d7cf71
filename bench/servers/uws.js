'use strict';

const uWS = require('@rjweb/uws');
const { readFileSync } = require('fs');
const path = require('path');

const { readDocument, start } = require('./common');

const TOPIC = 'all';

/**
 * Starts the server; its own publish is what its users fan out with.
 *
 * @param {Object} options The server's options
 * @param {Function} onPort Called with the port
 */
function listen(options, onPort) {
  const { tls, mode } = options;
  const compress = options.deflate !== 'off';
  const app = tls
    ? uWS.SSLApp({ key_file_name: tls.keyFile, cert_file_name: tls.certFile })
    : uWS.App();
  const handlers = {
    echo: (ws, message, isBinary) => ws.send(message, isBinary, compress),
    json: (ws, message) => {
      const text = Buffer.from(message).toString();
      readDocument(text);
      ws.send(text, false);
    },
    fanout: (ws, message, isBinary) => app.publish(TOPIC, message, isBinary)
  };

  handlers.publish = handlers.fanout;

  app.ws('/*', {
    compression: {
      off: uWS.DISABLED,
      fresh: uWS.SHARED_COMPRESSOR | uWS.SHARED_DECOMPRESSOR,
      takeover: uWS.DEDICATED_COMPRESSOR | uWS.DEDICATED_DECOMPRESSOR
    }[options.deflate],
    idleTimeout: 0,
    maxBackpressure: 256 * 1024 * 1024,
    maxPayloadLength: 64 * 1024 * 1024,
    sendPingsAutomatically: false,
    open: (ws) => {
      if (mode === 'fanout' || mode === 'publish') ws.subscribe(TOPIC);
    },
    message: handlers[mode]
  });
  app.listen('127.0.0.1', 0, (socket) => onPort(uWS.getSocketPort(socket)));
}

// The package's exports do not include its package.json.
const file = path.join(
  path.dirname(require.resolve('@rjweb/uws')),
  'package.json'
);
const { version } = JSON.parse(readFileSync(file, 'utf8'));

start({ version, listen });
