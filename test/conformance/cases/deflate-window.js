'use strict';

const {
  RSV1,
  binary,
  chop,
  fragments,
  ping,
  pong,
  text
} = require('../frames');
const { Deflater, compressed, fixed, stored } = require('../deflate');
const { INFLATE } = require('../errors');
const { bytes, letters } = require('../payloads');

const rsv = RSV1;
const WINDOWS = [8, 9, 10, 11, 12, 13, 14, 15];

/** What the peer sends: its window is `peerBits`. */
const receiving = WINDOWS.flatMap((peerBits) => {
  const size = 2 ** peerBits;
  const data = bytes(size);

  return [
    {
      name: `window ${peerBits}: a match at its far end, in an earlier message`,
      deflate: { peerBits },
      send: [
        binary(compressed(stored(data)), { rsv }),
        binary(compressed(fixed({ length: 10, distance: size })), { rsv })
      ],
      events: [binary(data), binary(data.subarray(0, 10))]
    },
    {
      name: `window ${peerBits}: a match at its far end, in the same message`,
      deflate: { peerBits },
      send: [
        binary(
          compressed(stored(data), fixed({ length: 10, distance: size })),
          { rsv }
        )
      ],
      events: [binary(Buffer.concat([data, data.subarray(0, 10)]))]
    },
    {
      name: `window ${peerBits}: a match at its far end, many messages back`,
      deflate: { peerBits },
      send: [
        ...chop(data, size / 8).map((part) =>
          binary(compressed(stored(part)), { rsv })
        ),
        text('not compressed, so not in the window'),
        ping('nor is this'),
        binary(compressed(fixed({ length: 8, distance: size })), { rsv })
      ],
      events: [
        ...chop(data, size / 8).map((part) => binary(part)),
        text('not compressed, so not in the window'),
        ping('nor is this'),
        binary(data.subarray(0, 8))
      ],
      wire: [pong('nor is this')]
    },
    {
      name: `window ${peerBits}: without context takeover`,
      deflate: { peerBits, peerTakeover: false },
      send: Array.from({ length: 3 }, () =>
        binary(
          compressed(stored(data), fixed({ length: 10, distance: size })),
          { rsv }
        )
      ),
      events: Array.from({ length: 3 }, () =>
        binary(Buffer.concat([data, data.subarray(0, 10)]))
      )
    },
    {
      name: `window ${peerBits}: without context takeover no match reaches the message before`,
      deflate: { peerBits, peerTakeover: false },
      send: [
        binary(compressed(stored(data)), { rsv }),
        binary(compressed(fixed({ length: 10, distance: 5 })), { rsv })
      ],
      events: [binary(data)],
      fails: INFLATE
    }
  ];
});

/**
 * A match that reaches out of the window cannot be followed. Many decoders have
 * no window of 8 bits and take 9, so that 8 is tested with the border of 9.
 */
const tooFar = WINDOWS.filter((peerBits) => peerBits < 15).map((peerBits) => {
  const size = 2 ** Math.max(9, peerBits);

  return {
    name: `window ${peerBits}: a match beyond ${size} bytes, in an earlier message`,
    deflate: { peerBits },
    send: [
      binary(compressed(stored(bytes(2 * size))), { rsv }),
      binary(compressed(fixed({ length: 10, distance: size + 1 })), { rsv })
    ],
    events: [binary(bytes(2 * size))],
    fails: INFLATE
  };
});

const zlib = WINDOWS.filter((peerBits) => peerBits > 8).flatMap((peerBits) =>
  [true, false].map((peerTakeover) => {
    const deflater = new Deflater({ bits: peerBits, takeover: peerTakeover });
    const messages = [
      letters(10000),
      letters(10000),
      '',
      'x',
      letters(70000),
      'x'
    ];

    return {
      name: `window ${peerBits}: what zlib makes ${peerTakeover ? 'with' : 'without'} context takeover`,
      deflate: { peerBits, peerTakeover },
      send: messages.flatMap((message, i) =>
        i % 2 === 0
          ? text(deflater.message(message), { rsv })
          : fragments(1, chop(deflater.message(message), 100), { rsv })
      ),
      events: messages.map((message) => text(message))
    };
  })
);

/**
 * Two texts, whose repetitions lie just inside and just outside of a window of
 * 2 ** bits bytes.
 *
 * @param {Number} ownBits The window
 * @return {Buffer[]} The messages
 */
function repetitive(ownBits) {
  const inside = bytes(2 ** ownBits - 300 > 0 ? 2 ** ownBits - 300 : 50);
  const outside = bytes(2 ** ownBits + 50, 7);

  return [
    Buffer.concat([inside, inside, inside]),
    Buffer.concat([outside, outside, outside]),
    Buffer.from(letters(3000)),
    Buffer.from(letters(3000)),
    inside,
    outside,
    inside
  ];
}

