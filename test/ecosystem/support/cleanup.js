'use strict';

/**
 * Collects what a test opened, to be closed in the reverse order whether the
 * test passes or not.
 *
 * @returns {Function} `defer(fn)`: registers a function, sync or async
 */
function cleanup() {
  const steps = [];

  afterEach(async () => {
    while (steps.length > 0) await steps.pop()();
  });

  return (fn) => {
    steps.push(fn);
  };
}

module.exports = { cleanup };
