'use strict';

// Terminates workers in the middle of their work. A process of its own,
// because a mistake here would not be an exception.
// Arguments: the index of the kind, the way of the workers, how many.

const { once } = require('events');
const path = require('path');
const { Worker } = require('worker_threads');

const { kinds, theirs } = require('../../integration/kinds');
const { urlOf } = require('../../integration/support/party');

const index = +process.argv[2];
const way = process.argv[3];
const rounds = +process.argv[4];

(async () => {
  const wss = await (kinds[index].isSecure ? kinds[index] : theirs).listen();
  const url = urlOf(wss);
  const codes = [];
  const times = [];
  const resident = [];

  wss.on('connection', (ws) => {
    ws.on('error', () => {});
    ws.on('message', (data, binary) => ws.send(data, { binary }));
    ws.on('close', (code) => codes.push(code));
  });

  // Two at a time, so that one comes while the other one goes.
  const lane = async (first) => {
    for (let i = first; i < rounds; i += 2) {
      const worker = new Worker(path.join(__dirname, 'worker.js'), {
        workerData: { index, way, url }
      });

      await once(worker, 'message');
      for (let turn = way === 'storm' ? i * 3 : 0; turn > 0; turn--) {
        await new Promise((resolve) => setImmediate(resolve));
      }

      const begin = process.hrtime.bigint();

      await worker.terminate();
      times.push(Number(process.hrtime.bigint() - begin) / 1e6);
      if (times.length % 50 === 0) {
        if (global.gc) global.gc();
        resident.push(process.memoryUsage.rss());
      }
    }
  };

  await Promise.all([lane(0), lane(1)]);
  while (wss.clients.size) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  wss.close();
  process.stdout.write(
    JSON.stringify({ codes, resident, times: times.sort((a, b) => a - b) })
  );
})();
