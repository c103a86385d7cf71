'use strict';

const assert = require('assert');
const { WebSocketServer: WsServer } = require('ws');

const { WebSocketServer } = require('../..');
const { cliScope } = require('./support/open');

/**
 * Sends back everything.
 *
 * @param {WebSocket} ws The websocket
 */
function echo(ws) {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

describe('beastws connect', function () {
  this.timeout(60000);

  const scope = cliScope();

  for (const [name, Server] of [
    ['this package', WebSocketServer],
    ['ws', WsServer]
  ]) {
    describe(`with a server of ${name}`, () => {
      it('sends the lines of a pipe and prints the answers', async () => {
        const { url } = await scope.listen(echo, {}, Server);
        const lines = [
          'first',
          '',
          'größer 😀',
          '/ping',
          '//',
          'a\u2028b',
          ' '
        ];
        const input = `${lines.join('\n')}\nlast`;
        const count = String(lines.length + 1);
        const { code, stdout, stderr } = await scope.run(
          ['connect', url, '-m', count],
          { input }
        );

        assert.strictEqual(stdout, `${input}\n`);
        assert.strictEqual(stderr, '');
        assert.strictEqual(code, 0);
      });

      it('compresses', async () => {
        const text = 'compress me '.repeat(1000);

        for (const [args, enabled, expected] of [
          [[], true, 'permessage-deflate'],
          [['--compress'], true, 'permessage-deflate'],
          [['--no-compress'], true, ''],
          [[], false, '']
        ]) {
          let extensions;
          const { url } = await scope.listen(
            (ws) => {
              ({ extensions } = ws);
              echo(ws);
            },
            { perMessageDeflate: enabled },
            Server
          );
          const { stdout } = await scope.run(
            ['connect', url, '-m', '1', ...args],
            { input: text }
          );

          assert.strictEqual(stdout, `${text}\n`);
          assert.strictEqual(extensions, expected);
        }
      });
    });
  }

  it('drops carriage returns at ends of lines only', async () => {
    const { url } = await scope.listen(echo);
    const { stdout } = await scope.run(['connect', url, '-m', '2'], {
      input: 'a\rb\r\nc\r\n'
    });

    assert.strictEqual(stdout, 'a\rb\nc\n');
  });

  it('prints what comes between the end of the input and the close', async () => {
    const { url } = await scope.listen((ws) => {
      ws.on('message', (data) => {
        for (let i = 0; i < 1000; i++) ws.send(`${data} ${i}`);
      });
    });
    const { code, stdout } = await scope.run(['connect', url, '-w', '0'], {
      input: 'x'
    });

    assert.strictEqual(code, 0);
    assert.strictEqual(
      stdout,
      Array.from({ length: 1000 }, (_, i) => `x ${i}\n`).join('')
    );
  });

  it('waits for answers, and with -1 for the server', async () => {
    const { url } = await scope.listen((ws) => {
      ws.on('message', (data) => {
        setTimeout(() => {
          ws.send(data.toString());
          ws.close(1000);
        }, 500);
      });
    });

    for (const args of [['-w', '-1'], ['--wait=-1'], ['--wait', '9'], []]) {
      const { code, stdout } = await scope.run(
        ['connect', url, ...args, '-x', 'late'],
        { input: null }
      );

      assert.strictEqual(stdout, 'late\n', `${args}`);
      assert.strictEqual(code, 0);
    }

    const { stdout } = await scope.run(['connect', url, '-w', '0.05'], {
      input: 'late'
    });

    assert.strictEqual(stdout, '');
  });

  it('sends each -x, leaves the input alone, and stops by -m', async () => {
    const { url } = await scope.listen(echo);
    const { code, stdout } = await scope.run(
      ['connect', url, '-x', 'one', '--execute', '', '-x', '/two', '-m', '3'],
      { input: null }
    );

    assert.strictEqual(stdout, 'one\n\n/two\n');
    assert.strictEqual(code, 0);
  });

  it('carries binary messages in hexadecimal', async () => {
    const { url } = await scope.listen(echo);
    const line = [...'0123456789abcdef'].map((c) => `4${c}`).join(' ');
    const dump = await scope.run(['connect', url, '--binary', '-m', '3'], {
      input: `${line} ff\n\n0x00:01,0D\n`
    });

    assert.strictEqual(
      dump.stdout,
      '00000000  40 41 42 43 44 45 46 47  48 49 4a 4b 4c 4d 4e 4f  ' +
        '|@ABCDEFGHIJKLMNO|\n' +
        `00000010  ff${' '.repeat(48)}|.|\n` +
        '\n' +
        `00000000  00 01 0d${' '.repeat(42)}|...|\n`
    );

    const plain = await scope.run(['connect', url, '--slash', '-m', '2'], {
      input: '/binary de ad be ef\n//binary\n'
    });

    assert.strictEqual(plain.stdout, 'deadbeef\n/binary\n');

    const wrong = await scope.run(['connect', url, '-b', '-w', '0'], {
      input: 'abc\n'
    });

    assert.strictEqual(wrong.code, 1);
    assert.match(wrong.stderr, /^not bytes in hexadecimal/);
  });

  it('obeys slash commands in a pipe only with --slash', async () => {
    const seen = [];
    const { url } = await scope.listen((ws) => {
      ws.on('ping', (data) => seen.push(`ping ${data}`));
      ws.on('pong', (data) => seen.push(`pong ${data}`));
      ws.on('message', (data) => seen.push(`${data}`));
      ws.on('close', (code, reason) => seen.push(`${code} ${reason}`));
    });
    const { code, stderr } = await scope.run(
      ['connect', url, '--slash', '-w', '-1'],
      { input: '/pong a b\n/ping c\ntext\n/close 4321 so long\nlost\n' }
    );

    assert.strictEqual(code, 0);
    assert.match(stderr, /^(pong c after [\d.]+ ms\n)?$/);
    assert.deepStrictEqual(seen, [
      'pong a b',
      'ping c',
      'text',
      '4321 so long'
    ]);

    for (const [input, message] of [
      ['/nope', /unknown command '\/nope'/],
      ['/toString', /unknown command/],
      ['/close soon', /the code of \/close is a number/],
      ['/close 1005', /valid error code/],
      [`/close 1000 ${'x'.repeat(124)}`, /123/],
      [`/ping ${'x'.repeat(126)}`, /125/]
    ]) {
      const wrong = await scope.run(['connect', url, '--slash'], { input });

      assert.strictEqual(wrong.code, 1, input);
      assert.match(wrong.stderr, message);
    }
  });

  it('ends with 1 when the server does not close normally', async () => {
    for (const [end, expected, message] of [
      [(ws) => ws.close(), 0, ''],
      [(ws) => ws.close(1000, 'bye'), 0, ''],
      [
        (ws) => ws.close(4000, '\x9b31mno'),
        1,
        'Closed by the server: 4000 \\x9b31mno\n'
      ],
      [(ws) => ws.close(1001), 1, 'Closed by the server: 1001\n'],
      [(ws) => ws.terminate(), 1, 'Closed by the server: 1006\n'],
      [
        (ws) => ws._socket.write(Buffer.from([0xff, 0])),
        1,
        /^Invalid WebSocket frame: RSV2 and RSV3 must be clear\n$/
      ]
    ]) {
      // Text behind the socket's back needs a socket of Node's.
      const { url } = await scope.listen(end, { ioThread: false });
      const { code, stderr } = await scope.run(['connect', url], {
        input: null
      });

      if (typeof message === 'string') assert.strictEqual(stderr, message);
      else assert.match(stderr, message);
      assert.strictEqual(code, expected);
    }
  });

  it('closes at a signal', async () => {
    for (const [signal, expected] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129]
    ]) {
      const { url } = await scope.listen((ws) => ws.send('hello'));
      const child = scope.start(['connect', url], { input: null });

      await child.stdout.until(/hello/);

      const { code } = await child.stop(signal);

      assert.strictEqual(code, expected);
    }
  });

  it('gives up at a second signal', async () => {
    const { url } = await scope.listen((ws) => {
      ws.send('hello');
      // Its close frame is not read.
      ws.pause();
    });
    const child = scope.start(['connect', '-v', url], { input: null });

    await child.stdout.until(/hello/);
    child.child.kill('SIGINT');
    child.child.kill('SIGTERM');

    const { code } = await child.end();

    assert.ok([130, 143].includes(code));
  });

  it('sends pings, and gives up without an answer', async () => {
    let pings = 0;
    const { url } = await scope.listen(
      (ws, { url: target }) => {
        ws.on('ping', (data) => {
          if (target === '/mute') return;
          if (++pings === 3) ws.close(1000);
          ws.pong(data);
        });
      },
      { autoPong: false }
    );
    const args = ['--ping', '0.5', '-w', '-1'];
    const alive = await scope.run(['connect', `${url}/`, ...args]);

    assert.strictEqual(alive.code, 0);
    assert.strictEqual(pings, 3);

    const mute = await scope.run(['connect', `${url}/mute`, ...args]);

    assert.strictEqual(mute.code, 1);
    assert.strictEqual(mute.stderr, 'No answer to a ping within 0.5 s\n');
  });

  it('takes --ping without a number', async () => {
    const { url } = await scope.listen(echo);
    const { code } = await scope.run([
      'connect',
      ...['--ping', url, '-x', 'x', '-m', '1']
    ]);

    assert.strictEqual(code, 0);
  });

  it('passes 30 MB on to a slow server, and back', async () => {
    let bytes = 0;
    let messages = 0;
    const { url } = await scope.listen((ws) => {
      ws.on('message', (data) => {
        bytes += data.length;
        ws.send(data.toString());
        if (++messages % 200 !== 0) return;
        ws.pause();
        setTimeout(() => ws.resume(), 10);
      });
    });
    const count = 3000;
    const input = Array.from({ length: count }, (_, i) =>
      `${i} `.padEnd(10000, 'x')
    ).join('\n');
    const { code, stdout } = await scope.run(
      ['connect', url, '-m', String(count)],
      { input }
    );

    assert.strictEqual(code, 0);
    assert.strictEqual(bytes, count * 10000);
    assert.ok(stdout === `${input}\n`);
  });

  it('ends when nobody reads its output', async () => {
    const { url } = await scope.listen((ws) => {
      const timer = setInterval(() => ws.send('x'.repeat(1000)), 5);

      ws.on('close', () => clearInterval(timer));
    });
    const child = scope.start(['connect', url], { input: null });

    await child.stdout.until(/x/);
    child.child.stdout.destroy();

    const { code } = await child.end();

    assert.strictEqual(code, 0);
  });
});
