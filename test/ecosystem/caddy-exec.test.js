'use strict';

const assert = require('assert');
const { execFileSync, spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');
const WebSocket = require('beastws');

const { Caddy } = require('./support/caddy');
const { cleanup } = require('./support/cleanup');
const { closed } = require('./support/net');
const { ROOT } = require('./support/ours');

describe('beastws exec behind Caddy', () => {
  const defer = cleanup();

  /**
   * Serve a shell script, with Caddy in front.
   *
   * @param {string} script The script
   * @returns {Promise<Object>} `{ caddy, connect, url }`: `connect()` makes a
   *     WebSocket to Caddy that keeps what it receives in `received`
   */
  async function serve(script) {
    const child = spawn(
      process.execPath,
      [
        path.join(ROOT, 'bin/beastws.js'),
        ...['exec', '--port', '0', '--path', '/log', '--', 'sh', '-c', script]
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] }
    );
    const exited = once(child, 'exit');

    defer(async () => {
      child.kill();
      assert.deepStrictEqual(await exited, [0, null]);
    });

    const lines = readline.createInterface(child.stderr);
    const [line] = await once(lines, 'line');
    const caddy = await Caddy.start(/:(\d+)\/log$/.exec(line)[1]);
    const { ca } = caddy;
    const url = `wss://localhost:${caddy.port}/log`;

    defer(() => caddy.stop());
    return {
      caddy,
      url,
      connect(options, query = '') {
        const ws = new WebSocket(`${url}${query}`, { ca, ...options });

        ws.received = [];
        ws.on('message', (data) => ws.received.push(String(data)));
        defer(() => ws.terminate());
        return ws;
      }
    };
  }

  it('carries lines both ways, and the request', async () => {
    const { caddy, connect } = await serve(
      'echo "$HTTP_X_FORWARDED_FOR $HTTP_X_FORWARDED_PROTO $HTTP_HOST"; ' +
        'echo "$SCRIPT_NAME $PATH_INFO $QUERY_STRING"; ' +
        'while read line && [ "$line" != end ]; do echo "<$line>"; done; exit 3'
    );
    const ws = connect({}, '/sub?x=1');

    await once(ws, 'open');
    ws.send('größer 😀');
    ws.send('end');
    assert.deepStrictEqual(await closed(ws), [1011, 'exit code 3']);
    assert.deepStrictEqual(ws.received, [
      `127.0.0.1 https localhost:${caddy.port}`,
      '/log /sub x=1',
      '<größer 😀>'
    ]);
  });

  it('loses nothing of a flood', async () => {
    const { connect } = await serve('seq 100000');
    const ws = connect();

    assert.deepStrictEqual(await closed(ws), [1000, '']);
    assert.ok(
      ws.received.join(' ') ===
        Array.from({ length: 100000 }, (_, i) => i + 1).join(' ')
    );
  });

  it('accepts its own pages and refuses those of others', async () => {
    const { caddy, connect } = await serve('echo hello');
    const own = connect({ origin: `https://localhost:${caddy.port}` });

    assert.deepStrictEqual(await closed(own), [1000, '']);
    assert.deepStrictEqual(own.received, ['hello']);

    const foreign = connect({ origin: 'https://example.org' });
    const [err] = await once(foreign, 'error');

    assert.strictEqual(err.message, 'Unexpected server response: 403');
  });

  it('ends the program with the client, and with a reload', async () => {
    const { caddy, connect } = await serve('echo $$; exec sleep 1000');

    for (const leave of [
      (ws) => ws.terminate(),
      (ws) => ws.close(),
      () => caddy.reload('second')
    ]) {
      const ws = connect();

      const [pid] = await once(ws, 'message');
      const proc = `/proc/${pid}`;

      assert.ok(fs.existsSync(proc));
      ws.on('error', () => {});
      await leave(ws);
      while (fs.existsSync(proc)) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  });

  it('is documented with configurations that Caddy understands', () => {
    const text = fs.readFileSync(path.join(ROOT, 'doc/ecosystem.md'), 'utf8');
    const blocks = [...text.matchAll(/^```caddyfile\n([^]*?)^```$/gm)];

    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-caddy-'));
    const file = path.join(folder, 'Caddyfile');

    defer(() => fs.rmSync(folder, { recursive: true }));
    assert.ok(blocks.length >= 2);
    for (const [, content] of blocks) {
      fs.writeFileSync(file, content);

      const json = execFileSync(
        'caddy',
        ['adapt', '--adapter', 'caddyfile', '--config', file],
        { stdio: 'pipe' }
      );

      assert.ok(json.includes('"dial":"127.0.0.1:8080"'));
    }
  });
});
