'use strict';

const { openFiles, World } = require('./world');

/** How often a process says what it has used, in milliseconds. */
const BEAT = 2000;

/**
 * How long before memory is measured garbage is collected, in milliseconds: what
 * was behind it is freed, and given back to the system (trim.c), meanwhile.
 */
const COLLECTING = 2500;

/**
 * Makes a process a part of a soak: it gets a world, says what it uses, and
 * does what the runner tells it.
 *
 * @param {Object} settings `{ seed, sampling }`; `sampling` in milliseconds
 * @param {Function} start Called with the world; returns what the runner
 *     should know
 * @param {Function} finish Waits until no connection is left
 * @param {Function} [close] Ends the rest, so that the process ends by itself
 */
function take({ seed, sampling }, start, finish, close = () => {}) {
  const world = new World(seed, (line) => {
    if (process.connected) process.send(line);
  });
  let baseline;

  const timers = [
    setInterval(() => {
      global.gc();
      setTimeout(() => world.tell({ sample: world.sample() }), COLLECTING);
    }, sampling),
    setInterval(() => {
      const { user, system } = process.cpuUsage();
      world.tell({ beat: (user + system) / 1e6 });
    }, BEAT)
  ];

  /** Waits until no more is open than at the beginning, and says how it is. */
  async function settle() {
    await finish(world);
    let sample = world.sample();
    for (const limit = Date.now() + 15000; Date.now() < limit;) {
      if (sample.descriptors <= baseline.descriptors) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
      sample = world.sample();
    }
    timers.forEach(clearInterval);
    world.tell({ settled: { baseline, sample, open: openFiles() } });
    await close();
    process.disconnect();
  }

  process.on('message', async (command) => {
    if (command.pace) world.pace = command.pace;
    if (command.finish) world.finishing = true;
    if (command.settle) await settle();
    if (command.start) {
      const ready = await start(world, command.start);
      baseline = world.sample();
      world.tell({ ready: ready ?? null });
    }
  });
  // Nothing outlives the runner.
  process.on('disconnect', () =>
    setTimeout(() => process.exit(3), 10000).unref()
  );
}

module.exports = { take };
