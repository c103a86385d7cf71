'use strict';

// Four workers share one port. Each says its id to whoever connects and echoes
// what comes. The primary prints the port, and ends with its standard input.

const cluster = require('cluster');
const WebSocket = require('ws');

const WORKERS = 4;

/** Start the workers and wait for all to listen. */
function runPrimary() {
  let listening = 0;

  // The default of Windows, and the one that hands out connections unevenly,
  // would let a worker stay without any.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  for (let i = 0; i < WORKERS; i++) cluster.fork();

  cluster.on('listening', (worker, { port }) => {
    if (++listening === WORKERS) console.log(port);
  });
  cluster.on('exit', (worker, code, signal) => {
    console.log(`${worker.id} ${signal || code}`);
  });

  process.stdin.resume();
  process.stdin.on('end', () => {
    for (const worker of Object.values(cluster.workers)) worker.send('stop');
  });
}

/** Serve. */
function runWorker() {
  const { id } = cluster.worker;
  const wss = new WebSocket.Server({ host: '127.0.0.1', port: 0 });

  wss.on('connection', (ws) => {
    ws.send(String(id));
    ws.on('message', (data, isBinary) => {
      if (String(data) === 'exit') process.exit(7);
      ws.send(data, { binary: isBinary });
    });
  });
  process.on('message', () => process.exit(0));
}

if (cluster.isPrimary) runPrimary();
else runWorker();
