'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const readline = require('readline');

const { HOST, freePort } = require('./net');

/**
 * Start a Redis that keeps nothing.
 *
 * @returns {Promise<Object>} `{ url, stop }`
 * @throws {Error} If it ends before it is ready
 */
async function startRedis() {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', port, '--bind', HOST, '--save', '', '--appendonly', 'no'],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
  };

  for await (const line of readline.createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume();
      return { url: `redis://${HOST}:${port}`, stop };
    }
  }

  await stop();
  throw new Error('redis-server ended before it was ready');
}

module.exports = { startRedis };
