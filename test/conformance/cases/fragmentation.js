'use strict';

const { opcode } = require('../errors');
const {
  binary,
  chop,
  close,
  cont,
  fragments,
  ping,
  pong,
  text
} = require('../frames');
const { bytes, letters } = require('../payloads');

const KINDS = [
  ['text', 1, text],
  ['binary', 2, binary]
];

/** Where empty fragments may stand. */
const SHAPES = [
  ['two fragments', ['ab', 'cd']],
  ['three fragments', ['ab', 'cd', 'ef']],
  ['an empty first fragment', ['', 'abc']],
  ['an empty last fragment', ['abc', '']],
  ['an empty fragment in the middle', ['ab', '', 'cd']],
  ['several empty fragments in the middle', ['a', '', '', '', 'b']],
  ['two empty fragments', ['', '']],
  ['only empty fragments', ['', '', '', '', '']],
  ['empty fragments on both ends', ['', 'abc', '']],
  ['empty fragments in turn', ['', 'a', '', 'b', '', 'c', '']],
  ['fragments of one byte', [...'abcdefgh']],
  ['a fragment of 125 bytes', [letters(125), letters(125)]],
  ['fragments around 126 bytes', [letters(125), letters(126), letters(127)]],
  ['a big fragment and a tiny one', [letters(70000), 'x']],
  ['a tiny fragment and a big one', ['x', letters(70000)]],
  [
    'fragments around 65536 bytes',
    [letters(65535), letters(65536), letters(65537)]
  ],
  ['100 fragments of one byte', chop(letters(100), 1)],
  ['1000 fragments of three bytes', chop(letters(3000), 3)],
  ['256 fragments of 1 KiB', chop(letters(262144), 1024)]
];

const shapes = SHAPES.flatMap(([what, parts]) =>
  KINDS.map(([kind, code, word]) => ({
    rfc: '6455 5.4',
    name: `a ${kind} message of ${what}`,
    send: fragments(code, parts),
    events: [word(Buffer.concat(parts.map((part) => Buffer.from(part))))]
  }))
);

/** Control frames between fragments are handled at once. */
const interleaved = [
  {
    name: 'a ping between two fragments is answered before the message ends',
    send: [text('Hel', { fin: false }), ping('p'), cont('lo')],
    events: [ping('p'), text('Hello')],
    wire: [pong('p')]
  },
  {
    name: 'a ping is answered while a message is unfinished',
    send: [text('never finished', { fin: false }), ping('p')],
    ending: 'fin',
    events: [ping('p')],
    wire: [pong('p')]
  },
  {
    name: 'a pong between two fragments',
    send: [binary('Hel', { fin: false }), pong('p'), cont('lo')],
    events: [pong('p'), binary('Hello')]
  },
  {
    name: 'empty control frames between all fragments',
    send: [
      text('a', { fin: false }),
      ping(),
      cont('b', { fin: false }),
      pong(),
      cont('c', { fin: false }),
      ping(),
      cont('d')
    ],
    events: [ping(), pong(), ping(), text('abcd')],
    wire: [pong(), pong()]
  },
  {
    name: 'ten pings between fragments are answered in order',
    send: [
      text('a', { fin: false }),
      ...Array.from({ length: 10 }, (_, i) => ping(`${i}`)),
      cont('b')
    ],
    events: [...Array.from({ length: 10 }, (_, i) => ping(`${i}`)), text('ab')],
    wire: Array.from({ length: 10 }, (_, i) => pong(`${i}`))
  },
  {
    name: 'control frames of 125 bytes between fragments',
    send: [
      binary(bytes(300), { fin: false }),
      ping(bytes(125, 2)),
      cont(bytes(300, 3), { fin: false }),
      pong(bytes(125, 4)),
      cont('')
    ],
    events: [
      ping(bytes(125, 2)),
      pong(bytes(125, 4)),
      binary(Buffer.concat([bytes(300), bytes(300, 3)]))
    ],
    wire: [pong(bytes(125, 2))]
  },
  {
    name: 'a ping behind an empty first fragment',
    send: [text('', { fin: false }), ping('p'), cont('all')],
    events: [ping('p'), text('all')],
    wire: [pong('p')]
  },
  {
    name: 'a ping before an empty last fragment',
    send: [text('all', { fin: false }), ping('p'), cont('')],
    events: [ping('p'), text('all')],
    wire: [pong('p')]
  },
  {
    name: 'a ping inside a UTF-8 sequence that is split over fragments',
    send: [
      text(Buffer.from([0xf0, 0x9f]), { fin: false }),
      ping('\u00e9'),
      cont(Buffer.from([0x98, 0x80]))
    ],
    events: [ping('\u00e9'), text('\u{1f600}')],
    wire: [pong('\u00e9')]
  },
  {
    name: 'a close frame between fragments ends the connection; the message is lost',
    send: [text('Hel', { fin: false }), close(1001, 'bye'), cont('lo')],
    closes: [1001, 'bye']
  },
  {
    name: 'an empty close frame between fragments',
    send: [binary('Hel', { fin: false }), close()],
    closes: [1005, '']
  }
].map((testCase) => ({ rfc: '6455 5.4', ...testCase }));

