'use strict';

/** How long a run must be to be judged, in seconds. */
const ENOUGH = 600;

/** How much the resident set may grow from the first to the last third. */
const GROWTH = 0.05;

/**
 * The lower quartile: messages in hand come and go on top of it, and what is
 * not given back raises it.
 *
 * @param {Number[]} numbers Numbers
 * @returns {Number} What a quarter of them are below
 */
function lowerQuartile(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 2];
}

/**
 * Judges the memory of a process by the lower quartiles of the first and of the
 * last third of what comes behind the warm-up.
 *
 * @param {Object[]} samples What it said, in order, with the times in seconds
 *     as `at`
 * @param {Number} seconds How long the run was
 * @param {Number} warmUp How much of it comes before memory is judged, in
 *     seconds
 * @returns {Object} `{ judged, first, last, growth, flat }`; bytes, and the
 *     growth as a ratio
 */
function judgeMemory(samples, seconds, warmUp) {
  const warm = samples.filter(({ at }) => at >= warmUp);
  const third = Math.floor(warm.length / 3);
  if (seconds < ENOUGH || third < 5) return { judged: false, flat: true };

  const of = (part, name) => lowerQuartile(part.map((sample) => sample[name]));
  const begin = warm.slice(0, third);
  const end = warm.slice(-third);
  const first = of(begin, 'rss');
  const last = of(end, 'rss');
  return {
    judged: true,
    first,
    last,
    growth: last / first - 1,
    heap: [of(begin, 'heapUsed'), of(end, 'heapUsed')],
    flat: last <= first * (1 + GROWTH)
  };
}

/**
 * Says how the resident set went.
 *
 * @param {Object[]} samples What a process said, with the times in seconds as
 *     `at`
 * @returns {Number[]} The lower quartile of each minute, in MiB
 */
function perMinute(samples) {
  const minutes = [];
  for (const { at, rss } of samples) {
    (minutes[Math.max(0, Math.floor(at / 60))] ??= []).push(rss);
  }
  return minutes
    .filter(Boolean)
    .map((all) => Math.round(lowerQuartile(all) / 2 ** 20));
}

module.exports = { judgeMemory, perMinute };
