'use strict';

const { INFLATE, UTF8, opcode } = require('../errors');
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
const {
  Deflater,
  bits,
  compressed,
  deflate,
  fixed,
  stored
} = require('../deflate');
const { bytes, letters } = require('../payloads');

const SYNC = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const rsv = RSV1;

const SIZES = [
  0, 1, 2, 124, 125, 126, 127, 128, 1023, 1024, 1025, 4096, 16383, 16384, 16385,
  32767, 32768, 32769, 65534, 65535, 65536, 65537, 131072, 1000003
];

const sizes = SIZES.flatMap((size) => [
  {
    rfc: '7692 7.2.2',
    name: `a compressed text message of ${size} bytes`,
    send: [text(deflate(letters(size)), { rsv })],
    events: [text(letters(size))]
  },
  {
    rfc: '7692 7.2.2',
    name: `a compressed binary message of ${size} bytes`,
    send: [binary(deflate(bytes(size)), { rsv })],
    events: [binary(bytes(size))]
  }
]);

const HELLO = compressed(fixed('Hello, '), stored('big '), fixed('world'));

/** The compressed bytes may be cut anywhere; only the first frame has RSV1. */
const cuts = Array.from({ length: HELLO.length + 1 }, (_, at) => ({
  rfc: '7692 6.1',
  name: `a compressed message in two frames, cut behind byte ${at}`,
  send: fragments(1, [HELLO.subarray(0, at), HELLO.subarray(at)], { rsv }),
  events: [text('Hello, big world')]
}));

const framing = [
  {
    name: 'fragments of one byte',
    send: fragments(1, chop(deflate(letters(500)), 1), { rsv }),
    events: [text(letters(500))]
  },
  {
    name: 'empty fragments before, between and behind',
    send: fragments(1, ['', '', ...chop(HELLO, 5), '', ''], { rsv }),
    events: [text('Hello, big world')]
  },
  {
    name: 'an empty fragment between each two bytes',
    send: fragments(
      2,
      chop(HELLO, 1).flatMap((part) => [part, '']),
      { rsv }
    ),
    events: [binary('Hello, big world')]
  },
  {
    name: 'a first frame without payload',
    send: fragments(1, ['', HELLO], { rsv }),
    events: [text('Hello, big world')]
  },
  {
    name: 'a last frame without payload',
    send: fragments(1, [HELLO, ''], { rsv }),
    events: [text('Hello, big world')]
  },
  {
    // 7.2.3.6 wants one zero byte, so a strict decoder may refuse this.
    name: 'a compressed frame without any payload is an empty message',
    send: [text('', { rsv }), text('next')],
    events: [text(''), text('next')],
    or: [{ events: [], fails: INFLATE }]
  },
  {
    name: 'compressed fragments without any payload are an empty message',
    send: [...fragments(1, ['', '', ''], { rsv }), text('next')],
    events: [text(''), text('next')],
    or: [{ events: [], fails: INFLATE }]
  },
  {
    name: 'the tail 00 00 ff ff may be left on',
    send: [
      text(Buffer.concat([deflate('Hello'), SYNC, Buffer.from([0])]), { rsv }),
      text('next')
    ],
    events: [text('Hello'), text('next')]
  },
  {
    name: 'control frames between compressed fragments are not compressed',
    send: [
      ...fragments(1, chop(HELLO, 8), { rsv }).flatMap((part, i) =>
        i === 0 ? [part, ping('p'), pong('q')] : [part]
      )
    ],
    events: [ping('p'), pong('q'), text('Hello, big world')],
    wire: [pong('p')]
  },
  {
    name: 'a close frame between compressed fragments',
    send: [text(HELLO.subarray(0, 5), { rsv, fin: false }), close(1000, 'bye')],
    closes: [1000, 'bye']
  },
  {
    name: 'FIN between compressed fragments',
    send: [text(HELLO.subarray(0, 5), { rsv, fin: false })],
    ending: 'fin'
  },
  {
    name: 'FIN inside a compressed frame',
    send: [text('ok'), text(HELLO, { rsv, only: 9 })],
    events: [text('ok')],
    ending: 'fin'
  },
  {
    name: 'messages without RSV1 are not inflated',
    send: [text('plain'), binary(HELLO), ...fragments(1, ['a', 'b'])],
    events: [text('plain'), binary(HELLO), text('ab')]
  },
  {
    name: 'compressed and plain messages in turn keep their order',
    send: (() => {
      const deflater = new Deflater();
      return Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0
          ? text(deflater.message(`message ${i}`), { rsv })
          : text(`message ${i}`)
      );
    })(),
    events: Array.from({ length: 40 }, (_, i) => text(`message ${i}`))
  },
  {
    name: 'pings between compressed messages keep their places',
    send: [
      text(deflate('a'), { rsv }),
      ping('1'),
      text(deflate('b'), { rsv }),
      ping('2')
    ],
    events: [text('a'), ping('1'), text('b'), ping('2')],
    wire: [pong('1'), pong('2')]
  },
  {
    name: 'a close frame behind compressed messages: they are delivered first',
    send: [
      ...Array.from({ length: 20 }, (_, i) =>
        text(deflate(`message ${i}`), { rsv })
      ),
      close(1000, 'bye')
    ],
    events: Array.from({ length: 20 }, (_, i) => text(`message ${i}`)),
    closes: [1000, 'bye']
  },
  {
    name: 'FIN behind compressed messages: they are delivered first',
    send: Array.from({ length: 20 }, (_, i) =>
      text(deflate(`message ${i}`), { rsv })
    ),
    ending: 'fin',
    events: Array.from({ length: 20 }, (_, i) => text(`message ${i}`))
  },
  {
    name: 'a very compressible message of 10 MB',
    send: [binary(deflate(Buffer.alloc(10000000)), { rsv })],
    events: [binary(Buffer.alloc(10000000))]
  }
].map((testCase) => ({ rfc: '7692 6.1', ...testCase }));

const errors = [
  {
    rfc: '7692 7.2.2',
    name: 'compressed messages before a broken one are delivered',
    send: [
      text(deflate('a'), { rsv }),
      binary(deflate('b'), { rsv }),
      text(compressed(bits(7, 3)), { rsv })
    ],
    events: [text('a'), binary('b')],
    fails: INFLATE
  },
  {
    rfc: '7692 6.2',
    name: 'text is checked for UTF-8 after it was inflated',
    send: [text(deflate(Buffer.from([0x61, 0xff])), { rsv })],
    fails: UTF8
  },
  {
    rfc: '7692 6.2',
    name: 'compressed bytes are not checked for UTF-8',
    send: [text(deflate(letters(300)), { rsv })],
    events: [text(letters(300))]
  },
  {
    rfc: '7692 6.2',
    name: 'broken text over compressed fragments',
    send: fragments(
      1,
      chop(deflate(Buffer.from([0xe2, 0x82, 0x41, 0x41])), 2),
      { rsv }
    ),
    fails: UTF8
  },
  {
    rfc: '7692 6.1',
    name: 'a whole frame inside a compressed message is refused',
    send: [
      text(HELLO.subarray(0, 5), { rsv, fin: false }),
      cont(HELLO.subarray(5), { fin: false }),
      text('x')
    ],
    fails: opcode(1)
  }
];

module.exports = {
  title: 'compressed messages',
  cases: [...sizes, ...cuts, ...framing, ...errors].map((testCase) => ({
    deflate: {},
    ...testCase
  }))
};
