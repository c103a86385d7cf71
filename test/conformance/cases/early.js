'use strict';

/**
 * Frames that come in one segment with the handshake. They reach the module in
 * another way than all later ones, so the rules are checked once more.
 */

const {
  FIN,
  LENGTH_2_53,
  MASK,
  RSV_1,
  RSV_2_3,
  TOO_LONG,
  TOO_MANY_FRAGMENTS,
  UTF8,
  closeCode,
  controlLength,
  opcode
} = require('../errors');
const {
  RSV1,
  RSV2,
  binary,
  chop,
  close,
  cont,
  fragments,
  frame,
  ping,
  pong,
  text
} = require('../frames');
const { deflate } = require('../deflate');
const { bytes, letters } = require('../payloads');

const SIZES = [0, 1, 125, 126, 127, 1000, 65535, 65536, 65537, 200000];

const whole = SIZES.map((size) => ({
  name: `a message of ${size} bytes and a tiny one`,
  send: [binary(bytes(size)), text('x')],
  events: [binary(bytes(size)), text('x')]
}));

const INVALID = [
  ['a reserved opcode', [frame(3, 'x')], opcode(3)],
  ['a reserved control opcode', [frame(11, 'x')], opcode(11)],
  ['RSV1', [text('x', { rsv: RSV1 })], RSV_1],
  ['RSV2', [text('x', { rsv: RSV2 })], RSV_2_3],
  ['a wrong mask bit', [text('x', { mask: 'wrong' })], MASK],
  ['a wrong mask bit of a ping', [ping('x', { mask: 'wrong' })], MASK],
  ['a continuation without a start', [cont('x')], opcode(0)],
  [
    'a message inside a message',
    [text('a', { fin: false }), binary('b'), cont('c')],
    opcode(2)
  ],
  ['a ping without FIN', [ping('x', { fin: false })], FIN],
  ['a ping of 126 bytes', [ping(bytes(126))], controlLength(126)],
  [
    'a pong with a 16-bit length',
    [pong('x', { lengthAs: 16 })],
    controlLength(126)
  ],
  ['a close code that is not valid', [close(1005)], closeCode(1005)],
  ['a close frame of one byte', [frame(8, Buffer.from([3]))], controlLength(1)],
  ['a broken close reason', [close(1000, Buffer.from([0xff]))], UTF8],
  ['broken text', [text(Buffer.from([0xff]))], UTF8],
  [
    'broken text in fragments',
    fragments(1, ['a', Buffer.from([0xe2, 0x28])]),
    UTF8
  ],
  [
    'a length of 2^63',
    [binary('', { declared: 2n ** 63n, lengthAs: 64, only: 'header' })],
    LENGTH_2_53
  ],
  [
    'a length of 4 GiB',
    [binary('', { declared: 2n ** 32n, lengthAs: 64, only: 'header' })],
    TOO_LONG
  ]
];

const invalid = INVALID.flatMap(([what, send, fails]) => [
  { name: `${what}: refused`, send, probe: false, fails },
  {
    name: `${what} behind a message: refused behind it`,
    send: [text('before'), ping('p'), ...send],
    events: [text('before'), ping('p')],
    wire: [pong('p')],
    probe: false,
    fails
  },
  {
    name: `${what} in a piece of its own, the messages before with the handshake`,
    delivery: 'frames',
    send: [text('before'), ...send],
    events: [text('before')],
    probe: false,
    fails
  }
]);

const limits = [
  {
    name: 'maxPayload: refused',
    options: { maxPayload: 10 },
    send: [text(letters(10)), text(letters(11))],
    events: [text(letters(10))],
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: fragments add up',
    options: { maxPayload: 10 },
    send: fragments(1, chop(letters(11), 4)),
    fails: TOO_LONG
  },
  {
    name: 'maxFragments: refused',
    options: { maxFragments: 3 },
    send: [
      ...fragments(1, [...'abc']),
      ping('p'),
      ...fragments(1, [...'abcd'])
    ],
    events: [text('abc'), ping('p')],
    wire: [pong('p')],
    fails: TOO_MANY_FRAGMENTS
  }
];

