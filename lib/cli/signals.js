'use strict';

const os = require('node:os');

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Listens to the signals that end a program.
 *
 * @param {Function} listener Gets the exit code that stands for the signal, and
 *     how many of these signals have come
 * @return {Function} Stops listening
 */
function onSignals(listener) {
  let count = 0;

  /**
   * @param {String} name The signal
   */
  function onSignal(name) {
    listener(128 + os.constants.signals[name], ++count);
  }

  for (const name of SIGNALS) process.on(name, onSignal);
  return () => {
    for (const name of SIGNALS) process.removeListener(name, onSignal);
  };
}

module.exports = onSignals;
