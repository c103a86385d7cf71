'use strict';

// A native listener that reports its memory: run with --expose-gc and an IPC
// channel. Arguments: the address, and the option "tls" or null (JSON).

const { WebSocketServer } = require('../../..');

const wss = new WebSocketServer({
  port: 0,
  host: process.argv[2],
  native: true,
  tls: JSON.parse(process.argv[3]) ?? undefined
});

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
