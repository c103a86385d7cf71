'use strict';

// Starts threads with servers, connects with them, and terminates most of them
// in the middle. Argument: JSON of { seed, sampling, first }.

const { once } = require('events');
const path = require('path');
const { Worker } = require('worker_threads');

const { take } = require('./child');
const { startClient } = require('./clients');
const { makePlan } = require('./plan');
const { mix, Random } = require('./random');
const { visit } = require('./servers');

const KINDS = ['native', 'inline'];

const settings = JSON.parse(process.argv[2]);
const { seed } = settings;
let { first: next } = settings;
let running;

/**
 * Starts a thread, and ends it in one way or another.
 *
 * @param {World} world What the process shares
 * @param {Number} number The number of the thread
 */
async function round(world, number) {
  const random = new Random(mix(seed, 3, number));
  const cut = random.chance(0.7);
  const worker = new Worker(path.join(__dirname, 'worker-server.js'), {
    workerData: { seed, kind: random.pick(['port', 'native', 'tls', 'inline']) }
  });
  const exited = once(worker, 'exit');
  let leave;
  const left = new Promise((resolve) => (leave = resolve));

  worker.on('error', (err) => world.blame({ what: `worker: ${err.stack}` }));
  worker.on('message', (line) => {
    if (!line.targets) world.tell(line);
  });
  const [{ targets }] = await once(worker, 'message');
  worker.postMessage({ pace: world.pace });
  if (number === 0) {
    // What is made once is made before the process is looked at.
    for (const kind of KINDS) {
      await visit(targets, { ioThread: kind === 'native' });
    }
  }

  const ends = [];
  const opened = [];
  for (let left = 1 + random.below(6); left > 0; left--) {
    const plan = makePlan(seed, next++, random.pick(KINDS));
    const target = random.pick(targets);
    world.tell({ start: plan.id, client: plan.client, to: target, cut });
    const { ended, ws } = startClient(plan, target.url, world);
    ends.push(ended);
    opened.push(Promise.race([ended, once(ws, 'open').catch(() => {})]));
  }

  if (cut) {
    // Not in a handshake: Node.js itself aborts when a thread is terminated
    // inside of its HTTP parser.
    await Promise.all(opened);
    world.after(random.below(1500), leave);
    await left;
    await worker.terminate();
    await Promise.all(ends);
  } else {
    await Promise.all(ends);
    worker.postMessage({ close: true });
    const [code] = await exited;
    if (code !== 0) world.blame({ what: `worker ${number} ended: ${code}` });
  }
}

/**
 * Starts threads one after the other.
 *
 * @param {World} world What the process shares
 */
async function rounds(world) {
  for (let number = 1; !world.finishing; number++) {
    await round(world, number);
    await world.sleep(500);
  }
}

take(
  settings,
  async (world) => {
    await round(world, 0);
    setTimeout(() => (running = rounds(world)), 100);
  },
  () => running
);
