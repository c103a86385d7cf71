'use strict';

/**
 * Find dead peers. A cable that is cut says nothing: the server asks every
 * client for a sign of life and drops those that did not answer the last time.
 *
 *   node examples/heartbeat.js
 *   INTERVAL_MS=5000 node examples/heartbeat.js
 */

const { WebSocketServer } = require('..');

const intervalMs = Number(process.env.INTERVAL_MS ?? 30000);
const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8080) });
const answered = new WeakSet();

wss.on('connection', (ws) => {
  answered.add(ws);
  ws.on('error', console.error);
  ws.on('pong', () => answered.add(ws));
});

const timer = setInterval(() => {
  for (const ws of wss.clients) {
    if (answered.delete(ws)) {
      ws.ping();
    } else {
      console.log('Dropped a client that does not answer');
      ws.terminate();
    }
  }
}, intervalMs);

wss.on('close', () => clearInterval(timer));

wss.on('listening', () => {
  console.log(
    `Heartbeat server on ws://localhost:${wss.address().port}, ` +
      `one ping every ${intervalMs} ms`
  );
});
