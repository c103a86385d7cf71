'use strict';

/**
 * Four processes behind one port. Connections go to the workers in turn; a
 * worker that dies is replaced. Each message is answered with the number of
 * the worker.
 *
 *   node examples/cluster.js
 */

const cluster = require('cluster');
const { WebSocketServer } = require('..');

const WORKERS = 4;

/**
 * Start the workers and tell when all of them listen.
 */
function runPrimary() {
  let listening = 0;
  let port = Number(process.env.PORT ?? 8080);

  cluster.schedulingPolicy = cluster.SCHED_RR;

  cluster.on('listening', (worker, address) => {
    port = address.port;
    if (++listening === WORKERS) {
      console.log(`${WORKERS} workers on ws://localhost:${port}`);
    }
  });

  cluster.on('exit', (worker, code, signal) => {
    if (worker.exitedAfterDisconnect || listening < WORKERS) return;

    console.log(`Worker ${worker.id} has died (${signal ?? code})`);
    cluster.fork({ PORT: port });
  });

  for (let i = 0; i < WORKERS; i++) cluster.fork({ PORT: port });

  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      for (const worker of Object.values(cluster.workers)) {
        worker.send('stop');
      }
    });
  }
}

/**
 * Serve connections until the primary says stop.
 */
function runWorker() {
  const wss = new WebSocketServer({ port: Number(process.env.PORT) });

  wss.on('connection', (ws) => {
    ws.on('error', console.error);
    ws.on('message', (data) => {
      ws.send(`worker ${cluster.worker.id} received ${data}`);
    });
  });

  // The terminal sends it to every process, only the primary decides.
  process.on('SIGINT', () => {});

  // A worker can disconnect once its last connection is closed.
  process.once('message', () => {
    for (const ws of wss.clients) ws.close(1001, 'The server is stopping');
    wss.close(() => cluster.worker.disconnect());
  });
}

if (cluster.isPrimary) {
  runPrimary();
} else {
  runWorker();
}
