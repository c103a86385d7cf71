'use strict';

// The measured process's end of its control channel: lines of JSON, commands on
// standard input, answers on standard output. It ends when its input ends, so
// that no server outlives the runner.

const { performance } = require('perf_hooks');

/**
 * Writes one line for the runner.
 *
 * @param {Object} message What to say
 */
function say(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/**
 * Answers the runner's commands: `mark` reads the clocks, `gc` collects
 * garbage, `exit` and the end of the input end the process.
 *
 * @param {Function} [count] Returns the number of messages so far
 */
function listenToRunner(count) {
  const commands = {
    mark: () => say({ mark: readClocks(count) }),
    gc: () => collectGarbage().then(() => say({ gc: true })),
    exit: () => process.exit(0)
  };
  let text = '';

  process.stdin.setEncoding('utf8');
  process.stdin.on('data', (chunk) => {
    const lines = (text + chunk).split('\n');
    text = lines.pop();
    for (const line of lines) commands[line]?.();
  });
  process.stdin.on('end', commands.exit);
}

/**
 * Reads what this process can know about itself.
 *
 * @param {Function} [count] Returns the number of messages so far
 * @returns {Object} `wall` and `cpu` in seconds; `active` and `idle` of the
 *     event loop in milliseconds, where the runtime measures them
 */
function readClocks(count) {
  const { user, system } = process.cpuUsage();
  const clocks = {
    wall: performance.now() / 1e3,
    cpu: (user + system) / 1e6,
    count: count ? count() : 0
  };

  if (process.versions.bun === undefined) {
    const { active, idle } = performance.eventLoopUtilization();
    Object.assign(clocks, { active, idle });
  }

  return clocks;
}

/**
 * Collects garbage until what can go has gone.
 *
 * @returns {Promise} Fulfilled when it is done
 */
async function collectGarbage() {
  for (let i = 0; i < 3; i++) {
    if (globalThis.Bun) globalThis.Bun.gc(true);
    else if (globalThis.gc) globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

module.exports = { listenToRunner, say };
