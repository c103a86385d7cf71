'use strict';

const { KEY, request } = require('../handshake');
const { playServer } = require('../handshake-runner');

const KEY_HEADER = 'Missing or invalid Sec-WebSocket-Key header';
const VERSION_HEADER = 'Missing or invalid Sec-WebSocket-Version header';
const PROTOCOL_HEADER = 'Invalid Sec-WebSocket-Protocol header';

/**
 * @param {String} body The body of a refusal
 * @param {String} [status] Its status
 * @return {Object} What has to be replied
 */
function refusal(body, status = '400 Bad Request') {
  return {
    status,
    body,
    headers: {
      connection: 'close',
      'content-type': 'text/html',
      'content-length': `${body.length}`,
      'sec-websocket-accept': undefined
    }
  };
}

const accepted = [
  ['4.2.2', 'the example request', {}],
  ['4.2.2', 'a request with a path and a query', { target: '/chat?room=1&x' }],
  ['4.2.2', 'an absolute request target', { target: 'http://127.0.0.1/chat' }],
  ['4.2.1', 'Upgrade in other letters', { headers: { Upgrade: 'WebSocket' } }],
  ['4.2.1', 'Upgrade in capitals', { headers: { Upgrade: 'WEBSOCKET' } }],
  [
    '4.2.1',
    'Connection in other letters',
    { headers: { Connection: 'upGRADE' } }
  ],
  [
    '4.2.1',
    'Connection with further tokens before',
    { headers: { Connection: 'keep-alive, Upgrade' } }
  ],
  [
    '4.2.1',
    'Connection with further tokens behind',
    { headers: { Connection: 'Upgrade, keep-alive' } }
  ],
  [
    '4.2.1',
    'header names in other letters',
    {
      headers: {
        Host: null,
        Upgrade: null,
        Connection: null,
        'Sec-WebSocket-Key': null,
        'Sec-WebSocket-Version': null,
        hOST: '127.0.0.1',
        uPGRADE: 'websocket',
        cONNECTION: 'upgrade',
        'sEC-wEBsOCKET-kEY': KEY,
        'sec-websocket-VERSION': '13'
      }
    }
  ],
  [
    '4.2.1',
    'spaces around the values',
    {
      headers: {
        'Sec-WebSocket-Key': `  ${KEY}  `,
        'Sec-WebSocket-Version': '  13\t'
      }
    }
  ],
  ['4.2.1', 'an Origin', { headers: { Origin: 'http://example.com' } }],
  ['4.2.1', 'cookies', { headers: { Cookie: 'a=b; c=d' } }],
  ['4.2.1', 'unknown headers', { headers: { 'X-Any': ['1', '2'] } }],
  ['4.1', 'version 8', { headers: { 'Sec-WebSocket-Version': '8' } }],
  [
    '9.1',
    'an extension, with compression off',
    { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } }
  ],
  [
    '9.1',
    'a malformed extension, with compression off',
    { headers: { 'Sec-WebSocket-Extensions': ',,;=' } }
  ]
].map(([section, what, differing]) => ({
  rfc: `6455 ${section}`,
  name: `${what}: accepted`,
  request: differing,
  opens: {}
}));

