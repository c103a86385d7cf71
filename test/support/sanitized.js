'use strict';

// What tests allow for when the addon is sanitized (scripts/test-sanitized.js):
// such an addon is slower and needs more memory, and so does what starts it.

/** How many times longer everything may take. */
const slowness = Number(process.env.BEASTWS_TEST_SLOWNESS || 1);

/** How many times more memory may be resident. */
const memory = Number(process.env.BEASTWS_TEST_MEMORY || 1);

/** Whether it is an error that the kernel is given memory that was freed. */
const addresses = 'ASAN_OPTIONS' in process.env;

/**
 * The environment for programs of others, which are not started with a
 * sanitizer's runtime: with one, curl does not come to its first instruction.
 */
const foreign = { ...process.env };

delete foreign.LD_PRELOAD;

module.exports = { addresses, foreign, memory, slowness };
