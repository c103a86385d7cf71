'use strict';

const { Duplex } = require('stream');

/**
 * One end of a connection that is nothing but a stream.
 */
class End extends Duplex {
  constructor() {
    super({ allowHalfOpen: true });
    this.other = null;
    this.pending = null;
  }

  /** Let the other end go on. */
  _read() {
    const callback = this.pending;

    this.pending = null;
    if (callback) callback();
  }

  /**
   * Hand a chunk to the other end.
   *
   * @param {Buffer} chunk The bytes
   * @param {string} encoding Not used
   * @param {Function} callback Called when the other end wants more
   */
  _write(chunk, encoding, callback) {
    // Not at once: nobody expects an answer before write() returned.
    process.nextTick(() => {
      if (chunk.length === 0) {
        callback();
      } else {
        this.other.pending = callback;
        this.other.push(Buffer.from(chunk));
      }
    });
  }

  /**
   * Pass the end on.
   *
   * @param {Function} callback Called when that is done
   */
  _final(callback) {
    this.other.push(null);
    callback();
  }

  /**
   * Take the other end along.
   *
   * @param {Error} err Why
   * @param {Function} callback Called when that is done
   */
  _destroy(err, callback) {
    if (!this.other.destroyed && !this.other.readableEnded) {
      this.other.push(null);
    }
    callback(err);
  }
}

/**
 * Two streams, each of which reads what the other one writes.
 *
 * @returns {Duplex[]} The two ends
 */
function duplexPair() {
  const a = new End();
  const b = new End();

  a.other = b;
  b.other = a;
  return [a, b];
}

module.exports = { duplexPair };
