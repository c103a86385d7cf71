'use strict';

const http = require('http');
const https = require('https');
const { server: WebSocketServer, version } = require('websocket');

const { readDocument, start } = require('./common');

const LIMIT = 64 * 1024 * 1024;

/**
 * Sends a message back the way it came.
 *
 * @param {Object} connection The connection
 * @param {Object} message The message
 */
function echo(connection, message) {
  if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
  else connection.sendBytes(message.binaryData);
}

/**
 * Starts the server.
 *
 * @param {Object} options The server's options
 * @param {Function} onPort Called with the port
 * @throws {Error} If compression is asked for
 */
function listen(options, onPort) {
  if (options.deflate !== 'off') throw new Error('no permessage-deflate');

  const httpServer = options.tls
    ? https.createServer(options.tls)
    : http.createServer();
  const wss = new WebSocketServer({
    httpServer,
    autoAcceptConnections: true,
    fragmentOutgoingMessages: false,
    keepalive: false,
    maxReceivedFrameSize: LIMIT,
    maxReceivedMessageSize: LIMIT
  });
  const handlers = {
    echo,
    json: (connection, message) => {
      readDocument(message.utf8Data);
      connection.sendUTF(message.utf8Data);
    },
    fanout: (connection, message) => {
      for (const client of wss.connections) echo(client, message);
    }
  };
  handlers.publish = handlers.fanout;

  const handle = handlers[options.mode];

  wss.on('connect', (connection) => {
    connection.on('error', () => {});
    connection.on('message', (message) => handle(connection, message));
  });
  httpServer.listen(0, '127.0.0.1', () => onPort(httpServer.address().port));
}

start({ version, listen });
