'use strict';

/** How often to look whether anybody is left, in milliseconds. */
const CHECK_MS = 20;

/**
 * A process with all those that it starts, as long as they stay in its group.
 * It must have been made with `detached`, so that the group is its own.
 */
class ProcessGroup {
  /**
   * @param {Number} pid The process
   */
  constructor(pid) {
    this._pid = pid;
    this._isEnding = false;

    /** Fulfilled when, behind `end()`, nobody is left. */
    this.gone = new Promise((resolve) => {
      this._resolve = resolve;
    });
  }

  /**
   * Sends a signal to all of them.
   *
   * @param {(String|Number)} signal The signal; 0 only looks
   * @return {Boolean} Whether there is anybody left
   */
  signal(signal) {
    try {
      process.kill(-this._pid, signal);
      return true;
    } catch (err) {
      return err.code !== 'ESRCH';
    }
  }

  /**
   * Asks them to end, and ends them if they do not.
   *
   * @param {Number} grace How long they may take, in milliseconds
   */
  end(grace) {
    if (this._isEnding) return;
    this._isEnding = true;
    if (!this.signal('SIGTERM')) {
      this._resolve();
      return;
    }

    // Once nobody is left the number may be given to another process.
    const interval = setInterval(() => {
      if (!this.signal(0)) over();
    }, CHECK_MS);
    const timeout = setTimeout(() => {
      this.kill();
      over();
    }, grace);
    const over = () => {
      clearInterval(interval);
      clearTimeout(timeout);
      this._resolve();
    };
  }

  /** Ends them at once. */
  kill() {
    this.signal('SIGKILL');
  }
}

module.exports = ProcessGroup;
