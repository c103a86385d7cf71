'use strict';

// A server in a worker thread: tells its port, and closes when told to.

const { parentPort, threadId } = require('worker_threads');
const WebSocket = require('ws');

const wss = new WebSocket.Server({ host: '127.0.0.1', port: 0 }, () => {
  parentPort.postMessage(wss.address().port);
});

wss.on('connection', (ws) => {
  ws.send(String(threadId));
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});

parentPort.once('message', () => {
  for (const ws of wss.clients) ws.close(1001);
  wss.close();
  parentPort.close();
});