const endings = [
  {
    name: 'a close frame with a reason',
    send: [text('a'), close(4001, 'early')],
    events: [text('a')],
    closes: [4001, 'early']
  },
  {
    name: 'an empty close frame',
    send: [close()],
    closes: [1005, '']
  },
  {
    name: 'messages and FIN',
    send: [text('a'), ping('p'), binary(bytes(70000))],
    ending: 'fin',
    events: [text('a'), ping('p'), binary(bytes(70000))],
    // Whether the pong still goes out depends on when the FIN is noticed.
    wire: [pong('p')],
    or: [{ wire: [] }]
  },
  {
    name: 'half a frame and FIN',
    send: [text('a'), text('half a frame', { only: 9 })],
    ending: 'fin',
    events: [text('a')]
  },
  {
    name: 'half a message and FIN',
    send: [text('a'), text('b', { fin: false }), cont('c', { fin: false })],
    ending: 'fin',
    events: [text('a')]
  },
  {
    name: 'messages are echoed in order',
    echo: true,
    send: Array.from({ length: 50 }, (_, i) => text(`echo ${i}`)),
    events: Array.from({ length: 50 }, (_, i) => text(`echo ${i}`)),
    wire: Array.from({ length: 50 }, (_, i) => text(`echo ${i}`))
  },
  {
    name: 'what the module sends at once goes out before the answer to a ping',
    do: [['send', 'hello']],
    send: [ping('p')],
    events: [ping('p')],
    wire: [text('hello'), pong('p')]
  },
  {
    name: 'with autoPong off a ping is not answered',
    options: { autoPong: false },
    send: [ping('p'), text('a')],
    events: [ping('p'), text('a')]
  },
  {
    name: 'with allowSynchronousEvents off the order is kept',
    options: { allowSynchronousEvents: false },
    send: [text('a'), ping('p'), binary('b'), text('c')],
    events: [text('a'), ping('p'), binary('b'), text('c')],
    wire: [pong('p')]
  },
  {
    name: 'with skipUTF8Validation broken text is delivered',
    options: { skipUTF8Validation: true },
    send: [text(Buffer.from([0xff])), ...fragments(1, ['a', 'b'])],
    events: [text(Buffer.from([0xff])), text('ab')]
  }
];

const CUT = {
  send: [
    text('one'),
    text('t', { fin: false }),
    ping('p'),
    cont('wo'),
    binary(bytes(130))
  ],
  events: [text('one'), ping('p'), text('two'), binary(bytes(130))],
  wire: [pong('p')]
};

const COMPRESSED = {
  deflate: {},
  send: [
    text('plain'),
    text(deflate('compressed'), { rsv: RSV1 }),
    ...fragments(2, chop(deflate(bytes(20)), 10), { rsv: RSV1 })
  ],
  events: [text('plain'), text('compressed'), binary(bytes(20))]
};

/** The first piece is the handshake and what is before the cut. */
const cuts = [
  ...Array.from({ length: 40 }, (_, i) => ({
    ...CUT,
    name: `messages and fragments, the rest from ${i + 135} bytes before the end on`,
    delivery: { at: [-(i + 135)] }
  })),
  ...Array.from({ length: 15 }, (_, i) => ({
    ...CUT,
    name: `messages and fragments, the last ${i + 1} bytes apart`,
    delivery: { at: [-(i + 1)] }
  })),
  ...Array.from({ length: 60 }, (_, i) => ({
    ...COMPRESSED,
    name: `compressed messages, the last ${i + 1} bytes apart`,
    delivery: { at: [-(i + 1)] }
  }))
];

module.exports = {
  title: 'frames that come with the handshake',
  cases: [...whole, ...invalid, ...limits, ...endings, ...cuts].map(
    (testCase) => ({ rfc: '6455 4.2.2', early: true, ...testCase })
  )
};
