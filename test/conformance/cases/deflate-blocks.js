'use strict';

const zlib = require('zlib');

const { INFLATE } = require('../errors');
const { RSV1, binary, chop, fragments, raw, text } = require('../frames');
const {
  bits,
  compressed,
  deflate,
  final,
  fixed,
  stored
} = require('../deflate');
const { letters } = require('../payloads');

const SYNC = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const rsv = RSV1;

/** The examples of RFC 7692, section 7.2.3. */
const examples = [
  {
    rfc: '7692 7.2.3.1',
    name: 'one block',
    send: [text(Buffer.from('f248cdc9c90700', 'hex'), { rsv })],
    events: [text('Hello')]
  },
  {
    rfc: '7692 7.2.3.1',
    name: 'one block in two frames',
    send: fragments(
      1,
      [Buffer.from('f248cd', 'hex'), Buffer.from('c9c90700', 'hex')],
      { rsv }
    ),
    events: [text('Hello')]
  },
  {
    rfc: '7692 7.2.3.1',
    name: 'one block, the bytes on the wire of a server',
    roles: ['client'],
    send: [
      raw('c1 07 f2 48 cd c9 c9 07 00'),
      raw('41 03 f2 48 cd 80 04 c9 c9 07 00')
    ],
    events: [text('Hello'), text('Hello')]
  },
  {
    rfc: '7692 7.2.3.2',
    name: 'the second message refers to the first',
    send: [
      text(Buffer.from('f248cdc9c90700', 'hex'), { rsv }),
      text(Buffer.from('f200110000', 'hex'), { rsv })
    ],
    events: [text('Hello'), text('Hello')]
  },
  {
    rfc: '7692 7.2.3.3',
    name: 'a block without compression',
    send: [text(Buffer.from('000500faff48656c6c6f00', 'hex'), { rsv })],
    events: [text('Hello')]
  },
  {
    rfc: '7692 7.2.3.4',
    name: 'a block with BFINAL',
    send: [text(Buffer.from('f348cdc9c9070000', 'hex'), { rsv })],
    events: [text('Hello')]
  },
  {
    rfc: '7692 7.2.3.5',
    name: 'two blocks in one message',
    send: [text(Buffer.from('f24805000000ffffcac9c90700', 'hex'), { rsv })],
    events: [text('Hello')]
  },
  {
    rfc: '7692 7.2.3.6',
    name: 'an empty message is one zero byte',
    send: [text(Buffer.from([0]), { rsv }), binary(Buffer.from([0]), { rsv })],
    events: [text(''), binary('')]
  },
  {
    rfc: '7692 7.2.3.6',
    name: 'an empty first fragment is one zero byte',
    send: fragments(
      1,
      [Buffer.concat([Buffer.from([0]), SYNC]), deflate('Hello')],
      { rsv }
    ),
    events: [text('Hello')]
  }
];

const BLOCKS = [
  ['a fixed block', 'Hello', [fixed('Hello')]],
  ['an empty fixed block', '', [fixed()]],
  ['three fixed blocks', 'abcdef', [fixed('ab'), fixed('cd'), fixed('ef')]],
  ['a stored block', 'Hello', [stored('Hello')]],
  ['an empty stored block', '', [stored('')]],
  ['three stored blocks', 'abcdef', [stored('ab'), stored('cd'), stored('ef')]],
  [
    'empty stored blocks between',
    'ab',
    [stored(''), fixed('a'), stored(''), stored(''), fixed('b'), stored('')]
  ],
  [
    'stored and fixed blocks in turn',
    'abcd',
    [stored('a'), fixed('b'), stored('c'), fixed('d')]
  ],
  [
    'a match inside a block',
    'abcabcabc',
    [fixed('abc', { length: 6, distance: 3 })]
  ],
  [
    'a match over blocks',
    'abcabc',
    [fixed('abc'), fixed({ length: 3, distance: 3 })]
  ],
  [
    'a match into a stored block',
    'xyzxyz',
    [stored('xyz'), fixed({ length: 3, distance: 3 })]
  ],
  [
    'a match of distance 1',
    'a'.repeat(259),
    [fixed('a', { length: 258, distance: 1 })]
  ],
  ['a stored block of 65535 bytes', letters(65535), [stored(letters(65535))]],
  [
    'two stored blocks of 65535 bytes',
    letters(65535) + letters(65535),
    [stored(letters(65535)), stored(letters(65535))]
  ]
];

const blocks = BLOCKS.flatMap(([what, message, list]) => [
  {
    rfc: '7692 7.2.2',
    name: `a message of ${what}`,
    send: [text(compressed(...list), { rsv }), text('next')],
    events: [text(message), text('next')]
  },
  {
    rfc: '7692 7.2.2',
    name: `a message of ${what}, in many fragments`,
    send: fragments(
      1,
      chop(compressed(...list), message.length > 1000 ? 1000 : 1),
      { rsv }
    ),
    events: [text(message)]
  }
]);

