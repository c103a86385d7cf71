'use strict';

// An echo server that prints its port and ends with its standard input.

const WebSocket = require('ws');

const wss = new WebSocket.Server({ host: '127.0.0.1', port: 0 }, () => {
  console.log(wss.address().port);
});

wss.on('connection', (ws) => {
  ws.on('message', function onMessage(data, isBinary) {
    ws.send(data, { binary: isBinary });
  });
});

process.stdin.resume();
process.stdin.on('end', () => {
  for (const ws of wss.clients) ws.terminate();
  wss.close();
});
