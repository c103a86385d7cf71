'use strict';

const { TOO_LONG, TOO_MANY_FRAGMENTS } = require('../errors');
const {
  RSV1,
  binary,
  chop,
  cont,
  fragments,
  ping,
  pong,
  text
} = require('../frames');
const { deflate } = require('../deflate');
const { bytes, letters } = require('../payloads');

const LIMITS = [1, 10, 125, 126, 127, 1000, 65535, 65536];

/** `maxPayload` counts the payload of one message. */
const sizes = LIMITS.flatMap((maxPayload) => [
  {
    name: `maxPayload ${maxPayload}: messages of that size pass`,
    options: { maxPayload },
    send: [text(letters(maxPayload)), binary(bytes(maxPayload))],
    events: [text(letters(maxPayload)), binary(bytes(maxPayload))]
  },
  {
    name: `maxPayload ${maxPayload}: one byte more is refused`,
    options: { maxPayload },
    send: [text(letters(maxPayload)), binary(bytes(maxPayload + 1))],
    events: [text(letters(maxPayload))],
    fails: TOO_LONG
  },
  {
    name: `maxPayload ${maxPayload}: one byte more is refused before it arrives`,
    options: { maxPayload },
    send: [binary(bytes(maxPayload + 1), { only: 'header' })],
    probe: false,
    fails: TOO_LONG
  },
  {
    name: `maxPayload ${maxPayload}: fragments add up`,
    options: { maxPayload },
    send: [
      text('', { fin: false }),
      cont(letters(maxPayload), { fin: false }),
      cont('x')
    ],
    fails: TOO_LONG
  },
  {
    name: `maxPayload ${maxPayload}: fragments of exactly that sum pass`,
    options: { maxPayload },
    send: fragments(2, chop(bytes(maxPayload), Math.ceil(maxPayload / 3))),
    events: [binary(bytes(maxPayload))]
  }
]);

const messages = [
  {
    name: 'maxPayload is for each message anew',
    options: { maxPayload: 10 },
    send: [
      text(letters(10)),
      ...fragments(1, chop(letters(10), 3)),
      binary(bytes(10))
    ],
    events: [text(letters(10)), text(letters(10)), binary(bytes(10))]
  },
  {
    name: 'control frames do not count for maxPayload',
    options: { maxPayload: 10 },
    send: [
      text(letters(5), { fin: false }),
      ping(bytes(125)),
      cont(letters(5)),
      pong(bytes(125))
    ],
    events: [ping(bytes(125)), text(letters(5) + letters(5)), pong(bytes(125))],
    wire: [pong(bytes(125))]
  },
  {
    name: 'the fragment that goes over maxPayload is refused at its header',
    options: { maxPayload: 10 },
    send: [
      text(letters(8), { fin: false }),
      cont(letters(8), { only: 'header' })
    ],
    probe: false,
    fails: TOO_LONG
  },
  {
    name: 'messages before the one over maxPayload are delivered',
    options: { maxPayload: 10 },
    send: [text('a'), binary('b'), text(letters(11))],
    events: [text('a'), binary('b')],
    fails: TOO_LONG
  },
  {
    name: 'without maxPayload a message of 2 MiB passes',
    options: { maxPayload: 0 },
    send: [binary(bytes(2097152))],
    events: [binary(bytes(2097152))]
  }
];

/**
 * @param {Number} first The inflated bytes of the first frame
 * @param {Number} second Those of the second
 * @return {Object[]} A compressed message of two frames
 */
function inflatingTo(first, second) {
  const sync = Buffer.from([0x00, 0x00, 0xff, 0xff]);

  return fragments(
    1,
    [Buffer.concat([deflate(letters(first)), sync]), deflate(letters(second))],
    { rsv: RSV1 }
  );
}

