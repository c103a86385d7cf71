'use strict';

const start = require('./common');

// Bun's own WebSocket class.
start(
  (url, onMessage, onError) =>
    new Promise((resolve) => {
      const ws = new WebSocket(url);
      ws.binaryType = 'nodebuffer';
      ws.onopen = resolve;
      ws.onmessage = ({ data }) => onMessage(data);
      ws.onerror = () => onError(new Error('the connection failed'));
      ws.onclose = () => onError(new Error('the connection was closed'));
    })
);
