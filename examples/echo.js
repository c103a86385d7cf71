'use strict';

/**
 * The smallest server: every message goes back to where it came from, text as
 * text and binary as binary.
 *
 *   node examples/echo.js
 *   PORT=3000 node examples/echo.js
 */

const { WebSocketServer } = require('..');

const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8080) });

wss.on('connection', (ws) => {
  ws.on('error', console.error);
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});

wss.on('listening', () => {
  console.log(`Echo server on ws://localhost:${wss.address().port}`);
});
