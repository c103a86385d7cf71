'use strict';

/**
 * Servers in worker threads. A message that asks for a long computation blocks
 * only its own thread: the main thread and the other server stay quick.
 *
 *   node examples/worker-threads.js
 */

const { once } = require('events');
const {
  Worker,
  isMainThread,
  parentPort,
  threadId
} = require('worker_threads');
const { WebSocket, WebSocketServer } = require('..');

const THREADS = 2;
const LIMIT = 2000000;

/**
 * Ask both servers at once and print the answers.
 */
async function runMainThread() {
  const workers = Array.from({ length: THREADS }, () => new Worker(__filename));
  const ports = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message'))[0])
  );

  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);

  await Promise.all(ports.map(ask));
  clearInterval(timer);
  console.log(`Meanwhile the timer of the main thread ticked ${ticks} times`);

  for (const worker of workers) worker.postMessage('stop');
}

/**
 * @param {Number} port The port of a server
 */
async function ask(port) {
  const ws = new WebSocket(`ws://127.0.0.1:${port}`);

  ws.on('open', () => ws.send(String(LIMIT)));

  const [data] = await once(ws, 'message');

  console.log(String(data));
  ws.close();
}

/**
 * Serve until the main thread says stop.
 */
function runWorker() {
  const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  wss.on('connection', (ws) => {
    ws.on('error', console.error);
    ws.on('message', (data) => {
      const limit = Math.min(LIMIT, Number(data));

      ws.send(
        `Thread ${threadId}: ${countPrimes(limit)} primes below ${limit}`
      );
    });
  });

  wss.on('listening', () => parentPort.postMessage(wss.address().port));

  parentPort.once('message', () => {
    for (const ws of wss.clients) ws.close(1001);
    wss.close();
  });
}

/**
 * @param {Number} limit Where to stop
 * @return {Number} The number of primes below the limit
 */
function countPrimes(limit) {
  const composite = new Uint8Array(limit);
  let count = 0;

  for (let n = 2; n < limit; n++) {
    if (composite[n] === 1) continue;
    count++;
    for (let multiple = n * n; multiple < limit; multiple += n) {
      composite[multiple] = 1;
    }
  }

  return count;
}

if (isMainThread) {
  runMainThread();
} else {
  runWorker();
}
