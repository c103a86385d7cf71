'use strict';

const fs = require('fs');

/** How much waits at most for a peer that is flooded, in bytes. */
const BACKLOG = 1024 * 1024;

/** The size of the messages that somebody sends for ever, in bytes. */
const SIZE = 16384;

/** What is sent for ever, and how often that is thought of. */
const PERIOD = 10;
const BURST = 8;

/** How often it is looked at what is used, in milliseconds. */
const SAMPLE = 20;

const callbacks = {};
const codes = {};
const errors = {};
let highest = 0;
let longestTurn = 0;
let mostBuffered = 0;
let turned = performance.now();

setInterval(() => {
  const now = performance.now();

  longestTurn = Math.max(longestTurn, now - turned - SAMPLE);
  turned = now;
  highest = Math.max(highest, process.memoryUsage.rss());
}, SAMPLE).unref();

/**
 * Count something.
 *
 * @param {Object} counts Where
 * @param {string} name What
 */
function count(counts, name) {
  counts[name] = (counts[name] || 0) + 1;
}

/**
 * Count how a websocket ends.
 *
 * @param {WebSocket} ws The websocket
 */
function watch(ws) {
  ws.on('error', (err) => count(errors, err.code ?? err.message));
  ws.on('close', (code) => count(codes, code));
}

/**
 * Send for ever, but no more than a peer takes.
 *
 * @param {WebSocket} ws The websocket
 */
function flood(ws) {
  const data = Buffer.alloc(SIZE);

  const timer = setInterval(() => {
    // No `while`: a socket that breaks here is not closed before this returns.
    for (let left = 1000; left > 0 && ws.bufferedAmount < BACKLOG; left--) {
      ws.send(data);
      mostBuffered = Math.max(mostBuffered, ws.bufferedAmount);
    }
  }, PERIOD);

  ws.on('close', () => clearInterval(timer));
}

/**
 * Send numbered messages for ever, whatever a peer takes: there is a limit for
 * that.
 *
 * @param {WebSocket} ws The websocket
 */
function push(ws) {
  let next = 0;
  const timer = setInterval(() => {
    for (let left = BURST; left > 0 && ws.readyState === ws.OPEN; left--) {
      const data = Buffer.alloc(SIZE, next);

      data.writeUInt32LE(next++);
      ws.send(data, (err) => count(callbacks, err?.code ?? 'sent'));
      mostBuffered = Math.max(mostBuffered, ws.bufferedAmount);
    }
  }, PERIOD);

  ws.on('drop', () => count(callbacks, 'drop'));
  ws.on('close', () => clearInterval(timer));
}

/**
 * What is open.
 *
 * @returns {Object} How many descriptors there are of each kind, by what the
 *     system calls it, without numbers
 */
function openFiles() {
  const directory = fs.existsSync('/proc/self/fd')
    ? '/proc/self/fd'
    : '/dev/fd';
  const kinds = {};

  for (const descriptor of fs.readdirSync(directory)) {
    let name;

    try {
      name = fs.readlinkSync(`${directory}/${descriptor}`).replace(/\d+/g, '');
    } catch {
      // That with which the directory was read.
      name = 'gone';
    }
    count(kinds, name);
  }
  return kinds;
}

/**
 * What was counted, and what the process uses.
 *
 * @returns {Object} That
 */
function use() {
  global.gc();
  return {
    callbacks,
    codes,
    descriptors: openFiles(),
    errors,
    highest,
    longestTurn,
    mostBuffered
  };
}

/**
 * Forget how much was used at most.
 *
 * @returns {number} How much memory is resident now, in bytes
 */
function forget() {
  global.gc();
  highest = 0;
  longestTurn = 0;
  mostBuffered = 0;
  return process.memoryUsage.rss();
}

module.exports = { flood, forget, push, use, watch };
