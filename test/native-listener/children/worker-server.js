'use strict';

// A worker that serves until it is terminated.

const { parentPort } = require('worker_threads');

const { WebSocketServer } = require('../../..');

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', native: true });

wss.on('connection', (ws) => ws.send('x'.repeat(100000)));
wss.on('listening', () => parentPort.postMessage(wss.address().port));