const refused = [
  [
    '4.2.1',
    'POST',
    { method: 'POST' },
    refusal('Invalid HTTP method', '405 Method Not Allowed')
  ],
  [
    '4.2.1',
    'HEAD',
    { method: 'HEAD' },
    refusal('Invalid HTTP method', '405 Method Not Allowed')
  ],
  [
    '4.2.1',
    'OPTIONS',
    { method: 'OPTIONS' },
    refusal('Invalid HTTP method', '405 Method Not Allowed')
  ],
  [
    '4.2.1',
    'another protocol in Upgrade',
    { headers: { Upgrade: 'h2c' } },
    refusal('Invalid Upgrade header')
  ],
  [
    '4.2.1',
    'two protocols in Upgrade',
    { headers: { Upgrade: 'websocket, h2c' } },
    refusal('Invalid Upgrade header')
  ],
  [
    '4.2.1',
    'no key',
    { headers: { 'Sec-WebSocket-Key': null } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'an empty key',
    { headers: { 'Sec-WebSocket-Key': '' } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'a key of 15 bytes',
    { headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'a key of 17 bytes',
    { headers: { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'a key without padding',
    { headers: { 'Sec-WebSocket-Key': KEY.slice(0, 22) } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'a key that is not base64',
    { headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j*Q==' } },
    refusal(KEY_HEADER)
  ],
  [
    '4.2.1',
    'two keys',
    { headers: { 'Sec-WebSocket-Key': [KEY, KEY] } },
    refusal(KEY_HEADER)
  ],
  ...['0', '7', '9', '12', '14', '255', 'x', ''].map((version) => [
    '4.4',
    `version "${version}"`,
    { headers: { 'Sec-WebSocket-Version': version } },
    refusal(VERSION_HEADER)
  ]),
  [
    '4.4',
    'no version',
    { headers: { 'Sec-WebSocket-Version': null } },
    refusal(VERSION_HEADER)
  ],
  [
    '4.4',
    'two versions',
    { headers: { 'Sec-WebSocket-Version': ['13', '13'] } },
    refusal(VERSION_HEADER)
  ],
  ...['', ',', 'a,', ',a', 'a b', 'a, a', 'a;b', '"a"', 'a,,b'].map(
    (protocols) => [
      '4.2.1',
      `Sec-WebSocket-Protocol "${protocols}"`,
      { headers: { 'Sec-WebSocket-Protocol': protocols } },
      refusal(PROTOCOL_HEADER)
    ]
  ),
  [
    '4.2.1',
    'Sec-WebSocket-Protocol twice with the same name',
    { headers: { 'Sec-WebSocket-Protocol': ['a', 'a'] } },
    refusal(PROTOCOL_HEADER)
  ]
].map(([section, what, differing, reply]) => ({
  rfc: `6455 ${section}`,
  name: `${what}: refused`,
  request: differing,
  ...reply,
  headers: {
    ...reply.headers,
    ...(reply.body === VERSION_HEADER
      ? { 'sec-websocket-version': '13, 8' }
      : undefined)
  }
}));

const others = [
  {
    rfc: '6455 4.2.1',
    name: 'a request without Upgrade is an ordinary one: 426',
    request: {
      headers: { Upgrade: null, Connection: 'close' }
    },
    status: '426 Upgrade Required',
    headers: { 'content-type': 'text/plain', 'content-length': '16' },
    body: 'Upgrade Required'
  },
  {
    rfc: '6455 4.2.1',
    name: 'a request without Connection: Upgrade is an ordinary one: 426',
    request: { headers: { Connection: 'close' } },
    status: '426 Upgrade Required',
    headers: { 'content-type': 'text/plain', 'content-length': '16' },
    body: 'Upgrade Required'
  },
  {
    rfc: '6455 4.2.1',
    name: 'bytes that are not HTTP: 400',
    bytes: Buffer.from('\x81\x85\x37\xfa\x21\x3d\r\n\r\n', 'latin1'),
    status: '400 Bad Request',
    headers: { connection: 'close' }
  },
  {
    rfc: '6455 4.2.2',
    name: 'the path is another one than the option: 400',
    options: { path: '/chat' },
    request: { target: '/other' },
    ...refusal('Bad Request')
  },
  {
    rfc: '6455 4.2.2',
    name: 'the path is that of the option, with a query',
    options: { path: '/chat' },
    request: { target: '/chat?x=1' },
    opens: {}
  },
  {
    rfc: '6455 4.2.2',
    name: 'verifyClient refuses: 401',
    options: { verifyClient: () => false },
    request: {},
    ...refusal('Unauthorized', '401 Unauthorized')
  },
  {
    rfc: '6455 4.2.2',
    name: 'verifyClient refuses with a code and a text',
    options: {
      verifyClient: (info, done) =>
        done(false, 403, 'Not here', { 'X-Why': 'x' })
    },
    request: {},
    ...refusal('Not here', '403 Forbidden'),
    headers: { connection: 'close', 'x-why': 'x', 'content-length': '8' }
  },
  {
    rfc: '6455 4.2.2',
    name: 'one subprotocol is chosen: the first that was offered',
    request: { headers: { 'Sec-WebSocket-Protocol': 'chat, superchat' } },
    opens: { 'sec-websocket-protocol': 'chat' }
  },
  {
    rfc: '6455 4.2.2',
    name: 'subprotocols in several headers',
    request: { headers: { 'Sec-WebSocket-Protocol': ['b', 'a'] } },
    opens: { 'sec-websocket-protocol': 'b' }
  },
  {
    rfc: '6455 4.2.2',
    name: 'handleProtocols chooses another one',
    options: { handleProtocols: (offered) => [...offered][1] },
    request: { headers: { 'Sec-WebSocket-Protocol': 'chat,superchat' } },
    opens: { 'sec-websocket-protocol': 'superchat' }
  },
  {
    rfc: '6455 4.2.2',
    name: 'handleProtocols chooses none: there is no header',
    options: { handleProtocols: () => false },
    request: { headers: { 'Sec-WebSocket-Protocol': 'chat' } },
    opens: {}
  },
  {
    rfc: '6455 4.2.1',
    name: 'the request byte by byte',
    request: {},
    delivery: 'bytes',
    opens: {}
  },
  ...[1, 2, 3, 4].map((seed) => ({
    rfc: '6455 4.2.1',
    name: `the request in random pieces, seed ${seed}`,
    request: { headers: { Cookie: 'c'.repeat(2000) } },
    delivery: { random: seed },
    opens: {}
  })),
  {
    rfc: '6455 4.2.1',
    name: 'a refused request with frames behind it',
    bytes: Buffer.concat([
      request({ headers: { 'Sec-WebSocket-Version': '12' } }),
      Buffer.from('818537fa213d7f9f4d5158', 'hex')
    ]),
    ...refusal(VERSION_HEADER)
  }
];

module.exports = {
  title: 'opening handshake',
  play: playServer,
  cases: [...accepted, ...refused, ...others].map((testCase) => ({
    roles: ['server'],
    ...testCase
  }))
};
