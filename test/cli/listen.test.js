'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const path = require('path');
const { WebSocket: WsSocket } = require('ws');

const { WebSocket } = require('../..');
const { cliScope, received } = require('./support/open');

const FIXTURES = path.join(__dirname, '../integration/fixtures');

describe('beastws listen', function () {
  this.timeout(60000);

  const scope = cliScope();

  for (const args of [[], ['--native']]) {
    describe(['with', ...args, 'defaults'].join(' '), () => {
      it('prints what comes from whom', async () => {
        const { child, url } = await scope.serve(['listen', ...args, '0']);
        const one = await scope.connect(`${url}/one`);
        const two = await scope.connect(`${url}/two?x`);

        one.send('hello');
        await child.stdout.until(/^#1 < hello\n$/);
        two.send('a\nb\x1b[2J');
        await child.stdout.until(/\n#2 < a\n {5}b\\x1b\[2J\n$/);
        two.send(Buffer.alloc(30, 'x'));
        await child.stdout.until(
          /\n#2 < \(binary, 30 bytes\)( 78){24} \.\.\.\n$/
        );
        one.close(4000, 'bye');
        await child.stderr.until(
          /^#1 connected from 127\.0\.0\.1:\d+ to \/one\n#2 connected from 127\.0\.0\.1:\d+ to \/two\?x\n#1 closed: 4000 bye\n$/m
        );
      });

      it('sends its input to all, and goes on at its end', async () => {
        const { child, url } = await scope.serve(['listen', ...args, '0']);
        const all = [await scope.connect(url), await scope.connect(url)];

        child.stdin.write('one\n/two\n');
        for (const ws of all) {
          assert.deepStrictEqual(await received(ws, 2), ['one', '/two']);
        }
        child.stdin.end('three');
        for (const ws of all) {
          assert.deepStrictEqual((await received(ws, 3))[2], 'three');
        }

        const late = await scope.connect(url);

        late.send('still there?');
        await child.stdout.until(/^#3 < still there\?\n$/);
      });

      it('echoes', async () => {
        const { child, url } = await scope.serve([
          ...['listen', '--echo', '--compress', ...args, '0']
        ]);

        for (const Class of [WebSocket, WsSocket]) {
          const ws = scope.socket(new Class(url));

          await once(ws, 'open');
          assert.strictEqual(ws.extensions, 'permessage-deflate');
          for (const data of ['text 😀', Buffer.from([1, 2, 3])]) {
            ws.send(data);

            const [echo, isBinary] = await once(ws, 'message');

            assert.deepStrictEqual(isBinary ? echo : `${echo}`, data);
          }
        }
        await child.stdout.until(/^#1 < text 😀\n/);
      });

      it('takes subprotocols and a path', async () => {
        const { url } = await scope.serve([
          ...['listen', '-s', 'b', '-s', 'c', '--path', '/p', ...args, '0']
        ]);
        const ws = scope.socket(new WebSocket(`${url}/p`, ['a', 'c', 'b']));

        await once(ws, 'open');
        assert.strictEqual(ws.protocol, 'b');

        const wrong = new WebSocket(`${url}/q`);
        const [err] = await once(wrong, 'error');

        assert.match(err.message, /Unexpected server response: 40[04]/);
      });

      it('ends at a signal', async () => {
        const { child, url } = await scope.serve(['listen', ...args, '0']);
        const ws = await scope.connect(url);
        const { code } = await child.stop('SIGINT');

        assert.deepStrictEqual(await ws.closed, [1001, '']);
        assert.strictEqual(code, 0);
      });

      it('does not wait for ever for a client', async () => {
        const { child, url } = await scope.serve(['listen', ...args, '0']);
        const ws = await scope.connect(url);

        ws.pause();
        assert.strictEqual((await child.stop('SIGTERM')).code, 0);
      });

      it('fails where it cannot listen', async () => {
        const { port } = await scope.serve(['listen', ...args, '0']);
        const { code, stderr } = await scope.run([
          ...['listen', ...args, String(port)]
        ]);

        assert.strictEqual(code, 1);
        assert.match(stderr, /^beastws: .*EADDRINUSE.*\n$/);
      });
    });
  }

  it('takes bytes with --binary', async () => {
    const { child, url } = await scope.serve(['listen', '-b', '0']);
    const ws = await scope.connect(url);

    child.stdin.write('00 ff\nnope\n');
    assert.deepStrictEqual(await received(ws, 1), [Buffer.from([0, 255])]);
    await child.stderr.until(/^not bytes in hexadecimal/m);
  });

  it('speaks TLS', async () => {
    const { child, port } = await scope.serve([
      ...['listen', '--cert', path.join(FIXTURES, 'server-certificate.pem')],
      ...['--key', path.join(FIXTURES, 'server-key.pem'), '--echo', '0']
    ]);
    const ca = fs.readFileSync(
      path.join(FIXTURES, 'authority-certificate.pem')
    );

    await child.stderr.until(/^Listening on wss:/);

    const ws = await scope.connect(`wss://localhost:${port}`, { ca });

    ws.send('secret');
    assert.deepStrictEqual(await received(ws, 1), ['secret']);
  });

  it('answers other requests with 426', async () => {
    const { port } = await scope.serve(['listen', '0']);
    const [response] = await once(
      http.get({ agent: false, host: '127.0.0.1', port }),
      'response'
    );

    response.resume();
    assert.strictEqual(response.statusCode, 426);
  });

  it('refuses options that do not go together', async () => {
    const { code, stderr } = await scope.run([
      ...['listen', '--native', '0'],
      ...['--cert', path.join(FIXTURES, 'server-certificate.pem')],
      ...['--key', path.join(FIXTURES, 'server-key.pem')]
    ]);

    assert.strictEqual(code, 2);
    assert.match(stderr, /--native and --cert exclude each other/);
  });
});
