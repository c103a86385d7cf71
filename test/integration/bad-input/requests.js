'use strict';

const GET = 'GET / HTTP/1.1';
const HOST = 'Host: 127.0.0.1';
const UPGRADE = 'Upgrade: websocket';
const CONNECTION = 'Connection: Upgrade';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';
const GOOD = [GET, HOST, UPGRADE, CONNECTION, KEY, VERSION];

/**
 * The good request with some lines in place of others.
 *
 * @param {Object} changes A line for each line to replace, null to drop it
 * @param {string[]} [more] Lines behind
 * @returns {string[]} The lines
 */
function request(changes, more = []) {
  return GOOD.map((line) => (line in changes ? changes[line] : line))
    .filter((line) => line !== null)
    .concat(more);
}

/**
 * A request that offers extensions to a server that compresses.
 *
 * @param {string} value The header's value
 * @param {Object} [perMessageDeflate] The server's option
 * @returns {Object} The case without its title
 */
function extensions(value, perMessageDeflate = true) {
  return {
    lines: request({}, [`Sec-WebSocket-Extensions: ${value}`]),
    options: { perMessageDeflate }
  };
}

const bits = 'max_window_bits';

/**
 * Each case has the lines of a request, the server's options and what to do
 * with the server before. `body` is sent behind the request's head.
 */
