'use strict';

const { response } = require('../handshake');
const { playClient } = require('../handshake-runner');

const UPGRADE = 'Invalid Upgrade header';
const ACCEPT = 'Invalid Sec-WebSocket-Accept header';

/** Failures whose text is that of Node's HTTP parser. */
const ANY_ERROR = /^error /;

const asked = [
  { name: 'the request', asks: {} },
  {
    name: 'the path and query of the URL are the request target',
    target: '/chat/room%201?x=1&y=%20',
    asks: { line: 'GET /chat/room%201?x=1&y=%20 HTTP/1.1' }
  },
  {
    name: 'a query without a path',
    target: '/?q',
    asks: { line: 'GET /?q HTTP/1.1' }
  },
  {
    name: 'an empty path is /',
    target: '',
    asks: { line: 'GET / HTTP/1.1' }
  },
  {
    name: 'the option origin',
    options: { origin: 'http://example.com' },
    asks: { origin: 'http://example.com' }
  },
  { name: 'no Origin without the option', asks: { origin: undefined } },
  {
    name: 'version 8 and its header for the origin',
    options: { protocolVersion: 8, origin: 'http://example.com' },
    asks: {
      'sec-websocket-version': '8',
      'sec-websocket-origin': 'http://example.com',
      origin: undefined
    }
  },
  {
    name: 'the headers of the handshake cannot be replaced by an option',
    options: {
      headers: {
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'Sec-WebSocket-Version': '7',
        Connection: 'close',
        Upgrade: 'none',
        'X-Any': 'x'
      }
    },
    asks: {
      'x-any': 'x',
      'sec-websocket-key': /^(?!AAAA)[+/0-9A-Za-z]{22}==$/
    }
  },
  {
    name: 'user name and password of the URL are not in the request target',
    options: { auth: 'user:secret' },
    asks: { authorization: 'Basic dXNlcjpzZWNyZXQ=' }
  }
].map((testCase) => ({ rfc: '6455 4.1', opens: {}, ...testCase }));

const subprotocols = [
  {
    name: 'no subprotocol is asked for by default',
    opens: { protocol: '' },
    asks: { 'sec-websocket-protocol': undefined }
  },
  {
    name: 'subprotocols are asked for in order, one is chosen',
    protocols: ['chat', 'superchat'],
    asks: { 'sec-websocket-protocol': 'chat,superchat' },
    response: { headers: { 'Sec-WebSocket-Protocol': 'superchat' } },
    opens: { protocol: 'superchat' }
  },
  {
    name: 'a subprotocol without a request',
    response: { headers: { 'Sec-WebSocket-Protocol': 'chat' } },
    fails: 'Server sent a subprotocol but none was requested'
  },
  {
    name: 'an empty subprotocol without a request',
    response: { headers: { 'Sec-WebSocket-Protocol': '' } },
    fails: 'Server sent a subprotocol but none was requested'
  },
  {
    name: 'another subprotocol than those requested',
    protocols: ['chat'],
    response: { headers: { 'Sec-WebSocket-Protocol': 'other' } },
    fails: 'Server sent an invalid subprotocol'
  },
  {
    name: 'a subprotocol in other letters',
    protocols: ['chat'],
    response: { headers: { 'Sec-WebSocket-Protocol': 'Chat' } },
    fails: 'Server sent an invalid subprotocol'
  },
  {
    name: 'two subprotocols',
    protocols: ['a', 'b'],
    response: { headers: { 'Sec-WebSocket-Protocol': 'a, b' } },
    fails: 'Server sent an invalid subprotocol'
  },
  {
    name: 'two headers with subprotocols',
    protocols: ['a', 'b'],
    response: { headers: { 'Sec-WebSocket-Protocol': ['a', 'b'] } },
    fails: 'Server sent an invalid subprotocol'
  },
  {
    name: 'none of the requested subprotocols',
    protocols: ['chat'],
    fails: 'Server sent no subprotocol'
  },
  {
    name: 'an empty subprotocol for a request',
    protocols: ['chat'],
    response: { headers: { 'Sec-WebSocket-Protocol': '' } },
    fails: 'Server sent an invalid subprotocol'
  }
].map((testCase) => ({ rfc: '6455 4.1', ...testCase }));

