'use strict';

// A server that knows nothing of the tool that traces it. It ends with its
// standard input.

const http = require('http');
const WebSocket = require('ws');

const server = http.createServer();
const wss = new WebSocket.Server({ server });

wss.on('connection', (ws) => {
  ws.on('message', async (data) => {
    await new Promise(setImmediate);
    ws.send(`${data} back`);
  });
  ws.on('ping', () => {
    throw new Error('thrown for a ping');
  });
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));

process.stdin.resume();
process.stdin.on('end', () => {
  for (const ws of wss.clients) ws.terminate();
  server.close();
});
