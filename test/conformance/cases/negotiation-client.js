'use strict';

const { playClient } = require('../handshake-runner');

const EXT = 'permessage-deflate';
const INVALID = 'Invalid Sec-WebSocket-Extensions header';
const UNASKED = 'Server indicated an extension that was not requested';
const NONE_ASKED =
  'Server sent a Sec-WebSocket-Extensions header but no extension was ' +
  'requested';

const BITS = [8, 9, 10, 11, 12, 13, 14, 15];

/** The options of the client and what it offers. */
const offers = [
  [true, `${EXT}; client_max_window_bits`],
  [{}, `${EXT}; client_max_window_bits`],
  [false, undefined],
  [{ clientMaxWindowBits: false }, EXT],
  ...BITS.flatMap((bits) => [
    [{ clientMaxWindowBits: bits }, `${EXT}; client_max_window_bits=${bits}`],
    [
      { serverMaxWindowBits: bits },
      `${EXT}; server_max_window_bits=${bits}; client_max_window_bits`
    ]
  ]),
  [
    { serverNoContextTakeover: true },
    `${EXT}; server_no_context_takeover; client_max_window_bits`
  ],
  [
    { clientNoContextTakeover: true },
    `${EXT}; client_no_context_takeover; client_max_window_bits`
  ],
  [
    {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 10,
      clientMaxWindowBits: 11
    },
    `${EXT}; server_no_context_takeover; client_no_context_takeover; ` +
      'server_max_window_bits=10; client_max_window_bits=11'
  ]
].map(([perMessageDeflate, offer]) => ({
  rfc: '7692 7.1',
  name: `options ${JSON.stringify(perMessageDeflate)} offer ${offer || 'nothing'}`,
  options: { perMessageDeflate },
  asks: { 'sec-websocket-extensions': offer },
  opens: { extensions: '' }
}));

const accepted = [
  ['7.1', {}, ''],
  ['7.1.1.1', {}, '; server_no_context_takeover'],
  ['7.1.1.2', {}, '; client_no_context_takeover'],
  ['7.1.1', {}, '; server_no_context_takeover; client_no_context_takeover'],
  ...BITS.flatMap((bits) => [
    ['7.1.2.1', {}, `; server_max_window_bits=${bits}`],
    ['7.1.2.2', {}, `; client_max_window_bits=${bits}`]
  ]),
  ['7.1.2.2', { clientMaxWindowBits: 12 }, '; client_max_window_bits=12'],
  ['7.1.2.2', { clientMaxWindowBits: 12 }, '; client_max_window_bits=9'],
  ['7.1.2.2', { clientMaxWindowBits: 12 }, ''],
  ['7.1.2.1', { serverMaxWindowBits: 12 }, '; server_max_window_bits=12'],
  ['7.1.2.1', {}, '; server_max_window_bits="12"'],
  ['7.1.3', {}, ' ;server_max_window_bits=10 ; client_max_window_bits=11']
].map(([section, perMessageDeflate, parameters]) => ({
  rfc: `7692 ${section}`,
  name: `answer ${EXT}${parameters} to ${JSON.stringify(perMessageDeflate)}: accepted`,
  options: { perMessageDeflate },
  response: {
    headers: { 'Sec-WebSocket-Extensions': `${EXT}${parameters}` }
  },
  opens: { extensions: EXT }
}));

const refused = [
  ...[
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=x',
    'server_max_window_bits=9; server_max_window_bits=9'
  ].map((parameter) => ['7.1.2.1', {}, `${EXT}; ${parameter}`, INVALID]),
  ...[
    'client_max_window_bits',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=x',
    'client_max_window_bits=9; client_max_window_bits=9'
  ].map((parameter) => ['7.1.2.2', {}, `${EXT}; ${parameter}`, INVALID]),
  ...[
    'server_no_context_takeover=1',
    'client_no_context_takeover=1',
    'server_no_context_takeover; server_no_context_takeover'
  ].map((parameter) => ['7.1.1', {}, `${EXT}; ${parameter}`, INVALID]),
  ['7.1', {}, `${EXT}; unknown_parameter`, INVALID],
  ['7.1', {}, `${EXT}; unknown_parameter=1`, INVALID],
  [
    '7.1.2.2',
    { clientMaxWindowBits: 10 },
    `${EXT}; client_max_window_bits=11`,
    INVALID
  ],
  [
    '7.1.2.2',
    { clientMaxWindowBits: false },
    `${EXT}; client_max_window_bits=11`,
    INVALID
  ],
  [
    '7.1.1.2',
    { clientNoContextTakeover: false },
    `${EXT}; client_no_context_takeover`,
    INVALID
  ],
  ['5.1', false, EXT, NONE_ASKED],
  ['5.1', {}, 'foo', UNASKED],
  ['5.1', {}, 'x-webkit-deflate-frame', UNASKED],
  ['5.1', {}, `${EXT}, foo`, UNASKED],
  ['5.1', {}, 'Permessage-Deflate', UNASKED],
  ...[
    '',
    ',',
    ';',
    `${EXT},`,
    `${EXT};`,
    `${EXT}; server_max_window_bits=`,
    `${EXT}; server_max_window_bits="10`,
    `${EXT} foo`,
    'a b'
  ].map((header) => ['5.1', {}, header, INVALID])
].map(([section, perMessageDeflate, header, fails]) => ({
  rfc: `7692 ${section}`,
  name: `answer ${header || '(empty)'} to ${JSON.stringify(perMessageDeflate)}: refused`,
  options: { perMessageDeflate },
  response: { headers: { 'Sec-WebSocket-Extensions': header } },
  fails
}));

module.exports = {
  title: 'negotiation of extensions',
  play: playClient,
  cases: [...offers, ...accepted, ...refused].map((testCase) => ({
    roles: ['client'],
    ...testCase
  }))
};
