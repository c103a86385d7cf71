'use strict';

/**
 * Every message goes to everybody else.
 *
 *   node examples/broadcast.js
 */

const { WebSocket, WebSocketServer } = require('..');

const wss = new WebSocketServer({ port: Number(process.env.PORT ?? 8080) });

wss.on('connection', (ws) => {
  ws.on('error', console.error);

  ws.on('message', (data, isBinary) => {
    for (const client of wss.clients) {
      if (client !== ws && client.readyState === WebSocket.OPEN) {
        client.send(data, { binary: isBinary });
      }
    }
  });
});

wss.on('listening', () => {
  console.log(`Broadcast server on ws://localhost:${wss.address().port}`);
});
