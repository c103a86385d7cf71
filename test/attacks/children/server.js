'use strict';

// A server under attack. Arguments: the index of the kind, the options of the
// WebSocketServer, the options of an HTTP server of its own or null (JSON).

const { once } = require('events');
const http = require('http');

const { kinds } = require('../../integration/kinds');
const { answer, descriptors } = require('../../lifecycle/children/answer');

const kind = kinds[process.argv[2]];
const options = JSON.parse(process.argv[3]);
const httpOptions = JSON.parse(process.argv[4]);

/** How much the server lets wait for a peer that does not read, in bytes. */
const BACKLOG = 1024 * 1024;

/** What somebody gets who asks for it. */
const GIFT = Buffer.alloc(4 * 1024 * 1024, 'gift');

const callbacks = {};
const codes = {};
const errors = {};
let connections = 0;
let highest = 0;
let mostBuffered = 0;
let mostSockets = 0;
let wss;
let server;

/**
 * Count something.
 *
 * @param {Object} counts Where
 * @param {string} name What
 */
function count(counts, name) {
  counts[name] = (counts[name] || 0) + 1;
}

/**
 * Send for ever, but no more than a peer takes.
 *
 * @param {WebSocket} ws The websocket
 */
function flood(ws) {
  const data = Buffer.alloc(16384);

  const timer = setInterval(() => {
    // No `while`: a socket that breaks here is not closed before this returns.
    for (let left = 1000; left > 0 && ws.bufferedAmount < BACKLOG; left--) {
      ws.send(data);
      mostBuffered = Math.max(mostBuffered, ws.bufferedAmount);
    }
  }, 10);

  ws.on('close', () => clearInterval(timer));
}

/**
 * Send for ever, whatever a peer takes: there is a limit for that.
 *
 * @param {WebSocket} ws The websocket
 */
function push(ws) {
  const timer = setInterval(() => {
    for (let left = 8; left > 0 && ws.readyState === ws.OPEN; left--) {
      ws.send(NUMBERED.make(ws), (err) =>
        count(callbacks, err?.code ?? 'sent')
      );
      mostBuffered = Math.max(mostBuffered, ws.bufferedAmount);
    }
  }, 10);

  ws.on('drop', () => count(callbacks, 'drop'));
  ws.on('close', () => clearInterval(timer));
}

/** Messages that begin with their number. */
const NUMBERED = {
  next: new WeakMap(),
  make(ws) {
    const number = this.next.get(ws) ?? 0;
    const data = Buffer.alloc(16384, number);

    this.next.set(ws, number + 1);
    data.writeUInt32LE(number);
    return data;
  }
};

setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss());
  server?.getConnections((err, number) => {
    mostSockets = Math.max(mostSockets, number);
  });
}, 20).unref();

answer({
  /** Listen; tell the port. */
  async listen() {
    if (httpOptions) {
      server = http.createServer(httpOptions);
      wss = kind.server({ ...options, server });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    } else {
      wss = await kind.listen(options);
      server = wss._server;
    }

    wss.on('connection', (ws, req) => {
      connections++;
      ws.on('error', (err) => count(errors, err.code));
      ws.on('close', (code) => count(codes, code));
      if (req.url === '/flood') flood(ws);
      else if (req.url === '/push') push(ws);
      // Not in the first tick, in which this thread would write it.
      else if (req.url === '/gift') setImmediate(() => ws.send(GIFT));
      else if (req.url === '/sink') ws.on('message', () => {});
      else ws.on('message', (data, binary) => ws.send(data, { binary }));
    });
    return wss.address().port;
  },

  /** What it uses. */
  async use() {
    global.gc();

    return {
      clients: wss.clients.size,
      callbacks,
      codes,
      connections,
      descriptors: descriptors(),
      errors,
      highest,
      mostBuffered,
      mostSockets,
      resident: process.memoryUsage.rss(),
      sockets: await new Promise((resolve) =>
        server.getConnections((err, number) => resolve(number))
      )
    };
  },

  /** Forget how much memory it took at most; what it takes now. */
  forget() {
    global.gc();
    highest = 0;
    mostBuffered = 0;
    mostSockets = 0;
    return process.memoryUsage.rss();
  },

  /** Stop listening; the process ends when the parent disconnects. */
  async close() {
    await new Promise((resolve) => wss.close(() => resolve()));
    if (httpOptions) await new Promise((resolve) => server.close(resolve));
  }
});
