'use strict';

const assert = require('assert');
const { once } = require('events');

const { WebSocket } = require('../..');
const { cliScope } = require('./support/open');

describe('beastws exec, asked by clients,', function () {
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

  /**
   * Ask for a connection that is refused.
   *
   * @param {string} url Where
   * @param {Object} [options] Options of the WebSocket
   * @returns {Promise<number>} The status code
   */
  async function refused(url, options) {
    const ws = new WebSocket(url, options);

    ws.on('error', () => {});
    const [request, response] = await once(ws, 'unexpected-response');

    request.destroy();
    return response.statusCode;
  }

  it('has the environment of CGI', async () => {
    const { child, port, url } = await serve(
      ['--path', '/env/', '--pass-environment', 'MINE', '--', 'env'],
      {
        env: {
          HTTP_PROXY: 'http://evil',
          MINE: 'passed',
          NOT_MINE: 'secret',
          REMOTE_ADDR: 'wrong'
        }
      }
    );
    const ws = await scope.connect(`${url}/env/a%20b/%C3%BC?x=1&y=%20`, {
      headers: {
        Authorization: 'Basic secret',
        Host: `example.org:${port}`,
        Proxy: 'http://evil',
        'X-Forwarded-For': '1.2.3.4',
        X_Forwarded_Host: 'evil'
      }
    });
    const { localPort } = ws._socket;

    await ws.closed;

    const env = Object.fromEntries(
      ws.received.map((line) => /^([^=]*)=(.*)$/s.exec(line).slice(1))
    );

    for (const [name, value] of Object.entries({
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_HOST: `example.org:${port}`,
      HTTP_SEC_WEBSOCKET_VERSION: '13',
      HTTP_UPGRADE: 'websocket',
      HTTP_X_FORWARDED_FOR: '1.2.3.4',
      MINE: 'passed',
      PATH: process.env.PATH,
      PATH_INFO: '/a b/ü',
      QUERY_STRING: 'x=1&y=%20',
      REMOTE_ADDR: '127.0.0.1',
      REMOTE_HOST: '127.0.0.1',
      REMOTE_PORT: String(localPort),
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/env/a%20b/%C3%BC?x=1&y=%20',
      SCRIPT_NAME: '/env',
      SERVER_NAME: 'example.org',
      SERVER_PORT: String(port),
      SERVER_PROTOCOL: 'HTTP/1.1'
    })) {
      assert.strictEqual(env[name], value, name);
    }
    assert.match(env.SERVER_SOFTWARE, /^beastws\/\d/);
    for (const name of [
      'HTTP_PROXY',
      'HTTP_AUTHORIZATION',
      'HTTP_X_FORWARDED_HOST',
      'NOT_MINE',
      'NODE_OPTIONS'
    ]) {
      assert.ok(!(name in env), name);
    }
    assert.doesNotMatch(child.stderr.text, /secret/);
  });

  it('serves one path and those below it', async () => {
    const { url } = await serve(['--path', 'here', '--', 'true']);

    for (const target of ['/here', '/here/', '/here/x?y', '/here?x']) {
      const ws = await scope.connect(`${url}${target}`);

      assert.deepStrictEqual(await ws.closed, [1000, '']);
    }
    for (const target of ['/', '/hereby', '/her', '/here/%00', '/here/%ff']) {
      assert.strictEqual(await refused(`${url}${target}`), 404, target);
    }
  });

  it('asks pages where they are from', async () => {
    const open = async (url, origin, headers = {}) => {
      const ws = await scope.connect(url, { origin, headers });

      ws.terminate();
    };
    const { port, url } = await serve(['--', 'cat']);

    await open(url);
    await open(url, `http://127.0.0.1:${port}`);
    await open(url, 'https://example.org', { Host: 'example.org' });
    await open(url, 'https://EXAMPLE.org:443', { Host: 'example.org' });
    for (const origin of [
      'null',
      'http://127.0.0.1',
      `http://127.0.0.1:${port}.evil.example`,
      'https://example.org',
      'file://',
      'nonsense'
    ]) {
      assert.strictEqual(await refused(url, { origin }), 403, origin);
    }

    const listed = await serve([
      ...['--origin', 'https://example.org', '-o', 'null', '--', 'cat']
    ]);

    await open(listed.url, 'https://example.org');
    await open(listed.url, 'null');
    for (const origin of [
      undefined,
      `http://127.0.0.1:${listed.port}`,
      'https://example.org.evil.example',
      'http://example.org'
    ]) {
      assert.strictEqual(await refused(listed.url, { origin }), 403, origin);
    }

    const all = await serve(['--origin', '*', '--', 'cat']);

    await open(all.url, 'https://evil.example');
    await open(all.url);
  });

  it('chooses a subprotocol', async () => {
    const { url } = await serve(['-s', 'b', '-s', 'a', '--', 'cat']);

    for (const [offered, expected] of [
      [['a', 'b'], 'b'],
      [['a'], 'a']
    ]) {
      const ws = scope.socket(new WebSocket(url, offered));

      await once(ws, 'open');
      assert.strictEqual(ws.protocol, expected);
    }
  });

  it('runs so many processes and no more', async () => {
    const { url } = await serve(['--max-processes', '2', '--', 'cat']);
    const first = await scope.connect(url);

    await scope.connect(url);
    assert.strictEqual(await refused(url), 503);
    first.close();
    await first.closed;

    // Its place is free when the process is gone.
    for (;;) {
      const ws = scope.socket(new WebSocket(url));

      ws.on('error', () => {});
      const isOpen = await new Promise((resolve) => {
        ws.on('open', () => resolve(true));
        ws.on('close', () => resolve(false));
      });
      if (isOpen) break;
    }
  });
});
