'use strict';

const WebSocket = require('./lib/websocket');
const WebSocketServer = require('./lib/websocket-server');

// The package is the class: everything else hangs from it, so that
// `require('beastws')` can stand wherever `require('ws')` stood.
module.exports = Object.assign(WebSocket, {
  createWebSocketStream: require('./lib/stream'),
  extension: require('./lib/extension'),
  metrics: require('./lib/metrics'),
  PerMessageDeflate: require('./lib/permessage-deflate'),
  Receiver: require('./lib/receiver'),
  Sender: require('./lib/sender'),
  Server: WebSocketServer,
  subprotocol: require('./lib/subprotocol'),
  WebSocket,
  WebSocketServer
});
