'use strict';

// A server under attack. Arguments: the index of the kind, the options of the
// WebSocketServer, the options of an HTTP server of its own or null (JSON).

const { once } = require('events');
const http = require('http');

const { kinds } = require('../../integration/kinds');
const { answer } = require('../../lifecycle/children/answer');
const figures = require('./figures');

const kind = kinds[process.argv[2]];
const options = JSON.parse(process.argv[3]);
const httpOptions = JSON.parse(process.argv[4]);

/** What somebody gets who asks for it. */
const GIFT = Buffer.alloc(4 * 1024 * 1024, 'gift');

let connections = 0;
let mostSockets = 0;
let wss;
let server;

/** What the server does, depending on what it is asked for. */
const duties = {
  '/flood': figures.flood,
  '/push': figures.push,
  // Not in the first tick, in which this thread would write it.
  '/gift': (ws) => setImmediate(() => ws.send(GIFT)),
  '/sink': (ws) => ws.on('message', () => {}),
  '/': (ws) => ws.on('message', (data, binary) => ws.send(data, { binary }))
};

setInterval(() => {
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
      figures.watch(ws);
      duties[req.url](ws);
    });
    return wss.address().port;
  },

  /** What it uses. */
  async use() {
    return {
      ...figures.use(),
      clients: wss.clients.size,
      connections,
      mostSockets,
      sockets: await new Promise((resolve) =>
        server.getConnections((err, number) => resolve(number))
      )
    };
  },

  /** Forget how much it took at most; how much memory it takes now. */
  forget() {
    mostSockets = 0;
    return figures.forget();
  },

  /** Stop listening; the process ends when the parent disconnects. */
  async close() {
    await new Promise((resolve) => wss.close(() => resolve()));
    if (httpOptions) await new Promise((resolve) => server.close(resolve));
  }
});
