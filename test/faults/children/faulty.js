'use strict';

// Runs a scenario with each call of a kind failing in its turn. Arguments: the
// name of the scenario, and a list of faults as JSON: [call, error, pairs that
// it may cost, up to which call]. Reports by IPC.

const assert = require('assert');
const fs = require('fs');
const { Worker, isMainThread, parentPort } = require('worker_threads');
const { once } = require('events');
const { setTimeout: sleep } = require('timers/promises');

const run = require('./scenario');

/** More calls of a kind than any scenario makes. */
const MANY = 5000;

/** Nothing here waits for anything but the other end. */
const TOO_LONG = 10000;

const scenarios = {
  net: () => run({}),
  native: () => run({ native: true }),
  tls: () => run({ native: true, tls: true }),
  'tls-clients': () => run({ native: true, tls: true, nativeClients: true }),
  inline: () => run({ ioThread: false }),
  worker: () => runInWorker({}),
  'native-worker': () => runInWorker({ native: true })
};

/**
 * Runs the scenario in a thread of its own, which starts an I/O thread.
 *
 * @param {object} kind As for `run()`
 * @returns {Promise<object>} Its result
 */
async function runInWorker(kind) {
  const armed = process.env.BEASTWS_FAULT_ARMED;

  arm('none:0:0');

  const worker = new Worker(__filename);
  const ended = once(worker, 'exit');

  await once(worker, 'message');
  if (armed) arm(armed);
  worker.postMessage(kind);

  const [result] = await once(worker, 'message');
  const [code] = await ended;

  assert.strictEqual(code, 0);
  return result;
}

/**
 * Has a call fail.
 *
 * @param {string} fault As faults.c takes it
 */
function arm(fault) {
  process.env.BEASTWS_FAULT = fault;
}

/**
 * How many calls of the armed kind failed.
 *
 * @returns {number} 0 or 1
 */
function countFailed() {
  process.env.BEASTWS_FAULT_ASK = '1';
  return +process.env.BEASTWS_FAULT_SEEN.split(':')[1];
}

/**
 * The open descriptors of the process.
 *
 * @returns {number} How many
 */
function countDescriptors() {
  return fs.readdirSync('/proc/self/fd').length;
}

/**
 * Fails when something does not end.
 *
 * @param {Promise} promise What should end
 * @param {string} what What it is
 * @returns {Promise} The same
 */
function bounded(promise, what) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(reject, TOO_LONG, new Error(`${what}: no end`));
  });

  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Lets each call of a kind fail, in its turn.
 *
 * @param {string} name The scenario
 * @param {Array} fault The call, the error, how many pairs it may cost, and up
 *     to which call to go, all by default
 * @param {number} descriptors How many are open before
 * @returns {Promise<object>} What it came to
 */
async function tryFault(name, [call, error, cost, max], descriptors) {
  let faults = 0;
  let lost = 0;
  let refused = 0;

  for (let n = 1; n < MANY; n++) {
    const what = `${name}, call ${n} of ${call} fails with ${error}`;
    const fault = `${call}:${error}:${n}`;

    process.send({ doing: what });
    process.env.BEASTWS_FAULT_ARMED = fault;
    arm(fault);

    const result = await bounded(scenarios[name](), what);
    const failed = countFailed();

    arm('none:0:0');
    delete process.env.BEASTWS_FAULT_ARMED;
    faults += failed;
    lost += result.lost;
    if (result.refused) refused++;
    if (!result.refused || cost === 0) {
      assert.ok(result.lost <= cost, `${what}: ${JSON.stringify(result)}`);
    }
    // A socket is closed a little after its 'close'.
    for (let i = 0; countDescriptors() !== descriptors; i++) {
      assert.ok(
        i < 200,
        `${what}: ${countDescriptors()} descriptors, not ${descriptors}`
      );
      await sleep(10);
    }
    if (failed === 0 || n === max) {
      return { call, error, faults, lost, refused };
    }
  }

  throw new Error(`${name}: more calls of ${call} than expected`);
}

/**
 * Tries all faults.
 */
async function main() {
  const [name, faults] = process.argv.slice(2);

  arm('none:0:0');
  // What is made once is made now.
  for (const which of ['inline', name, name]) {
    const { lost, refused } = await scenarios[which]();

    assert.deepStrictEqual({ lost, refused }, { lost: 0, refused: '' });
  }

  await sleep(50);
  const descriptors = countDescriptors();

  for (const fault of JSON.parse(faults)) {
    process.send({ done: await tryFault(name, fault, descriptors) });
  }

  process.disconnect();
}

if (isMainThread) {
  main().catch((err) => {
    process.send({ problem: err.stack }, () => process.exit(1));
  });
} else {
  parentPort.postMessage('ready');
  parentPort.once('message', (kind) => {
    run(kind).then((result) => parentPort.postMessage(result));
  });
}