/** Compressed messages count as they are on the wire and inflated. */
const inflated = [
  {
    name: 'maxPayload: a message that inflates to exactly the limit passes',
    options: { maxPayload: 1000 },
    deflate: {},
    send: [text(deflate(letters(1000)), { rsv: RSV1 })],
    events: [text(letters(1000))]
  },
  {
    name: 'maxPayload: a message that inflates to one byte more is refused',
    options: { maxPayload: 1000 },
    deflate: {},
    send: [text(deflate(letters(1001)), { rsv: RSV1 })],
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: a bomb of 1:1000 is refused',
    options: { maxPayload: 65536 },
    deflate: {},
    send: [binary(deflate(Buffer.alloc(20000000)), { rsv: RSV1 })],
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: fragments that inflate to too much together are refused',
    options: { maxPayload: 1000 },
    deflate: {},
    send: fragments(1, chop(deflate(letters(5000), { level: 1 }), 200), {
      rsv: RSV1
    }),
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: fragments below the limit that inflate to more together',
    options: { maxPayload: 1000 },
    deflate: {},
    send: inflatingTo(600, 401),
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: fragments that inflate to exactly the limit together pass',
    options: { maxPayload: 1000 },
    deflate: {},
    send: inflatingTo(600, 400),
    events: [text(letters(600) + letters(400))]
  },
  {
    name: 'maxPayload: a compressed frame over the limit is refused at its header',
    options: { maxPayload: 100 },
    deflate: {},
    send: [binary(deflate(bytes(200)), { rsv: RSV1, only: 'header' })],
    probe: false,
    fails: TOO_LONG
  },
  {
    name: 'maxPayload: compressed messages below the limit do not add up',
    options: { maxPayload: 1000 },
    deflate: { peerTakeover: false },
    send: Array.from({ length: 5 }, () =>
      text(deflate(letters(900)), { rsv: RSV1 })
    ),
    events: Array.from({ length: 5 }, () => text(letters(900)))
  }
];

/** `maxFragments` counts the frames of one message. */
const counts = [1, 2, 3, 10, 100].flatMap((maxFragments) => [
  {
    name: `maxFragments ${maxFragments}: a message of as many frames passes`,
    options: { maxFragments },
    send: fragments(1, chop(letters(maxFragments), 1)),
    events: [text(letters(maxFragments))]
  },
  {
    name: `maxFragments ${maxFragments}: one frame more is refused`,
    options: { maxFragments },
    send: fragments(1, chop(letters(maxFragments + 1), 1)),
    fails: TOO_MANY_FRAGMENTS
  },
  {
    name: `maxFragments ${maxFragments}: one empty frame more is refused`,
    options: { maxFragments },
    send: fragments(2, [...chop(bytes(maxFragments), 1), '']),
    fails: TOO_MANY_FRAGMENTS
  },
  {
    name: `maxFragments ${maxFragments}: one frame more is refused before the message ends`,
    options: { maxFragments },
    send: fragments(2, chop(bytes(maxFragments + 2), 1)).slice(0, -1),
    probe: false,
    fails: TOO_MANY_FRAGMENTS
  }
]);

const fragmentRules = [
  {
    name: 'maxFragments: control frames do not count',
    options: { maxFragments: 2 },
    send: [
      text('a', { fin: false }),
      pong('1'),
      pong('2'),
      pong('3'),
      cont('b')
    ],
    events: [pong('1'), pong('2'), pong('3'), text('ab')]
  },
  {
    name: 'maxFragments is for each message anew',
    options: { maxFragments: 2 },
    send: [1, 2, 1, 2].flatMap((code) => fragments(code, ['a', 'b'])),
    events: [text('ab'), binary('ab'), text('ab'), binary('ab')]
  },
  {
    name: 'maxFragments: whole messages are one frame each',
    options: { maxFragments: 1 },
    send: [text('a'), binary('b'), text('')],
    events: [text('a'), binary('b'), text('')]
  },
  {
    name: 'maxFragments: frames of a compressed message count',
    options: { maxFragments: 3 },
    deflate: {},
    send: fragments(1, chop(deflate('Hello'), 2), { rsv: RSV1 }),
    fails: TOO_MANY_FRAGMENTS
  },
  {
    name: 'maxFragments: by default 16384 frames pass',
    send: fragments(2, chop(bytes(16384), 1)),
    events: [binary(bytes(16384))]
  },
  {
    name: 'maxFragments: by default one frame more is refused',
    send: fragments(2, chop(bytes(16385), 1)),
    fails: TOO_MANY_FRAGMENTS
  },
  {
    name: 'maxFragments 0 means no limit',
    options: { maxFragments: 0 },
    send: fragments(2, [...chop(bytes(16385), 1), '', '']),
    events: [binary(bytes(16385))]
  }
];

module.exports = {
  title: 'limits',
  cases: [...sizes, ...messages, ...inflated, ...counts, ...fragmentRules].map(
    (testCase) => ({ rfc: '6455 10.4', ...testCase })
  )
};
