'use strict';

const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');

const CHROMIUM = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking'
];

/**
 * Start a browser that is driven over a WebSocket.
 *
 * @returns {Promise<Object>} `{ endpoint, stop }`: the WebSocket's address and
 *     a function that ends the browser
 * @throws {Error} If it does not say where it listens
 */
async function startChromium() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-chromium-'));
  const child = spawn(
    CHROMIUM,
    [
      ...ARGUMENTS,
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank'
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] }
  );
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill();
    await exited;
    // Its other processes end a little later, and write until then.
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20 });
  };

  for await (const line of readline.createInterface(child.stderr)) {
    const match = /DevTools listening on (ws:\S+)/.exec(line);

    if (match) {
      child.stderr.resume();
      return { endpoint: match[1], stop };
    }
  }

  await stop();
  throw new Error('Chromium ended before it listened');
}

module.exports = { startChromium };
