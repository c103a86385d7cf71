'use strict';

/**
 * A client that comes back: after every failure it waits longer, up to a limit,
 * and by a random part, so that not all clients of a restarted server return
 * at once. It also notices a server that has gone silent.
 *
 *   node examples/heartbeat.js
 *   node examples/reconnecting-client.js ws://localhost:8080
 */

const { WebSocket } = require('..');

const url = process.argv[2] ?? 'ws://localhost:8080';
const firstDelayMs = Number(process.env.FIRST_DELAY_MS ?? 500);
const maxDelayMs = 30000;

// A little more than the interval between two pings of the server.
const silenceMs = 35000;

let attempt = 0;

/**
 * Connect, and do so again whenever the connection ends.
 */
function connect() {
  const ws = new WebSocket(url, { handshakeTimeout: 10000 });
  let silenceTimer;

  /**
   * The server is alive: wait for the next sign of life.
   */
  function heard() {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => ws.terminate(), silenceMs);
  }

  ws.on('open', () => {
    console.log(`Connected to ${url}`);
    attempt = 0;
    heard();
  });

  ws.on('ping', heard);
  ws.on('message', (data) => {
    heard();
    console.log(`Received: ${data}`);
  });

  // 'close' follows in any case.
  ws.on('error', (err) => console.log(`Failed: ${err.message || err.code}`));

  ws.on('close', (code) => {
    clearTimeout(silenceTimer);

    const longest = Math.min(maxDelayMs, firstDelayMs * 2 ** attempt++);
    const delay = Math.round(longest * (0.5 + Math.random() / 2));

    console.log(`Closed with code ${code}, next attempt in ${delay} ms`);
    setTimeout(connect, delay);
  });
}

connect();
