'use strict';

const assert = require('assert');
const { once } = require('events');

const requests = require('../integration/bad-input/requests');
const { runRequest } = require('../integration/bad-input/run');
const { rawConnect } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { http, native, theirs } = require('./support/parties');

const GOOD = [
  'Host: 127.0.0.1',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
];

describe('Requests to a native listener', () => {
  describe('are answered as ws answers them', () => {
    for (const example of requests) {
      it(example.title, async () => {
        assert.deepStrictEqual(
          await runRequest(native, example),
          await runRequest(theirs, example)
        );
      });
    }
  });

  describe('look as if http had read them', () => {
    const scope = useScope();

    /**
     * Send a request and look at what 'connection' listeners get.
     *
     * @param {Party} party Which server
     * @param {string[]} lines The request's lines
     * @returns {Promise<Object>} What a listener can see of the request
     */
    async function look(party, lines) {
      const wss = await scope.listen(party);
      const peer = await rawConnect(wss);

      scope.stream(peer.socket);
      peer.socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));

      const [ws, req] = await once(wss, 'connection');

      assert.strictEqual(req.socket, ws._socket);
      assert.strictEqual(req.connection, ws._socket);
      return {
        complete: req.complete,
        headers: { ...req.headers },
        distinct: { ...req.headersDistinct },
        httpVersion: req.httpVersion,
        major: req.httpVersionMajor,
        method: req.method,
        minor: req.httpVersionMinor,
        rawHeaders: req.rawHeaders,
        rawTrailers: req.rawTrailers,
        upgrade: req.upgrade,
        url: req.url
      };
    }

    const cases = {
      'a plain one': ['GET /a/b?c=d HTTP/1.1', ...GOOD],
      'HTTP/1.0': ['GET / HTTP/1.0', ...GOOD],
      'repeated fields of all kinds': [
        'GET / HTTP/1.1',
        'X-Many: 1',
        'Cookie: a=1',
        'Set-Cookie: x',
        ...GOOD,
        'x-many: 2',
        'COOKIE: b=2',
        'set-cookie: y',
        'User-Agent: first',
        'User-Agent: second',
        'Sec-WebSocket-Protocol: a',
        'Sec-WebSocket-Protocol: b',
        '__proto__: own',
        'constructor: c'
      ],
      'white space, empty and odd values': [
        'GET //x/../%C3%A4?a#b HTTP/1.1',
        ...GOOD,
        'X-Empty:',
        'X-Space:   a  b\t ',
        'X-Latin: \u00e4\u00f6\u00ff',
        'X-Colon: a:b: c',
        "X!#$%&'*+-.^_`|~9: token"
      ],
      'an absolute target': ['GET http://example.com/x HTTP/1.1', ...GOOD]
    };

    for (const [title, lines] of Object.entries(cases)) {
      it(title, async () => {
        assert.deepStrictEqual(await look(native, lines), {
          ...(await look(http, lines))
        });
      });
    }
  });

  describe('in pieces and in a row', () => {
    const scope = useScope();

    it('reads a request that comes byte by byte', async () => {
      const wss = await scope.listen(native);
      const peer = await rawConnect(wss);
      const connection = once(wss, 'connection');

      scope.stream(peer.socket);
      for (const byte of Buffer.from(
        `GET /slow HTTP/1.1\r\n${GOOD.join('\r\n')}\r\n\r\n`
      )) {
        await peer.write([byte]);
      }

      const [, req] = await connection;

      assert.strictEqual(req.url, '/slow');
      assert.strictEqual(req.headers.host, '127.0.0.1');
    });

    it('answers several plain requests, then upgrades', async () => {
      const wss = await scope.listen(native);
      const peer = await rawConnect(wss);
      const plain = 'GET /x HTTP/1.1\r\nHost: a\r\n\r\n';
      const body =
        'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 26\r\n\r\n' +
        'GET /no HTTP/1.1\r\nHost: a\r\n';
      const connection = once(wss, 'connection');

      scope.stream(peer.socket);
      peer.write(
        `${plain}\r\n${body}${plain}`,
        `GET /up HTTP/1.1\r\n${GOOD.join('\r\n')}\r\n\r\n`
      );

      const [, req] = await connection;

      assert.strictEqual(req.url, '/up');
      await peer.until(() => `${peer.received}`.includes(' 101 '));
      assert.strictEqual(`${peer.received}`.split('HTTP/1.1 426').length, 4);
    });

    it('goes on with a connection that waited', async () => {
      const wss = await scope.listen(native);
      const peer = await rawConnect(wss);
      const connection = once(wss, 'connection');

      scope.stream(peer.socket);
      peer.write('HEAD / HTTP/1.1\r\nHost: a\r\n\r\n');
      await peer.until(() => peer.head !== null);
      assert.strictEqual(peer.body.length, 0);
      peer.write(`GET /up HTTP/1.1\r\n${GOOD.join('\r\n')}\r\n\r\n`);
      await connection;
    });
  });

  describe('that are malformed', () => {
    const scope = useScope();

    /**
     * Send bytes, and wait until the server is through with the connection.
     *
     * @param {Party} party Which server
     * @param {string} bytes What to send, as Latin-1
     * @returns {Promise<string>} What came back
     */
    async function answer(party, bytes) {
      const wss = await scope.listen(party);
      const peer = await rawConnect(wss);

      scope.stream(peer.socket);
      peer.socket.write(Buffer.from(bytes, 'latin1'));
      await peer.untilEnd();
      return `${peer.received}`;
    }

    const cases = {
      'no HTTP': 'hello\r\n\r\n',
      'no HTTP, without an end': 'hello',
      'a TLS hello': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'a bad version': 'GET / HTTP/3.1\r\nHost: a\r\n\r\n',
      'a bad first line alone': 'GET  HTTP/1.1\r\n',
      'a bad name': 'GET / HTTP/1.1\r\nHo st: a\r\n\r\n',
      'a bad value': 'GET / HTTP/1.1\r\nHost: a\x00b\r\n\r\n',
      'two lengths':
        'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n' +
        'Content-Length: 2\r\n\r\n',
      'a head that is too large': `GET / HTTP/1.1\r\nA: ${'a'.repeat(20000)}`,
      'a target that is too long': `GET /${'a'.repeat(20000)}`
    };

    for (const [title, bytes] of Object.entries(cases)) {
      it(title, async () => {
        assert.strictEqual(
          await answer(native, bytes),
          await answer(http, bytes)
        );
      });
    }

    it('too many fields', async () => {
      assert.match(
        await answer(native, `GET / HTTP/1.1\r\n${'a:\r\n'.repeat(2001)}\r\n`),
        /^HTTP\/1\.1 431 /
      );
    });

    it('CONNECT is not answered at all', async () => {
      const bytes = 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n';

      assert.strictEqual(await answer(native, bytes), '');
    });
  });
});
