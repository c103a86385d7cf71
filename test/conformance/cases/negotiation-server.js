'use strict';

const { playServer } = require('../handshake-runner');

const REFUSED = 'Invalid or unacceptable Sec-WebSocket-Extensions header';
const EXT = 'permessage-deflate';

/** An offer, the options of the server, and the answer (null: no extension). */
const ANSWERS = [
  ['7.1', EXT, {}, EXT],
  ['5.1', undefined, {}, null],
  ['5.1', 'x-webkit-deflate-frame', {}, null],
  ['5.1', `foo, ${EXT}; client_max_window_bits, bar; a=b`, {}, EXT],
  ['5.1', `foo; permessage-deflate`, {}, null],
  [
    '7.1.1.1',
    `${EXT}; server_no_context_takeover`,
    {},
    `${EXT}; server_no_context_takeover`
  ],
  [
    '7.1.1.2',
    `${EXT}; client_no_context_takeover`,
    {},
    `${EXT}; client_no_context_takeover`
  ],
  [
    '7.1.1',
    `${EXT}; client_no_context_takeover; server_no_context_takeover`,
    {},
    `${EXT}; client_no_context_takeover; server_no_context_takeover`
  ],
  [
    '7.1.1.1',
    EXT,
    { serverNoContextTakeover: true },
    `${EXT}; server_no_context_takeover`
  ],
  [
    '7.1.1.2',
    EXT,
    { clientNoContextTakeover: true },
    `${EXT}; client_no_context_takeover`
  ],
  ...[8, 9, 10, 11, 12, 13, 14, 15].flatMap((bits) => [
    [
      '7.1.2.1',
      `${EXT}; server_max_window_bits=${bits}`,
      {},
      `${EXT}; server_max_window_bits=${bits}`
    ],
    [
      '7.1.2.2',
      `${EXT}; client_max_window_bits=${bits}`,
      {},
      `${EXT}; client_max_window_bits=${bits}`
    ],
    [
      '7.1.2.2',
      `${EXT}; client_max_window_bits`,
      { clientMaxWindowBits: bits },
      `${EXT}; client_max_window_bits=${bits}`
    ],
    [
      '7.1.2.1',
      EXT,
      { serverMaxWindowBits: bits },
      `${EXT}; server_max_window_bits=${bits}`
    ]
  ]),
  ['7.1.2.2', `${EXT}; client_max_window_bits`, {}, EXT],
  [
    '7.1.2.2',
    `${EXT}; client_max_window_bits=12`,
    { clientMaxWindowBits: false },
    EXT
  ],
  [
    '7.1.2.1',
    `${EXT}; server_max_window_bits=14`,
    { serverMaxWindowBits: 11 },
    `${EXT}; server_max_window_bits=11`
  ],
  [
    '7.1.2.2',
    `${EXT}; client_max_window_bits=14`,
    { clientMaxWindowBits: 11 },
    `${EXT}; client_max_window_bits=11`
  ],
  [
    '7.1.2.1',
    `${EXT}; server_max_window_bits="10"`,
    {},
    `${EXT}; server_max_window_bits=10`
  ],
  [
    '7.1.3',
    `${EXT}; client_max_window_bits; server_max_window_bits=10`,
    {},
    `${EXT}; server_max_window_bits=10`
  ],
  [
    '5.1',
    `${EXT}; server_max_window_bits=10, ${EXT}`,
    { serverMaxWindowBits: 12 },
    `${EXT}; server_max_window_bits=12`
  ],
  [
    '5.1',
    `${EXT}; server_no_context_takeover, ${EXT}; client_no_context_takeover`,
    { serverNoContextTakeover: false },
    `${EXT}; client_no_context_takeover`
  ],
  [
    '5.1',
    `${EXT}; server_max_window_bits=10, ${EXT}`,
    {},
    `${EXT}; server_max_window_bits=10`
  ]
].map(([section, offer, options, answer]) => ({
  rfc: `7692 ${section}`,
  name: `offer ${offer || 'nothing'} with ${JSON.stringify(options)}: ${answer || 'no extension'}`,
  options: { perMessageDeflate: options },
  request: offer ? { headers: { 'Sec-WebSocket-Extensions': offer } } : {},
  opens: { 'sec-websocket-extensions': answer || undefined }
}));