const LEVELS = [0, 1, 6, 9];
const STRATEGIES = [
  ['default', 0],
  ['filtered', 1],
  ['Huffman only', 2],
  ['run length', 3],
  ['fixed codes', 4]
];
const SOURCE = letters(20000) + '\u20ac'.repeat(100);

const encoders = [
  ...LEVELS.map((level) => ({
    rfc: '7692 7.2.2',
    name: `what zlib makes at level ${level}`,
    send: [
      text(deflate(SOURCE, { level }), { rsv }),
      ...fragments(1, chop(deflate(SOURCE, { level }), 777), { rsv })
    ],
    events: [text(SOURCE), text(SOURCE)]
  })),
  ...STRATEGIES.map(([what, strategy]) => ({
    rfc: '7692 7.2.2',
    name: `what zlib makes with the strategy "${what}"`,
    send: [text(deflate(SOURCE, { strategy }), { rsv })],
    events: [text(SOURCE)]
  })),
  ...[1, 2, 5, 8, 9].map((memLevel) => ({
    rfc: '7692 7.2.2',
    name: `what zlib makes with memLevel ${memLevel}`,
    send: [text(deflate(SOURCE, { memLevel }), { rsv })],
    events: [text(SOURCE)]
  }))
];

/** BFINAL ends the stream; the message goes on with a new one. */
const finals = [
  {
    name: 'a stored block with BFINAL',
    send: [text(compressed(final(stored('Hello'))), { rsv }), text('next')],
    events: [text('Hello'), text('next')]
  },
  {
    name: 'an empty fixed block with BFINAL',
    send: [text(compressed(final(fixed())), { rsv }), text('next')],
    events: [text(''), text('next')]
  },
  {
    name: 'several blocks, the last with BFINAL',
    send: [
      text(compressed(fixed('a'), stored('b'), final(fixed('c'))), { rsv }),
      text('next')
    ],
    events: [text('abc'), text('next')]
  },
  {
    name: 'what zlib makes with Z_FINISH',
    send: [
      text(
        Buffer.concat([zlib.deflateRawSync(letters(3000)), Buffer.from([0])]),
        { rsv }
      ),
      text('next')
    ],
    events: [text(letters(3000)), text('next')]
  },
  {
    name: 'five messages with BFINAL',
    send: Array.from({ length: 5 }, (_, i) =>
      text(compressed(final(fixed(`message ${i}`))), { rsv })
    ),
    events: Array.from({ length: 5 }, (_, i) => text(`message ${i}`))
  },
  {
    name: 'a message behind one with BFINAL, without reference to it',
    send: [
      text(compressed(final(fixed('Hello'))), { rsv }),
      text(deflate('Hello again'), { rsv })
    ],
    events: [text('Hello'), text('Hello again')]
  },
  {
    name: 'a message with BFINAL in fragments',
    send: [
      ...fragments(1, chop(compressed(final(fixed('Hello'))), 2), { rsv }),
      text('next')
    ],
    events: [text('Hello'), text('next')]
  }
].map((testCase) => ({ rfc: '7692 7.2.3.4', ...testCase }));

const BROKEN = [
  ['an invalid block type', compressed(bits(7, 3))],
  [
    'an invalid block type behind a good block',
    compressed(fixed('a'), bits(6, 3))
  ],
  ['stored lengths that do not match', compressed(stored('Hello', 0x1234))],
  [
    'a distance before the start',
    compressed(fixed('a', { length: 3, distance: 2 }))
  ],
  [
    'a distance far before the start',
    compressed(fixed('abc', { length: 3, distance: 32768 }))
  ],
  [
    'a match as the first symbol',
    compressed(fixed({ length: 3, distance: 1 }))
  ],
  ['too many length codes in a dynamic block', Buffer.from('fdffff', 'hex')],
  // Two bytes and the tail fill the block, the rest is no block.
  [
    'a stored block that is shorter than it says',
    Buffer.from('000500faff4865', 'hex')
  ],
  ['bytes FF', Buffer.alloc(20, 0xff)],
  ['text instead of compressed bytes', Buffer.from('this is not DEFLATE')]
];

const broken = BROKEN.flatMap(([what, payload]) => [
  {
    rfc: '7692 7.2.2',
    name: `${what}: refused`,
    send: [text('before'), text(payload, { rsv })],
    events: [text('before')],
    fails: INFLATE
  },
  {
    rfc: '7692 7.2.2',
    name: `${what}: refused in fragments`,
    send: fragments(2, chop(payload, 3), { rsv }),
    fails: INFLATE
  }
]);

module.exports = {
  title: 'DEFLATE blocks',
  cases: [...examples, ...blocks, ...encoders, ...finals, ...broken].map(
    (testCase) => ({ deflate: {}, ...testCase })
  )
};