/** What the module sends: its window is `ownBits`; the peer's inflater checks. */
const sending = WINDOWS.flatMap((ownBits) =>
  [true, false].map((ownTakeover) => ({
    name: `window ${ownBits}: the module stays within it ${ownTakeover ? 'with' : 'without'} context takeover`,
    deflate: { ownBits, ownTakeover },
    options: { perMessageDeflate: { threshold: 0 } },
    do: repetitive(ownBits).map((message) => ['send', message]),
    wire: repetitive(ownBits).map((message) => ({
      ...binary(message),
      inflated: 1
    }))
  }))
);

/** Both directions at once, each with parameters of its own. */
const both = [
  { peerBits: 9, ownBits: 15 },
  { peerBits: 15, ownBits: 9 },
  { peerBits: 8, ownBits: 8 },
  { peerTakeover: false, ownTakeover: false },
  { peerTakeover: false },
  { ownTakeover: false },
  { peerBits: 10, peerTakeover: false, ownBits: 12, ownTakeover: false },
  { peerBits: 12, ownBits: 10, ownTakeover: false },
  {}
].map((deflate) => {
  const deflater = new Deflater({
    bits: Math.max(9, deflate.peerBits || 15),
    takeover: deflate.peerTakeover
  });
  const messages = [
    letters(2000),
    letters(2000),
    letters(100),
    letters(70000),
    letters(2000)
  ];
  // zlib's window of 9 bits reaches back 250 bytes at most, so it suits 8.

  return {
    name: `an echo with ${JSON.stringify(deflate)}`,
    deflate,
    options: { perMessageDeflate: { threshold: 0 } },
    echo: true,
    send: messages.map((message) => text(deflater.message(message), { rsv })),
    events: messages.map((message) => text(message)),
    wire: messages.map((message) => ({ ...text(message), inflated: 1 }))
  };
});

const contexts = [
  {
    name: 'a message may refer to one 20 messages back',
    deflate: {},
    send: [
      text(compressed(fixed('the first message')), { rsv }),
      ...Array.from({ length: 20 }, () =>
        text(compressed(fixed('0123456789')), { rsv })
      ),
      text(compressed(fixed({ length: 9, distance: 217 })), { rsv })
    ],
    events: [
      text('the first message'),
      ...Array.from({ length: 20 }, () => text('0123456789')),
      text('the first')
    ]
  },
  {
    name: 'the context is kept through empty messages',
    deflate: {},
    send: [
      text(compressed(fixed('Hello')), { rsv }),
      text(Buffer.from([0]), { rsv }),
      binary(Buffer.from([0]), { rsv }),
      text(compressed(fixed({ length: 5, distance: 5 })), { rsv })
    ],
    events: [text('Hello'), text(''), binary(''), text('Hello')]
  },
  {
    name: 'plain messages are not part of the context',
    deflate: {},
    send: [
      text(compressed(fixed('Hello')), { rsv }),
      text('World'),
      text(compressed(fixed({ length: 5, distance: 5 })), { rsv })
    ],
    events: [text('Hello'), text('World'), text('Hello')]
  },
  {
    name: 'text and binary messages share the context',
    deflate: {},
    send: [
      text(compressed(fixed('Hello')), { rsv }),
      binary(compressed(fixed({ length: 5, distance: 5 })), { rsv })
    ],
    events: [text('Hello'), binary('Hello')]
  },
  {
    name: 'a match may reach over the fragments of a message',
    deflate: {},
    send: fragments(
      1,
      chop(compressed(fixed('abc'), fixed({ length: 3, distance: 3 })), 1),
      { rsv }
    ),
    events: [text('abcabc')]
  },
  {
    name: 'without context takeover a match reaches over fragments of a message',
    deflate: { peerTakeover: false },
    send: [1, 2].flatMap(() =>
      fragments(
        1,
        chop(compressed(fixed('abc'), fixed({ length: 3, distance: 3 })), 1),
        { rsv }
      )
    ),
    events: [text('abcabc'), text('abcabc')]
  },
  {
    name: 'without context takeover the window is empty behind a fragmented message',
    deflate: { peerTakeover: false },
    send: [
      ...fragments(1, chop(compressed(fixed('Hello')), 2), { rsv }),
      text(compressed(fixed({ length: 5, distance: 5 })), { rsv })
    ],
    events: [text('Hello')],
    fails: INFLATE
  },
  {
    name: 'the directions have contexts of their own',
    deflate: {},
    do: [['send', 'Hello']],
    send: [text(compressed(fixed({ length: 5, distance: 5 })), { rsv })],
    wire: [{ ...text('Hello'), inflated: 1 }],
    fails: INFLATE
  }
];

module.exports = {
  title: 'compression parameters',
  cases: [
    ...receiving.map((testCase) => ({ rfc: '7692 7.1.2', ...testCase })),
    ...tooFar.map((testCase) => ({ rfc: '7692 7.1.2', ...testCase })),
    ...zlib.map((testCase) => ({ rfc: '7692 7.1.2', ...testCase })),
    ...sending.map((testCase) => ({ rfc: '7692 7.1.2', ...testCase })),
    ...both.map((testCase) => ({ rfc: '7692 7.1', ...testCase })),
    ...contexts.map((testCase) => ({ rfc: '7692 7.1.1', ...testCase }))
  ]
};