const REFUSALS = [
  ...[
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=0',
    'server_max_window_bits=-10',
    'server_max_window_bits=10.5',
    'server_max_window_bits=x',
    'server_max_window_bits=10; server_max_window_bits=10'
  ].map((parameter) => ['7.1.2.1', parameter, {}]),
  ...[
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=0',
    'client_max_window_bits=x',
    'client_max_window_bits=9; client_max_window_bits=10',
    'client_max_window_bits; client_max_window_bits=10'
  ].map((parameter) => ['7.1.2.2', parameter, {}]),
  ['7.1.1.1', 'server_no_context_takeover=true', {}],
  ['7.1.1.1', 'server_no_context_takeover=10', {}],
  ['7.1.1.1', 'server_no_context_takeover; server_no_context_takeover', {}],
  ['7.1.1.2', 'client_no_context_takeover=true', {}],
  ['7.1.1.2', 'client_no_context_takeover; client_no_context_takeover', {}],
  ['7.1', 'unknown_parameter', {}],
  ['7.1', 'unknown_parameter=10', {}],
  ['7.1', 'server_max_window_bits=10; unknown_parameter', {}],
  ['7.1', 'Server_No_Context_Takeover', {}],
  ['7.1.1.1', 'server_no_context_takeover', { serverNoContextTakeover: false }],
  ['7.1.2.1', 'server_max_window_bits=10', { serverMaxWindowBits: false }],
  ['7.1.2.1', 'server_max_window_bits=10', { serverMaxWindowBits: 11 }],
  ['7.1.2.2', 'client_max_window_bits=10', { clientMaxWindowBits: 11 }],
  ['7.1.2.2', 'server_no_context_takeover', { clientMaxWindowBits: 11 }]
].map(([section, parameters, options]) => ({
  rfc: `7692 ${section}`,
  name: `offer ${EXT}; ${parameters} with ${JSON.stringify(options)}: refused`,
  options: { perMessageDeflate: options },
  request: {
    headers: { 'Sec-WebSocket-Extensions': `${EXT}; ${parameters}` }
  },
  status: '400 Bad Request',
  headers: { connection: 'close', 'sec-websocket-accept': undefined },
  body: REFUSED
}));

/** Headers that are not made as section 9.1 of RFC 6455 says. */
const MALFORMED = [
  '',
  ',',
  ';',
  '=',
  `${EXT},`,
  `,${EXT}`,
  `${EXT};`,
  `${EXT}; =10`,
  `${EXT}; server_max_window_bits=`,
  `${EXT}; server_max_window_bits="`,
  `${EXT}; server_max_window_bits="10`,
  `${EXT}; server_max_window_bits="1 0"`,
  `${EXT}; server_max_window_bits=""`,
  `${EXT} foo`,
  `${EXT}; a b`,
  `${EXT}; a=b c`,
  'per"message',
  'foo; a="b"c',
  'foo,,bar',
  'foo; ; a'
].map((header) => ({
  rfc: '6455 9.1',
  name: `the header Sec-WebSocket-Extensions: ${header || '(empty)'}: refused`,
  options: { perMessageDeflate: true },
  request: { headers: { 'Sec-WebSocket-Extensions': header } },
  status: '400 Bad Request',
  headers: { connection: 'close', 'sec-websocket-accept': undefined },
  body: REFUSED
}));

const several = [
  {
    rfc: '6455 9.1',
    name: 'offers in several headers are one list',
    options: { perMessageDeflate: { serverMaxWindowBits: 12 } },
    request: {
      headers: {
        'Sec-WebSocket-Extensions': [
          'foo',
          `${EXT}; server_max_window_bits=8`,
          `${EXT}; client_no_context_takeover`
        ]
      }
    },
    opens: {
      'sec-websocket-extensions': `${EXT}; client_no_context_takeover; server_max_window_bits=12`
    }
  },
  {
    rfc: '7692 5.1',
    name: 'a bad offer behind a good one: refused',
    options: { perMessageDeflate: true },
    request: {
      headers: { 'Sec-WebSocket-Extensions': `${EXT}, ${EXT}; unknown` }
    },
    status: '400 Bad Request',
    body: REFUSED
  },
  {
    rfc: '6455 9.1',
    name: 'spaces and tabs around the parts of an offer',
    options: { perMessageDeflate: true },
    request: {
      headers: {
        'Sec-WebSocket-Extensions': `foo ,\t${EXT} ; server_max_window_bits=10\t;client_no_context_takeover`
      }
    },
    opens: {
      'sec-websocket-extensions': `${EXT}; server_max_window_bits=10; client_no_context_takeover`
    }
  }
];

module.exports = {
  title: 'negotiation of extensions',
  play: playServer,
  cases: [...ANSWERS, ...REFUSALS, ...MALFORMED, ...several].map(
    (testCase) => ({ roles: ['server'], ...testCase })
  )
};
