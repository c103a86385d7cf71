'use strict';

const { RSV_2_3, UTF8 } = require('../errors');
const {
  RSV1,
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
const { Deflater, deflate } = require('../deflate');
const { bytes, letters } = require('../payloads');

/** Conversations that must not depend on how TCP cuts them. */
const TALKS = [
  {
    what: 'tiny messages',
    send: [text('a'), binary('b'), text(''), binary(''), text('\u20ac')],
    events: [text('a'), binary('b'), text(''), binary(''), text('\u20ac')]
  },
  {
    what: 'messages with a 16-bit length',
    send: [text(letters(126)), binary(bytes(200))],
    events: [text(letters(126)), binary(bytes(200))]
  },
  {
    what: 'a message with a longer length field than it needs',
    send: [text('Hello', { lengthAs: 64 }), binary('x', { lengthAs: 16 })],
    events: [text('Hello'), binary('x')]
  },
  {
    what: 'a fragmented message with control frames between',
    send: [
      text('Hel', { fin: false }),
      ping('1'),
      cont('', { fin: false }),
      pong('2'),
      cont('lo'),
      ping('3')
    ],
    events: [ping('1'), pong('2'), text('Hello'), ping('3')],
    wire: [pong('1'), pong('3')]
  },
  {
    what: 'two fragmented messages with empty fragments',
    send: [
      ...fragments(1, ['', 'a', '', 'b', '']),
      ...fragments(2, ['', '', 'c'])
    ],
    events: [text('ab'), binary('c')]
  },
  {
    what: 'text of all lengths of characters',
    send: [
      text('$\u00a3\u20ac\u{10348}'),
      ...fragments(1, chop('$\u00a3\u20ac\u{10348}', 3))
    ],
    events: [text('$\u00a3\u20ac\u{10348}'), text('$\u00a3\u20ac\u{10348}')]
  },
  {
    what: 'compressed messages',
    deflate: {},
    send: (() => {
      const deflater = new Deflater();
      return [
        text(deflater.message('Hello, Hello'), { rsv: RSV1 }),
        ...fragments(1, chop(deflater.message('Hello again, Hello'), 4), {
          rsv: RSV1
        }),
        binary('not compressed'),
        text(deflater.message(''), { rsv: RSV1 })
      ];
    })(),
    events: [
      text('Hello, Hello'),
      text('Hello again, Hello'),
      binary('not compressed'),
      text('')
    ]
  },
  {
    what: 'a compressed message in fragments with pings between',
    deflate: {},
    send: fragments(2, chop(deflate(bytes(40)), 16), { rsv: RSV1 }).flatMap(
      (part, i) => [part, ping(`${i}`)]
    ),
    events: [ping('0'), ping('1'), binary(bytes(40)), ping('2')],
    wire: [pong('0'), pong('1'), pong('2')]
  },
  {
    what: 'a close frame with a reason',
    send: [text('a'), close(4000, 'reason')],
    events: [text('a')],
    closes: [4000, 'reason']
  },
  {
    what: 'an invalid frame behind a message',
    send: [text('a'), frame(1, 'x', { rsv: 3 })],
    events: [text('a')],
    fails: RSV_2_3
  },
  {
    what: 'broken text behind a message',
    send: [text('a'), text(Buffer.from('abc\xff', 'latin1'))],
    events: [text('a')],
    fails: UTF8
  },
  {
    what: 'pings of several sizes',
    send: [ping(), ping('a'), ping(bytes(125))],
    events: [ping(), ping('a'), ping(bytes(125))],
    wire: [pong(), pong('a'), pong(bytes(125))]
  }
];

const WAYS = [
  ['in one piece', 'whole'],
  ['frame by frame', 'frames'],
  ['byte by byte', 'bytes'],
  ...[1, 2, 3, 4, 5, 6].map((seed) => [
    `in random pieces, seed ${seed}`,
    { random: seed }
  ])
];

const talks = TALKS.flatMap(({ what, ...rest }) =>
  WAYS.map(([how, delivery]) => ({
    rfc: '6455 5.2',
    name: `${what}, ${how}`,
    ...rest,
    delivery
  }))
);

const HEADERS = [
  ['a 7-bit length', binary(bytes(3)), 9],
  ['a 16-bit length', binary(bytes(130)), 11],
  ['a 64-bit length', binary(bytes(65540)), 17],
  ['a ping', ping('xyz'), 9],
  ['a close frame', close(3000, 'x'), 9]
];

/** Two pieces, cut at every byte of a header and a bit beyond. */
const headers = HEADERS.flatMap(([what, sent, most]) =>
  Array.from({ length: most - 1 }, (_, i) => ({
    rfc: '6455 5.2',
    name: `${what}, cut behind byte ${i + 1}`,
    delivery: { at: [i + 1] },
    send: sent.opcode === 8 ? [sent] : [sent, text('next')],
    events:
      sent.opcode === 8 ? [] : [frame(sent.opcode, sent.payload), text('next')],
    wire: sent.opcode === 9 ? [pong(sent.payload)] : [],
    ...(sent.opcode === 8 ? { closes: [3000, 'x'] } : undefined)
  }))
);

/** Frames that come in one segment with the handshake must not get lost. */
const early = TALKS.flatMap(({ what, ...rest }) =>
  [
    ['in one piece with the handshake', 'whole'],
    ['in random pieces with the handshake', { random: 7 }],
    ['byte by byte with the handshake', 'bytes']
  ].map(([how, delivery]) => ({
    rfc: '6455 4.2.2',
    name: `${what}, ${how}`,
    ...rest,
    early: true,
    delivery
  }))
);

const masses = [
  {
    name: '1000 tiny messages in one piece keep their order',
    send: Array.from({ length: 1000 }, (_, i) => text(`${i}`)),
    events: Array.from({ length: 1000 }, (_, i) => text(`${i}`))
  },
  {
    name: '1000 empty messages in one piece',
    send: Array.from({ length: 1000 }, () => binary('')),
    events: Array.from({ length: 1000 }, () => binary(''))
  },
  {
    name: '2000 messages of mixed kinds in random pieces',
    delivery: { random: 11 },
    send: Array.from({ length: 2000 }, (_, i) =>
      (i % 3 === 0 ? binary : text)(letters(i % 150))
    ),
    events: Array.from({ length: 2000 }, (_, i) =>
      (i % 3 === 0 ? binary : text)(letters(i % 150))
    )
  },
  {
    name: 'big and tiny messages in turn',
    send: Array.from({ length: 20 }, (_, i) =>
      binary(bytes(i % 2 === 0 ? 100000 + i : i))
    ),
    events: Array.from({ length: 20 }, (_, i) =>
      binary(bytes(i % 2 === 0 ? 100000 + i : i))
    )
  },
  {
    name: '1000 messages are echoed in order',
    echo: true,
    send: Array.from({ length: 1000 }, (_, i) => text(`echo ${i}`)),
    events: Array.from({ length: 1000 }, (_, i) => text(`echo ${i}`)),
    wire: Array.from({ length: 1000 }, (_, i) => text(`echo ${i}`))
  },
  {
    name: 'messages of every size from 0 to 300 are echoed in order',
    echo: true,
    send: Array.from({ length: 301 }, (_, i) => binary(bytes(i, i + 1))),
    events: Array.from({ length: 301 }, (_, i) => binary(bytes(i, i + 1))),
    wire: Array.from({ length: 301 }, (_, i) => binary(bytes(i, i + 1)))
  },
  {
    name: 'with allowSynchronousEvents off, messages and pings keep their order',
    options: { allowSynchronousEvents: false },
    send: [text('a'), ping('1'), binary('b'), pong('2'), text('c')],
    events: [text('a'), ping('1'), binary('b'), pong('2'), text('c')],
    wire: [pong('1')]
  },
  {
    name: 'frames that end exactly at the borders of 64 KiB reads',
    send: [
      binary(bytes(65536 - 14)),
      binary(bytes(65536 - 14)),
      text('x'),
      binary(bytes(65536)),
      text('y')
    ],
    events: [
      binary(bytes(65536 - 14)),
      binary(bytes(65536 - 14)),
      text('x'),
      binary(bytes(65536)),
      text('y')
    ]
  }
].map((testCase) => ({ rfc: '6455 6.2', ...testCase }));

module.exports = {
  title: 'delivery',
  cases: [...talks, ...headers, ...early, ...masses]
};
