'use strict';

// A native listener that reports its memory: run with --expose-gc and an IPC
// channel.

const { WebSocketServer } = require('../../..');

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', native: true });

wss.on('connection', (ws) => {
  ws.on('message', (data) => ws.send(data));
});
wss.on('listening', () => process.send({ port: wss.address().port }));

process.on('message', () => {
  for (let i = 0; i < 4; i++) global.gc();

  const { external, heapUsed, rss } = process.memoryUsage();

  process.send({ clients: wss.clients.size, external, heapUsed, rss });
});
process.on('disconnect', () => process.exit());