const accepted = [
  ['Upgrade in other letters', { headers: { Upgrade: 'WebSocket' } }],
  ['Connection in other letters', { headers: { Connection: 'UPGRADE' } }],
  [
    'Connection with further tokens',
    { headers: { Connection: 'keep-alive, Upgrade' } }
  ],
  ['another text behind 101', { status: '101 Web Socket Protocol Handshake' }],
  ['unknown headers', { headers: { 'X-Any': ['1', '2'], Server: 'x' } }],
  ['cookies', { headers: { 'Set-Cookie': ['a=b', 'c=d'] } }]
].map(([what, differing]) => ({
  rfc: '6455 4.1',
  name: `${what}: accepted`,
  response: differing,
  opens: {}
}));

const refused = [
  ['no Upgrade', { headers: { Upgrade: null } }, ANY_ERROR],
  ['another protocol in Upgrade', { headers: { Upgrade: 'h2c' } }, UPGRADE],
  [
    'two protocols in Upgrade',
    { headers: { Upgrade: 'websocket, h2c' } },
    UPGRADE
  ],
  ['no Connection', { headers: { Connection: null } }, ANY_ERROR],
  ['Connection: close', { headers: { Connection: 'close' } }, ANY_ERROR],
  ['no accept value', { headers: { 'Sec-WebSocket-Accept': null } }, ACCEPT],
  [
    'an empty accept value',
    { headers: { 'Sec-WebSocket-Accept': '' } },
    ACCEPT
  ],
  [
    'the accept value of another key',
    { headers: { 'Sec-WebSocket-Accept': 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' } },
    ACCEPT
  ],
  ...[200, 201, 204, 301, 302, 304, 400, 401, 403, 404, 426, 500, 503].map(
    (status) => [
      `status ${status}`,
      { status: `${status} Some Text` },
      `Unexpected server response: ${status}`
    ]
  )
].map(([what, differing, fails]) => ({
  rfc: '6455 4.1',
  name: `${what}: refused`,
  response: differing,
  fails
}));

const bytes = [
  {
    name: 'the accept value in other letters: refused',
    bytes: (key) => {
      const [first, ...lines] = response(key).toString().split('\r\n');
      return Buffer.from(
        [
          first,
          ...lines.map((line) =>
            line.startsWith('Sec-WebSocket-Accept') ? line.toLowerCase() : line
          )
        ].join('\r\n')
      );
    },
    fails: ACCEPT
  },
  {
    name: 'the accept value twice: refused',
    bytes: (key) => {
      const text = response(key).toString();
      const [line] = /Sec-WebSocket-Accept.*\r\n/.exec(text);
      return Buffer.from(text.replace(line, line + line));
    },
    fails: ACCEPT
  },
  {
    name: 'bytes that are not HTTP: refused',
    bytes: () => Buffer.from('\x81\x05Hello\r\n\r\n', 'latin1'),
    fails: /^error Error HPE_/
  },
  {
    name: 'the key itself as the accept value: refused',
    bytes: (key) => response(key, { headers: { 'Sec-WebSocket-Accept': key } }),
    fails: ACCEPT
  },
  {
    name: 'the response byte by byte',
    delivery: 'bytes',
    opens: {}
  },
  ...[1, 2, 3, 4].map((seed) => ({
    name: `the response in random pieces, seed ${seed}`,
    response: { headers: { 'X-Long': 'x'.repeat(2000) } },
    delivery: { random: seed },
    opens: {}
  }))
].map((testCase) => ({ rfc: '6455 4.1', ...testCase }));

module.exports = {
  title: 'opening handshake',
  play: playClient,
  cases: [...asked, ...subprotocols, ...accepted, ...refused, ...bytes].map(
    (testCase) => ({ roles: ['client'], ...testCase })
  )
};