const cases = [
  { title: 'no upgrade at all', lines: [GET, HOST] },
  { title: 'no upgrade, HEAD', lines: ['HEAD /x HTTP/1.1', HOST] },
  {
    title: 'no upgrade, POST with a body',
    lines: ['POST / HTTP/1.1', HOST, 'Content-Length: 3'],
    body: 'abc'
  },
  { title: 'POST', lines: request({ [GET]: 'POST / HTTP/1.1' }) },
  { title: 'OPTIONS', lines: request({ [GET]: 'OPTIONS / HTTP/1.1' }) },
  { title: 'not HTTP', lines: ['hello', 'world'] },
  { title: 'an unknown method', lines: request({ [GET]: 'FOO / HTTP/1.1' }) },
  { title: 'HTTP/1.0', lines: request({ [GET]: 'GET / HTTP/1.0' }) },
  { title: 'no Host', lines: request({ [HOST]: null }) },
  { title: 'no Upgrade header', lines: request({ [UPGRADE]: null }) },
  { title: 'Upgrade: foo', lines: request({ [UPGRADE]: 'Upgrade: foo' }) },
  {
    title: 'Upgrade: websocket, foo',
    lines: request({ [UPGRADE]: 'Upgrade: websocket, foo' })
  },
  {
    title: 'Upgrade: WebSocket',
    lines: request({ [UPGRADE]: 'Upgrade: WebSocket' })
  },
  {
    title: 'Connection: close',
    lines: request({ [CONNECTION]: 'Connection: close' })
  },
  {
    title: 'Connection: keep-alive, Upgrade',
    lines: request({ [CONNECTION]: 'Connection: keep-alive, Upgrade' })
  },
  { title: 'no key', lines: request({ [KEY]: null }) },
  ...[
    '',
    'abc',
    'P5l8BJcZwRc=',
    'dGhlIHNhbXBsZSBub25jZQ=',
    'dGhlIHNhbXBsZSBub25jZQ===',
    'dGhlIHNhbXBsZSBub25j ZQ==',
    'dGhlIHNhbXBsZSBub25jZ!=='
  ].map((key) => ({
    title: `key '${key}'`,
    lines: request({ [KEY]: `Sec-WebSocket-Key: ${key}` })
  })),
  { title: 'two keys', lines: request({}, [KEY]) },
  { title: 'no version', lines: request({ [VERSION]: null }) },
  ...['7', '8', '12', '14', '', 'a', '13, 8', '013', '13.0', ' 13 '].map(
    (version) => ({
      title: `version '${version}'`,
      lines: request({ [VERSION]: `Sec-WebSocket-Version: ${version}` })
    })
  ),
  {
    title: 'all of it wrong',
    lines: ['POST / HTTP/1.1', HOST, 'Upgrade: x', CONNECTION]
  },
  ...['/a', '/a?b=c', '/a/', '/A', '/', '/ab', '/a#b', '//a'].map((path) => ({
    title: `path ${path} at a server for /a`,
    lines: request({ [GET]: `GET ${path} HTTP/1.1` }),
    options: { path: '/a' }
  })),
  ...[
    'a',
    'b, a',
    'a,b',
    'a, a',
    'a;b',
    'a b',
    '"a"',
    '',
    ',',
    'a,',
    ',a',
    'ä',
    ' a '
  ].map((protocol) => ({
    title: `subprotocols '${protocol}'`,
    lines: request({}, [`Sec-WebSocket-Protocol: ${protocol}`])
  })),
  ...['x', '', undefined, false].map((chosen) => ({
    title: `handleProtocols that returns ${JSON.stringify(chosen)}`,
    lines: request({}, ['Sec-WebSocket-Protocol: a, b']),
    options: { handleProtocols: () => chosen }
  })),
  {
    title: 'bad extensions without compression',
    lines: request({}, ['Sec-WebSocket-Extensions: ;;;'])
  },
  ...[
    '',
    ';',
    'foo',
    'foo, permessage-deflate',
    'permessage-deflate',
    'permessage-deflate;',
    'permessage-deflate; foo',
    'permessage-deflate; foo=1, permessage-deflate',
    'permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
    `permessage-deflate; server_${bits}`,
    `permessage-deflate; server_${bits}=7`,
    `permessage-deflate; server_${bits}=8`,
    `permessage-deflate; server_${bits}=015`,
    `permessage-deflate; server_${bits}="10"`,
    `permessage-deflate; server_${bits}=16`,
    `permessage-deflate; server_${bits}=foo`,
    `permessage-deflate; client_${bits}`,
    `permessage-deflate; client_${bits}=9`,
    `permessage-deflate; client_${bits}=16, permessage-deflate`,
    `permessage-deflate; client_${bits}=; foo`,
    'permessage-deflate; "quoted"',
    'permessage-deflate, permessage-deflate; server_no_context_takeover'
  ].map((value) => ({ title: `extensions '${value}'`, ...extensions(value) })),
  ...[
    ['permessage-deflate', { clientMaxWindowBits: 10 }],
    [`permessage-deflate; client_${bits}`, { clientMaxWindowBits: 10 }],
    [`permessage-deflate; client_${bits}=9`, { clientMaxWindowBits: 10 }],
    [`permessage-deflate; client_${bits}=12`, { clientMaxWindowBits: 10 }],
    [`permessage-deflate; client_${bits}=12`, { clientMaxWindowBits: false }],
    [`permessage-deflate; server_${bits}=12`, { serverMaxWindowBits: 10 }],
    [`permessage-deflate; server_${bits}=9`, { serverMaxWindowBits: 10 }],
    [`permessage-deflate; server_${bits}=9`, { serverMaxWindowBits: false }],
    [
      'permessage-deflate; server_no_context_takeover',
      { serverNoContextTakeover: false }
    ],
    [
      'permessage-deflate; client_no_context_takeover',
      { clientNoContextTakeover: false }
    ],
    ['permessage-deflate', { clientNoContextTakeover: true }],
    ['permessage-deflate', { serverMaxWindowBits: 8 }]
  ].map(([value, option]) => ({
    title: `'${value}' at ${JSON.stringify(option)}`,
    ...extensions(value, option)
  })),
  {
    title: 'verifyClient that returns false',
    lines: GOOD,
    options: { verifyClient: () => false }
  },
  {
    title: 'verifyClient that returns a truthy value',
    lines: request({}, ['Origin: http://example.com']),
    options: { verifyClient: ({ origin }) => origin }
  },
  {
    title: 'verifyClient that reads the origin of version 8',
    lines: request({ [VERSION]: 'Sec-WebSocket-Version: 8' }, [
      'Sec-WebSocket-Origin: http://example.com'
    ]),
    options: { verifyClient: ({ origin }) => origin === 'http://example.com' }
  },
  ...[
    [],
    [404],
    [403, 'go away'],
    [403, 'ümläut'],
    [302, '', { Location: '/x', 'X-Two': '2', Connection: 'x' }],
    [418]
  ].map((reply) => ({
    title: `verifyClient that refuses with ${JSON.stringify(reply)}`,
    lines: GOOD,
    options: {
      verifyClient: (info, callback) => setImmediate(callback, false, ...reply)
    }
  })),
  {
    title: 'verifyClient that accepts later',
    lines: GOOD,
    options: {
      verifyClient: (info, callback) => setImmediate(callback, true)
    }
  },
  {
    title: 'shouldHandle() that returns false',
    lines: GOOD,
    prepare: (wss) => {
      wss.shouldHandle = () => false;
    }
  },
  {
    title: "a listener of 'headers' that changes them",
    lines: GOOD,
    prepare: (wss) => {
      wss.on('headers', (headers, req) => {
        headers[0] = 'HTTP/1.1 101 Why not';
        headers.push(`X-Path: ${req.url}`);
      });
    }
  },
  ...[
    { [GET]: 'POST / HTTP/1.1' },
    { [UPGRADE]: 'Upgrade: foo' },
    { [KEY]: null },
    { [VERSION]: 'Sec-WebSocket-Version: 1' }
  ].map((change) => ({
    title: `'wsClientError' for ${JSON.stringify(change)}`,
    lines: request(change),
    prepare: (wss, log) => {
      wss.on('wsClientError', (err, socket, req) => {
        log.add(`wsClientError ${err.name} ${err.message} ${req.url}`);
        socket.end('HTTP/1.1 400 Mine\r\nContent-Length: 0\r\n\r\n');
      });
    }
  })),
  {
    title: "'wsClientError' for subprotocols",
    lines: request({}, ['Sec-WebSocket-Protocol: a;b']),
    prepare: (wss, log) => {
      wss.on('wsClientError', (err, socket) => {
        log.add(`wsClientError ${err.name} ${err.message}`);
        socket.end();
      });
    }
  },
  {
    title: "no 'wsClientError' for a wrong path",
    lines: GOOD,
    options: { path: '/a' },
    prepare: (wss, log) => {
      wss.on('wsClientError', () => log.add('wsClientError'));
    }
  }
];

module.exports = cases;
