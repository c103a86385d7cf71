'use strict';

/**
 * A chat with rooms, files and live figures of the server.
 *
 *   npm start                          http://localhost:8080
 *   PORT=3000 npm start                another port
 *   HOST=0.0.0.0 npm start             reachable from other machines
 *
 * The page is in `public`. Nothing is stored: rooms and their history live in
 * the memory of this process.
 */

const { randomBytes } = require('crypto');
const http = require('http');
const path = require('path');
const { WebSocketServer } = require('../..');

const { Connection, encodeJson } = require('./connection');
const Metrics = require('./metrics');
const Rooms = require('./rooms');
const serveFiles = require('./static-files');
const { MAX_PAYLOAD } = require('./protocol');

const HEARTBEAT_MS = 30000;
const SHUTDOWN_MS = 3000;
const MAX_CONNECTIONS = 500;

const host = process.env.HOST || '127.0.0.1';
const port = parsePort(process.env.PORT);

const connections = new Set();
const rooms = new Rooms();
let lastId = 0;
let metrics;
let heartbeat;

const server = http.createServer(serveFiles(path.join(__dirname, 'public')));

const wss = new WebSocketServer({
  server,
  path: '/ws',
  maxPayload: MAX_PAYLOAD,
  clientTracking: false,
  verifyClient
});

const chat = {
  epoch: randomBytes(8).toString('hex'),
  rooms,
  sessions: new Map(),
  get metrics() {
    return metrics;
  },
  nextId: () => ++lastId
};

wss.on('connection', (ws) => {
  const connection = new Connection(ws, chat);

  connections.add(connection);
  ws.on('close', () => connections.delete(connection));
});

wss.on('error', (err) => {
  console.error(explain(err));
  process.exitCode = 1;
});

server.listen(port, host, () => {
  metrics = new Metrics({
    gauges: () => ({ connections: connections.size }),
    onSample: publishSample
  });
  heartbeat = setInterval(() => {
    for (const connection of connections) connection.checkAlive();
  }, HEARTBEAT_MS);

  process.on('SIGINT', shutDown);
  process.on('SIGTERM', shutDown);

  console.log(`Chat is running, open ${url()}`);
});

/**
 * Decide whether a request may become a WebSocket. A page of another site
 * must not speak in the name of whoever looks at it.
 *
 * @param {Object} info The request and its origin
 * @param {Function} callback Takes the decision and the status to refuse with
 */
function verifyClient({ origin, req }, callback) {
  if (origin !== undefined && hostOf(origin) !== req.headers.host) {
    callback(false, 403);
  } else if (connections.size >= MAX_CONNECTIONS) {
    callback(false, 503);
  } else {
    callback(true);
  }
}

/**
 * @param {String} origin The value of an Origin header
 * @return {(String|undefined)} Its host and port
 */
function hostOf(origin) {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/**
 * Send a sample of the figures to everybody.
 *
 * @param {Object} sample The sample
 */
function publishSample(sample) {
  const data = encodeJson({ type: 'stats', sample, rooms: rooms.list() });

  for (const connection of connections) {
    if (connection.isJoined) connection.send(data);
  }
}

/**
 * Say goodbye to everybody and end. The process ends by itself once the last
 * connection is closed.
 */
function shutDown() {
  process.off('SIGINT', shutDown);
  process.off('SIGTERM', shutDown);
  console.log('Shutting down');

  clearInterval(heartbeat);
  metrics.stop();
  wss.close();
  server.close();

  for (const connection of connections) {
    connection.close(1001, 'The server is shutting down');
  }

  setTimeout(() => {
    for (const connection of connections) connection.terminate();
    server.closeAllConnections();
  }, SHUTDOWN_MS).unref();
}

/**
 * @param {(String|undefined)} value The environment variable PORT
 * @return {Number} The port to listen on
 */
function parsePort(value) {
  if (value === undefined || value === '') return 8080;

  const number = Number(value);

  if (!Number.isInteger(number) || number < 0 || number > 65535) {
    console.error(`PORT must be a number from 0 to 65535, not "${value}".`);
    process.exit(1);
  }

  return number;
}

/**
 * @return {String} The address of the page
 */
function url() {
  const local = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(host);
  const name = host.includes(':') ? `[${host}]` : host;

  return `http://${local ? 'localhost' : name}:${server.address().port}`;
}

/**
 * @param {Error} err Why the server cannot listen
 * @return {String} What to tell the user
 */
function explain(err) {
  switch (err.code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} on ${host} is in use. Stop the other program or choose ` +
        'another port with the environment variable PORT.'
      );
    case 'EACCES':
      return (
        `No permission to listen on port ${port}. Choose a port above 1023 ` +
        'with the environment variable PORT.'
      );
    default:
      return `The server cannot run: ${err.message}`;
  }
}
