'use strict';

// Clients of one kind, several at a time, one after the other for ever.
// Argument: JSON of { kind, seed, sampling, first, lanes }.

const { take } = require('./child');
const { startClient } = require('./clients');
const { makePlan } = require('./plan');
const { mix, Random } = require('./random');
const { RawEnd } = require('./raw-end');
const { visit } = require('./servers');

const settings = JSON.parse(process.argv[2]);
const { kind, seed, lanes } = settings;
let { first: next } = settings;
let running;

/**
 * Finds a server for a plan.
 *
 * @param {Object} plan The plan
 * @param {Object[]} targets All servers
 * @returns {Object} One of them
 */
function targetFor(plan, targets) {
  const random = new Random(mix(plan.seed, 30));
  return random.pick(
    targets.filter(
      (target) =>
        (target.name === 'short') === (plan.way === 'mute') &&
        (kind !== 'raw' || !target.url.startsWith('wss:'))
    )
  );
}

/**
 * Makes connections one after the other.
 *
 * @param {World} world What the process shares
 * @param {Object[]} targets All servers
 */
async function lane(world, targets) {
  while (!world.finishing) {
    const plan = makePlan(seed, next++, kind);
    const target = targetFor(plan, targets);

    world.tell({ start: plan.id, client: kind, to: target });
    const end =
      kind === 'raw'
        ? new RawEnd(plan, target.url, world)
        : startClient(plan, target.url, world);
    await end.ended;
    await world.sleep(plan.seed % 200);
  }
}

take(
  settings,
  async (world, targets) => {
    await visit(targets, { ioThread: kind !== 'inline' });
    // Later, so that the first samples are those of a process that rests.
    setTimeout(() => {
      running = Promise.all(
        Array.from({ length: lanes }, () => lane(world, targets))
      );
    }, 100);
  },
  () => running
);
