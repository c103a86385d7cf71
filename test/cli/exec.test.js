'use strict';

const assert = require('assert');
const fs = require('fs');

const { cliScope, received } = require('./support/open');

/**
 * Makes the arguments that run a script of Node.js.
 *
 * @param {string} code The script
 * @returns {string[]} The arguments
 */
function node(code) {
  return ['--', process.execPath, '-e', code];
}

/**
 * Tells whether a process runs.
 *
 * @param {number} pid The process
 * @returns {boolean} `false` if it is gone, or only waits to be reaped
 */
function runs(pid) {
  try {
    return !/^State:\s*[ZX]/m.test(
      fs.readFileSync(`/proc/${pid}/status`, 'utf8')
    );
  } catch {
    return false;
  }
}

/**
 * Waits until a process is gone.
 *
 * @param {number} pid The process
 */
async function gone(pid) {
  while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('beastws exec', function () {
  this.timeout(60000);

  const scope = cliScope();

  /**
   * Serve a program.
   *
   * @param {string[]} args Options, and the program behind `--`
   * @param {Object} [options] Options of `CliProcess`
   * @returns {Promise<Object>} As of `scope.serve()`
   */
  function serve(args, options) {
    return scope.serve(['exec', '--port', '0', ...args], options);
  }

  it('makes a message of each line, and a line of each message', async () => {
    const { url } = await serve(['--', 'cat']);
    const ws = await scope.connect(url);
    const lines = ['one', '', 'größer 😀', ' ', 'x'.repeat(100000), 'end'];

    for (const line of lines) ws.send(line);
    assert.deepStrictEqual(await received(ws, lines.length), lines);

    ws.send('two\nlines\r\n');
    assert.deepStrictEqual((await received(ws, 9)).slice(6), [
      'two',
      'lines',
      ''
    ]);
  });

  it('finds the command without "--" and leaves its options', async () => {
    const { url } = await serve(['sh', '-c', 'echo "$0 $1"', '--port', '-v']);
    const ws = await scope.connect(url);

    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.deepStrictEqual(ws.received, ['--port -v']);
  });

  it('carries bytes with --binary', async () => {
    const { url } = await serve(['--binary', '--', 'cat']);
    const ws = await scope.connect(url);
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const sent = [bytes, Buffer.from('text'), Buffer.alloc(300000, bytes)];
    const total = Buffer.concat(sent);

    ws.send(sent[0]);
    ws.send('text');
    ws.send(sent[2]);
    for (let count = 1; ; count++) {
      const pieces = await received(ws, count);

      // Text would be a string, and throw.
      if (Buffer.concat(pieces).length === total.length) break;
    }
    assert.ok(Buffer.concat(ws.received).equals(total));
  });

  it('refuses binary messages without it', async () => {
    const { url } = await serve(['--', 'cat']);
    const ws = await scope.connect(url);

    ws.send(Buffer.from('x'));
    assert.deepStrictEqual(await ws.closed, [
      1003,
      'binary messages are not accepted'
    ]);
  });

  it('puts characters together that come in pieces', async () => {
    const { url } = await serve(
      node(`
        const bytes = Buffer.from('a😀ü\\r\\nb\\xff\\n');
        bytes[bytes.length - 3] = 0xff;
        let i = 0;
        (function next() {
          if (i === bytes.length) return process.stdout.write('last');
          process.stdout.write(bytes.subarray(i, ++i), () => setTimeout(next, 20));
        })();
      `)
    );
    const ws = await scope.connect(url);

    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.deepStrictEqual(ws.received, ['a😀ü', 'b\ufffd\ufffd', 'last']);
  });

  it('closes with the exit code or the signal', async () => {
    for (const [script, expected] of [
      ['echo a; printf b; exit 0', [1000, '']],
      ['echo a; printf b; exit 3', [1011, 'exit code 3']],
      ['echo a; printf b; kill -9 $$', [1011, 'signal SIGKILL']]
    ]) {
      const { url } = await serve(['--', 'sh', '-c', script]);
      const ws = await scope.connect(url);

      assert.deepStrictEqual(await ws.closed, expected);
      assert.deepStrictEqual(ws.received, ['a', 'b']);
    }
  });

  it('tells when the program cannot be started', async () => {
    const { child, url } = await serve(['--', '/no/such/program']);

    for (let i = 0; i < 3; i++) {
      const ws = await scope.connect(url);

      ws.send('anybody there?');
      assert.deepStrictEqual(await ws.closed, [
        1011,
        'cannot start the program'
      ]);
    }
    await child.stderr.until(
      /^cannot start \/no\/such\/program: spawn \S+ ENOENT\n/m
    );
    assert.strictEqual((await child.stop()).code, 0);
  });

  it('passes the standard error on, without its tricks', async () => {
    const script = 'printf "one\\n\\033[2Jtwo\\r\\n\\303\\274" >&2; echo $$';
    const { child, url } = await serve(['--', 'sh', '-c', script]);
    const ws = await scope.connect(url);

    await ws.closed;

    const [pid] = ws.received;

    await child.stderr.until((text) =>
      text.endsWith(`\n[${pid}] one\n[${pid}] \\x1b[2Jtwo\n[${pid}] ü\n`)
    );
  });

  it('ends the process when the client goes', async () => {
    const { url } = await serve([
      ...['--grace', '60', '--', 'sh', '-c'],
      'sleep 1000 & echo $! $$; wait; sleep 1000'
    ]);

    for (const leave of [(ws) => ws.close(), (ws) => ws.terminate()]) {
      const ws = await scope.connect(url);
      const [pids] = await received(ws, 1);

      leave(ws);
      for (const pid of pids.split(' ')) await gone(Number(pid));
    }
  });

  it('kills what ignores SIGTERM, and its children', async () => {
    const { url } = await serve([
      ...['--grace', '0.3', '--', 'sh', '-c'],
      'trap "" TERM; sh -c "sleep 1000; sleep 1000" & echo $! $$;' +
        'while :; do sleep 1000; done'
    ]);
    const ws = await scope.connect(url);
    const [pids] = await received(ws, 1);
    const start = performance.now();

    ws.close();
    for (const pid of pids.split(' ')) await gone(Number(pid));
    assert.ok(performance.now() - start > 250);
  });

  it('ends what a process leaves behind', async () => {
    const { url } = await serve([
      ...['--grace', '0.2', '--', 'sh', '-c'],
      '(trap "" TERM; while :; do sleep 1000; done) & echo $!'
    ]);
    const ws = await scope.connect(url);
    const [pid] = await received(ws, 1);

    assert.deepStrictEqual(await ws.closed, [1000, '']);
    await gone(Number(pid));
  });

  it('does not wait for what has left the group', async () => {
    const { url } = await serve([
      ...['--grace', '0.2', '--', 'sh', '-c'],
      'setsid sleep 1000 & echo $!'
    ]);
    const ws = await scope.connect(url);
    const [pid] = await received(ws, 1);

    scope.defer(() => runs(pid) && process.kill(pid));
    assert.deepStrictEqual(await ws.closed, [1000, '']);
  });

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    it(`ends everything at ${signal}`, async () => {
      const { child, url } = await serve([
        ...['--grace', '0.3', '--', 'sh', '-c'],
        'case $QUERY_STRING in stubborn) trap "" TERM;; esac; echo $$;' +
          'while :; do sleep 0.05; done'
      ]);
      const all = [
        await scope.connect(url),
        await scope.connect(`${url}?stubborn`)
      ];

      for (const ws of all) await received(ws, 1);

      const { code } = await child.stop(signal);

      assert.strictEqual(code, 0);
      for (const ws of all) {
        assert.deepStrictEqual(await ws.closed, [1001, '']);
        assert.ok(!runs(Number(ws.received[0])));
      }
    });
  }

  it('kills at a second signal', async () => {
    const { child, url } = await serve([
      ...['--grace', '1000', '--', 'sh', '-c'],
      'trap "" TERM; echo $$; while :; do sleep 0.05; done'
    ]);
    const ws = await scope.connect(url);

    await received(ws, 1);
    child.child.kill('SIGINT');
    await ws.closed;

    const { code } = await child.stop('SIGINT');

    assert.strictEqual(code, 0);
    assert.ok(!runs(Number(ws.received[0])));
  });

  it('bounds lines, and messages of the client', async () => {
    const { child, url } = await serve([
      ...['--max-line', '1000', '--', 'sh', '-c'],
      'echo first; read n; head -c $n /dev/zero | tr "\\0" x; sleep 1000'
    ]);

    for (const [message, expected] of [
      ['1001', [1011, 'a line is longer than 1000 bytes']],
      ['9999999', [1011, 'a line is longer than 1000 bytes']],
      ['x'.repeat(1001), [1009, '']]
    ]) {
      const ws = await scope.connect(url);

      await received(ws, 1);
      ws.send(message);
      assert.deepStrictEqual(await ws.closed, expected);
      assert.deepStrictEqual(ws.received, ['first']);
    }
    assert.match(child.stderr.text, /a line is longer than 1000 bytes/);
  });

  it('tells of connections with --verbose', async () => {
    const { child, url } = await serve(['-v', '--', 'sh', '-c', 'echo $$']);
    const ws = await scope.connect(url);

    await ws.closed;
    await child.stderr.until(
      new RegExp(
        `^\\[${ws.received[0]}\\] started for 127.0.0.1 port \\d+\n` +
          `\\[${ws.received[0]}\\] closed: 1000\n`,
        'm'
      )
    );
  });

  it('goes on when nobody reads its log', async () => {
    const { child, url } = await serve(['-v', '--', 'cat']);

    child.child.stderr.destroy();
    for (let i = 0; i < 3; i++) {
      const ws = await scope.connect(url);

      ws.send('still there?');
      await received(ws, 1);
      ws.close();
      await ws.closed;
    }
    assert.strictEqual((await child.stop()).code, 0);
  });

  it('fails when it cannot listen', async () => {
    const { port } = await serve(['--', 'cat']);
    const { code, stderr } = await scope.run([
      ...['exec', '--port', String(port), '--', 'cat']
    ]);

    assert.strictEqual(code, 1);
    assert.match(stderr, /^beastws: listen EADDRINUSE: .*\n$/);
  });

  it('serves 100 connections at once', async () => {
    const { child, url } = await serve(['--compress', '--', 'cat']);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => scope.connect(url))
    );

    for (const [i, ws] of all.entries()) {
      for (let k = 0; k < 20; k++) ws.send(`${i} ${k} ${'x'.repeat(2000)}`);
    }
    for (const [i, ws] of all.entries()) {
      assert.deepStrictEqual(
        await received(ws, 20),
        Array.from({ length: 20 }, (_, k) => `${i} ${k} ${'x'.repeat(2000)}`)
      );
    }

    const { code } = await child.stop();

    assert.strictEqual(code, 0);
    for (const ws of all) assert.strictEqual((await ws.closed)[0], 1001);
  });
});
