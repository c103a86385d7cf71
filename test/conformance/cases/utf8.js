'use strict';

const {
  RSV1,
  binary,
  chop,
  close,
  cont,
  fragments,
  ping,
  pong,
  text
} = require('../frames');
const { UTF8 } = require('../errors');
const { deflate } = require('../deflate');
const { letters } = require('../payloads');
const { BROKEN, GOOD } = require('./utf8-sequences');

const LONG = Buffer.from(letters(100));

/**
 * @param {...(Buffer|String|Number[])} parts The parts
 * @return {Buffer} All of them
 */
function join(...parts) {
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

const good = GOOD.flatMap(([what, bytes]) => {
  const mixed = join('a', bytes, 'b', bytes, bytes);

  return [
    {
      rfc: '6455 8.1',
      name: `${what} is valid, whole and in fragments of one byte`,
      send: [
        text(bytes),
        text(mixed),
        text(join(LONG, bytes, LONG)),
        ...fragments(1, chop(mixed, 1))
      ],
      events: [
        text(bytes),
        text(mixed),
        text(join(LONG, bytes, LONG)),
        text(mixed)
      ]
    },
    {
      rfc: '6455 8.1',
      name: `${what} is valid byte by byte`,
      delivery: 'bytes',
      send: [text(mixed)],
      events: [text(mixed)]
    }
  ];
});

const broken = BROKEN.flatMap(([what, bytes]) => [
  {
    rfc: '6455 8.1',
    name: `${what}: a message of nothing else is refused`,
    send: [text('before'), text(bytes)],
    events: [text('before')],
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `${what}: at the end of a long message`,
    send: [text(join(LONG, bytes))],
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `${what}: in the middle of a long message`,
    send: [text(join(LONG, bytes, LONG, LONG))],
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `${what}: in fragments of one byte`,
    send: fragments(1, chop(join('ok ', bytes), 1)),
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `${what}: byte by byte`,
    delivery: 'bytes',
    send: [text(join('ok ', bytes))],
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `${what}: in a compressed message`,
    deflate: {},
    send: [text(deflate(join('ok ', bytes)), { rsv: RSV1 })],
    fails: UTF8
  }
]);

const SAMPLE = Buffer.from('a\u00e9\u20ac\u{1f600}z');

/** The text is cut at every byte, inside of characters too. */
const cuts = Array.from({ length: SAMPLE.length - 1 }, (_, i) => i + 1).flatMap(
  (at) => [
    {
      rfc: '6455 8.1',
      name: `text in two fragments, and with an empty one between, cut behind byte ${at}`,
      send: [
        ...fragments(1, [SAMPLE.subarray(0, at), SAMPLE.subarray(at)]),
        ...fragments(1, [SAMPLE.subarray(0, at), '', SAMPLE.subarray(at)])
      ],
      events: [text(SAMPLE), text(SAMPLE)]
    },
    {
      rfc: '6455 8.1',
      name: `text in two fragments with a ping between, cut behind byte ${at}`,
      delivery: 'frames',
      send: [
        text(SAMPLE.subarray(0, at), { fin: false }),
        ping('p'),
        cont(SAMPLE.subarray(at))
      ],
      events: [ping('p'), text(SAMPLE)],
      wire: [pong('p')]
    },
    {
      rfc: '7692 7.2.2',
      name: `compressed text in two fragments, cut behind byte ${at} of the text`,
      deflate: {},
      send: fragments(
        1,
        [
          join(deflate(SAMPLE.subarray(0, at)), [0, 0, 0xff, 0xff]),
          deflate(SAMPLE.subarray(at))
        ],
        { rsv: RSV1 }
      ),
      events: [text(SAMPLE)]
    }
  ]
);

/** Where the bad byte is must not matter to whatever checks in blocks. */
const positions = [
  0, 1, 7, 8, 15, 16, 23, 24, 31, 32, 33, 63, 64, 65, 127, 1023, 4095, 65535
].flatMap((at) => [
  {
    rfc: '6455 8.1',
    name: `the byte FF at offset ${at} of 70000`,
    send: [text(join(letters(at), [0xff], letters(69999 - at)))],
    fails: UTF8
  },
  {
    rfc: '6455 8.1',
    name: `a valid character at offset ${at} of 70000`,
    send: [text(join(letters(at), '\u{1f600}', letters(69996 - at)))],
    events: [text(join(letters(at), '\u{1f600}', letters(69996 - at)))]
  },
  {
    rfc: '6455 8.1',
    name: `a message that ends ${at} bytes on inside a character`,
    send: [text(join(letters(at), [0xf0, 0x9f, 0x98]))],
    fails: UTF8
  }
]);

const others = [
  {
    name: 'every broken sequence is allowed in binary messages',
    send: BROKEN.flatMap(([, bytes]) => [
      binary(bytes),
      ...fragments(2, chop(join(LONG, bytes), 50))
    ]),
    events: BROKEN.flatMap(([, bytes]) => [
      binary(bytes),
      binary(join(LONG, bytes))
    ])
  },
  {
    name: 'a character may not go on in the next message',
    send: [text([0xe2, 0x82]), text([0xac])],
    fails: UTF8
  },
  {
    name: 'an unfinished character in the first fragment, a letter in the next',
    send: fragments(1, [[0xe2, 0x82], 'abc']),
    fails: UTF8
  },
  {
    name: 'an unfinished character before an empty last fragment',
    send: fragments(1, [[0x61, 0xe2, 0x82], '']),
    fails: UTF8
  },
  {
    name: 'a continuation byte at the start of the second fragment',
    send: fragments(1, ['abc', [0xac, 0x61]]),
    fails: UTF8
  },
  {
    name: 'the overlong and surrogate rules hold over a fragment border',
    send: fragments(1, [[0xed], [0xa0], [0x80], 'rest']),
    fails: UTF8
  },
  {
    name: 'U+110000 is noticed over a fragment border',
    send: fragments(1, [[0xf4], [0x90, 0x80], [0x80, 0x61]]),
    fails: UTF8
  },
  {
    name: 'broken text in the first of many fragments is refused at the end at the latest',
    send: fragments(1, [[0xff], ...chop(letters(1000), 10)]),
    fails: UTF8
  },
  {
    name: 'valid messages before the broken one are delivered',
    send: [text('1'), binary([0xff]), text('2'), text([0xc0, 0x80])],
    events: [text('1'), binary([0xff]), text('2')],
    fails: UTF8
  },
  {
    name: 'with skipUTF8Validation broken text is delivered as it is',
    options: { skipUTF8Validation: true },
    send: [
      text([0xff, 0xfe]),
      ...fragments(1, [[0xe2], [0x28], [0xa1]]),
      text('ok')
    ],
    events: [text([0xff, 0xfe]), text([0xe2, 0x28, 0xa1]), text('ok')]
  },
  {
    name: 'with skipUTF8Validation broken compressed text is delivered as it is',
    options: { skipUTF8Validation: true },
    deflate: {},
    send: [text(deflate([0xff, 0xfe]), { rsv: RSV1 }), text('ok')],
    events: [text([0xff, 0xfe]), text('ok')]
  },
  {
    name: 'with skipUTF8Validation the kinds of messages are still told apart',
    options: { skipUTF8Validation: true },
    send: [text('t'), binary('b'), ...fragments(1, ['t', 't']), close(1000)],
    events: [text('t'), binary('b'), text('tt')],
    closes: [1000, '']
  }
].map((testCase) => ({ rfc: '6455 8.1', ...testCase }));

module.exports = {
  title: 'UTF-8',
  cases: [...good, ...broken, ...cuts, ...positions, ...others]
};