/** Continuations without a start, and starts inside a message. */
const wrong = [
  ['a continuation without a start', [cont('x')], 0],
  [
    'an unfinished continuation without a start',
    [cont('x', { fin: false }), cont('y')],
    0
  ],
  ['an empty continuation without a start', [cont('')], 0],
  [
    'an empty unfinished continuation without a start',
    [cont('', { fin: false })],
    0
  ],
  [
    'a continuation without a start, at its first two bytes',
    [cont('x', { only: 2 })],
    0
  ],
  ...KINDS.flatMap(([outer, , word]) =>
    KINDS.flatMap(([inner, code, other]) => [
      [
        `a ${inner} frame inside a fragmented ${outer} message`,
        [word('a', { fin: false }), other('b'), cont('c')],
        code
      ],
      [
        `an unfinished ${inner} frame inside a fragmented ${outer} message`,
        [word('a', { fin: false }), other('b', { fin: false }), cont('c')],
        code
      ],
      [
        `an empty ${inner} frame inside a fragmented ${outer} message`,
        [word('', { fin: false }), other('')],
        code
      ],
      [
        `a ${inner} frame late in a fragmented ${outer} message`,
        [
          word('a', { fin: false }),
          cont('b', { fin: false }),
          cont('', { fin: false }),
          other('c')
        ],
        code
      ]
    ])
  )
].map(([what, send, code]) => ({
  rfc: '6455 5.4',
  name: `${what} is refused`,
  send,
  probe: send[0].only === undefined,
  fails: opcode(code)
}));

const sequences = [
  {
    name: 'a continuation behind a whole message is refused',
    send: [text('whole'), cont('x')],
    events: [text('whole')],
    fails: opcode(0)
  },
  {
    name: 'a continuation behind a finished fragmented message is refused',
    send: [...fragments(1, ['a', 'b']), cont('c')],
    events: [text('ab')],
    fails: opcode(0)
  },
  {
    name: 'a continuation behind an empty message is refused',
    send: [text(''), cont('')],
    events: [text('')],
    fails: opcode(0)
  },
  {
    name: 'a continuation behind a ping without a message is refused',
    send: [ping('p'), cont('x')],
    events: [ping('p')],
    wire: [pong('p')],
    fails: opcode(0)
  },
  {
    name: 'a data frame behind a ping inside a message is refused',
    send: [text('a', { fin: false }), ping('p'), text('b')],
    events: [ping('p')],
    wire: [pong('p')],
    fails: opcode(1)
  },
  {
    name: 'two fragmented messages back to back',
    send: [...fragments(1, ['a', 'b']), ...fragments(2, ['c', 'd'])],
    events: [text('ab'), binary('cd')]
  },
  {
    name: 'fragmented and whole messages in turn',
    send: [
      text('1'),
      ...fragments(2, ['2', '2']),
      binary('3'),
      ...fragments(1, ['', '4', '']),
      text('5')
    ],
    events: [text('1'), binary('22'), binary('3'), text('4'), text('5')]
  },
  {
    name: 'the kind of a message is that of its first frame',
    send: [
      ...fragments(2, [Buffer.from([0xff]), Buffer.from([0xfe])]),
      ...fragments(1, ['a', 'b'])
    ],
    events: [binary(Buffer.from([0xff, 0xfe])), text('ab')]
  },
  {
    name: 'an unfinished message is not delivered when the connection ends',
    send: [text('a', { fin: false }), cont('b', { fin: false })],
    ending: 'fin'
  },
  {
    name: 'an unfinished message is not delivered when the peer closes',
    send: [binary('a', { fin: false }), cont('b', { fin: false })]
  }
].map((testCase) => ({ rfc: '6455 5.4', ...testCase }));

module.exports = {
  title: 'fragmentation',
  cases: [...shapes, ...interleaved, ...wrong, ...sequences]
};
