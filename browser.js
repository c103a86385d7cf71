'use strict';

/**
 * Stands in for the package where a bundler picks the `browser` condition.
 *
 * @throws {Error} Always: browsers have a `WebSocket` of their own
 */
module.exports = function beastws() {
  throw new Error(
    'beastws is a native addon for Node.js and does not run in a browser; ' +
      "use the browser's own WebSocket there"
  );
};
