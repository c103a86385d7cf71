'use strict';

const fs = require('fs');

const { Payloads } = require('./payloads');

/** How much of the time listeners may block their thread, at most. */
const STALLED = 0.03;

const cell = new Int32Array(new SharedArrayBuffer(4));

/**
 * What is open.
 *
 * @returns {String[]} For each descriptor, what it is
 */
function openFiles() {
  return fs.readdirSync('/proc/self/fd').map((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return 'the directory that was read';
    }
  });
}

/** What all connections of a process share, and its line to the runner. */
class World {
  /**
   * @param {Number} seed The seed of the run
   * @param {Function} tell Sends an object to the runner
   */
  constructor(seed, tell) {
    this.seed = seed;
    this.tell = tell;
    this.payloads = new Payloads(seed);
    this.pace = 1;
    this.finishing = false;
    this.begun = Date.now();
    this.stalled = 0;
    this.messages = 0;
    this.bytes = 0;
  }

  /**
   * Waits, longer if the machine is to be spared.
   *
   * @param {Number} milliseconds How long at the usual pace
   * @returns {Promise} Fulfilled then
   */
  sleep(milliseconds) {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /**
   * Does something later.
   *
   * @param {Number} milliseconds When, at the usual pace
   * @param {Function} action What
   */
  after(milliseconds, action) {
    const factor = this.finishing ? Math.min(1, this.pace) : this.pace;
    setTimeout(action, milliseconds * factor);
  }

  /**
   * Blocks the thread, as a listener that takes long does; not too often.
   *
   * @param {Number} milliseconds How long
   */
  stall(milliseconds) {
    if (this.stalled > (Date.now() - this.begun) * STALLED) return;
    this.stalled += milliseconds;
    Atomics.wait(cell, 0, 0, milliseconds);
  }

  /**
   * Counts a message that was sent.
   *
   * @param {Number} bytes Its length
   */
  count(bytes) {
    this.messages++;
    this.bytes += bytes;
  }

  /**
   * Reports the end of one side of a connection.
   *
   * @param {Object} result What it sent and received
   */
  report(result) {
    this.tell({ report: result });
  }

  /**
   * Reports something that must not be.
   *
   * @param {Object} violation `{ id, side, what }`
   */
  blame(violation) {
    this.tell({ violation });
  }

  /**
   * Measures the process.
   *
   * @returns {Object} Memory in bytes, descriptors, CPU in seconds, and what
   *     was sent
   */
  sample() {
    const { rss, heapUsed, arrayBuffers, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    return {
      rss,
      heapUsed,
      arrayBuffers,
      external,
      descriptors: openFiles().length,
      cpu: (user + system) / 1e6,
      messages: this.messages,
      bytes: this.bytes
    };
  }
}

module.exports = { openFiles, World };
