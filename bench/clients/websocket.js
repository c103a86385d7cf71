'use strict';

const { client: WebSocketClient } = require('websocket');

const start = require('./common');

start(
  (url, onMessage, onError) =>
    new Promise((resolve) => {
      const client = new WebSocketClient();
      client.on('connectFailed', onError);
      client.on('connect', (connection) => {
        connection.on('message', (message) => onMessage(message.binaryData));
        connection.on('error', onError);
        connection.on('close', () =>
          onError(new Error('the connection was closed'))
        );
        resolve();
      });
      client.connect(url);
    })
);
