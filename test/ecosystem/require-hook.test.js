'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');
const readline = require('readline');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { nextMessage } = require('./support/net');

const file = (name) => path.join(__dirname, 'children', name);

describe('a tracing tool that is loaded with --require', () => {
  const defer = cleanup();

  it('patches the classes, follows requests and survives exceptions', async () => {
    const child = spawn(
      process.execPath,
      ['--require', file('trace-hook.js'), file('traced-server.js')],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    );
    const exit = once(child, 'exit');
    const lines = readline.createInterface({ input: child.stdout });
    const last = [];

    defer(() => child.kill('SIGKILL'));

    const [port] = await once(lines, 'line');

    lines.on('line', (line) => last.push(line));

    const paths = Array.from({ length: 10 }, (_, i) => `/${i}`);
    const clients = await Promise.all(
      paths.map(async (at) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}${at}`);

        await once(ws, 'open');
        return ws;
      })
    );

    for (let round = 0; round < 3; round++) {
      const answers = Promise.all(clients.map(nextMessage));

      clients.forEach((ws, i) => {
        ws.ping();
        ws.send(`${round}${i}`);
      });
      assert.deepStrictEqual(
        await answers,
        clients.map((ws, i) => `${round}${i} back`)
      );
    }

    const ends = Promise.all(clients.map((ws) => once(ws, 'close')));

    child.stdin.end();
    await ends;
    assert.deepStrictEqual(await exit, [0, null]);

    const spans = JSON.parse(last.join('\n'));

    assert.deepStrictEqual(
      spans.filter((span) => span.startsWith('send')).sort(),
      [0, 1, 2]
        .flatMap((round) =>
          paths.map((at, i) => `send ${round}${i} back in ${at}`)
        )
        .sort()
    );
    assert.deepStrictEqual(
      spans.filter((span) => !span.startsWith('send')),
      Array(30).fill('thrown for a ping')
    );
  });
});
