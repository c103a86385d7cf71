'use strict';

const {
  FIN,
  MASK,
  RSV_1,
  RSV_2_3,
  controlLength,
  opcode
} = require('../errors');
const {
  RSV1,
  RSV2,
  RSV3,
  NAMES,
  close,
  cont,
  frame,
  ping,
  pong,
  text
} = require('../frames');
const { compressed, fixed } = require('../deflate');

const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

/** Opcodes that no RFC defines, in every place where a frame may stand. */
const reserved = RESERVED.flatMap((code) => [
  {
    rfc: '6455 5.2',
    name: `opcode ${code} is refused`,
    send: [frame(code, 'payload')],
    fails: opcode(code)
  },
  {
    rfc: '6455 5.2',
    name: `opcode ${code} without payload is refused`,
    send: [frame(code)],
    fails: opcode(code)
  },
  {
    rfc: '6455 5.2',
    name: `opcode ${code} without FIN is refused`,
    send: [frame(code, 'payload', { fin: false })],
    fails: opcode(code)
  },
  {
    rfc: '6455 5.2',
    name: `opcode ${code} is refused at its first two bytes`,
    send: [frame(code, 'payload', { only: 2 })],
    probe: false,
    fails: opcode(code)
  },
  {
    rfc: '6455 5.2',
    name: `opcode ${code} after a whole message is refused after it`,
    send: [text('before'), frame(code, 'payload')],
    events: [text('before')],
    fails: opcode(code)
  },
  {
    rfc: '6455 5.2',
    name: `opcode ${code} inside a fragmented message is refused`,
    send: [text('a', { fin: false }), frame(code), cont('b')],
    fails: opcode(code)
  }
]);

const BITS = [
  [RSV1, 'RSV1'],
  [RSV2, 'RSV2'],
  [RSV3, 'RSV3'],
  [RSV1 | RSV2, 'RSV1 and RSV2'],
  [RSV1 | RSV3, 'RSV1 and RSV3'],
  [RSV2 | RSV3, 'RSV2 and RSV3'],
  [RSV1 | RSV2 | RSV3, 'all three reserved bits']
];

/** Without an extension every reserved bit is an error. */
const withoutExtension = BITS.flatMap(([rsv, what]) => {
  const fails = rsv === RSV1 ? RSV_1 : RSV_2_3;

  return [
    ...[1, 2, 8, 9, 10].map((code) => ({
      rfc: '6455 5.2',
      name: `${what} on a ${NAMES[code]} frame without an extension`,
      send: [
        code === 8 ? close(1000, '', { rsv }) : frame(code, 'payload', { rsv })
      ],
      fails
    })),
    {
      rfc: '6455 5.2',
      name: `${what} on a continuation frame without an extension`,
      send: [text('a', { fin: false }), cont('b', { rsv })],
      fails
    },
    {
      rfc: '6455 5.2',
      name: `${what} on an empty frame without an extension`,
      send: [text('before'), text('', { rsv })],
      events: [text('before')],
      fails
    },
    {
      rfc: '6455 5.2',
      name: `${what} is refused at the first two bytes`,
      send: [text('payload', { rsv, only: 2 })],
      probe: false,
      fails
    }
  ];
});

/** permessage-deflate gives RSV1 a meaning, but only on the first data frame. */
const withDeflate = [
  ...BITS.filter(([rsv]) => rsv !== RSV1).flatMap(([rsv, what]) =>
    [1, 2, 8, 9, 10].map((code) => ({
      rfc: '7692 6',
      name: `${what} on a ${NAMES[code]} frame with permessage-deflate`,
      deflate: {},
      send: [
        code === 8
          ? close(1000, '', { rsv })
          : frame(code, compressed(fixed('x')), { rsv })
      ],
      fails: RSV_2_3
    }))
  ),
  ...[8, 9, 10].map((code) => ({
    rfc: '7692 6',
    name: `RSV1 on a ${NAMES[code]} frame with permessage-deflate`,
    deflate: {},
    send: [
      code === 8
        ? close(1000, '', { rsv: RSV1 })
        : frame(code, compressed(fixed('x')), { rsv: RSV1 })
    ],
    fails: RSV_1
  })),
  {
    rfc: '7692 6.1',
    name: 'RSV1 on a continuation of a compressed message',
    deflate: {},
    send: [
      text(compressed(fixed('a')), { rsv: RSV1, fin: false }),
      cont(compressed(fixed('b')), { rsv: RSV1 })
    ],
    fails: RSV_1
  },
  {
    rfc: '7692 6.1',
    name: 'RSV1 on a continuation of a message that is not compressed',
    deflate: {},
    send: [text('a', { fin: false }), cont('b', { rsv: RSV1 })],
    fails: RSV_1
  },
  {
    rfc: '7692 6.1',
    name: 'RSV1 on a continuation without a start',
    deflate: {},
    send: [cont(compressed(fixed('b')), { rsv: RSV1 })],
    fails: RSV_1
  },
  {
    rfc: '7692 6',
    name: 'RSV1 after a handshake in which nothing was negotiated',
    options: { perMessageDeflate: true },
    send: [text(compressed(fixed('Hello')), { rsv: RSV1 })],
    fails: RSV_1
  }
];

/** Of several errors in one header, the first in this order is reported. */
const order = [
  {
    name: 'RSV2 comes before RSV1, a reserved opcode, the mask and the length',
    send: [
      frame(3, '', {
        rsv: RSV1 | RSV2,
        mask: 'wrong',
        declared: 127,
        lengthAs: 7
      })
    ],
    fails: RSV_2_3
  },
  {
    name: 'RSV1 without an extension comes before a reserved opcode',
    send: [frame(3, 'x', { rsv: RSV1, mask: 'wrong' })],
    fails: RSV_1
  },
  {
    name: 'RSV1 on a continuation comes before the missing start',
    deflate: {},
    send: [cont('x', { rsv: RSV1, mask: 'wrong' })],
    fails: RSV_1
  },
  {
    name: 'a reserved opcode comes before a wrong mask bit',
    send: [frame(4, 'x', { mask: 'wrong' })],
    fails: opcode(4)
  },
  {
    name: 'a reserved control opcode comes before its missing FIN',
    send: [frame(11, 'x', { fin: false })],
    fails: opcode(11)
  },
  {
    name: 'a continuation without a start comes before a wrong mask bit',
    send: [cont('x', { mask: 'wrong' })],
    fails: opcode(0)
  },
  {
    name: 'the missing FIN of a ping comes before its RSV1',
    deflate: {},
    send: [ping('x', { fin: false, rsv: RSV1 })],
    fails: FIN
  },
  {
    name: 'the missing FIN of a pong comes before its length',
    send: [pong('x'.repeat(126), { fin: false })],
    fails: FIN
  },
  {
    name: 'RSV1 of a ping comes before its length',
    deflate: {},
    send: [ping('x'.repeat(126), { rsv: RSV1 })],
    fails: RSV_1
  },
  {
    name: 'the length of a ping comes before its wrong mask bit',
    send: [ping('x'.repeat(126), { mask: 'wrong' })],
    fails: controlLength(126)
  },
  {
    name: 'a wrong mask bit comes before an impossible length',
    send: [
      text('', {
        mask: 'wrong',
        declared: 2n ** 63n,
        lengthAs: 64,
        only: 'header'
      })
    ],
    fails: MASK
  }
].map((testCase) => ({ rfc: '6455 5.2', ...testCase }));

module.exports = {
  title: 'reserved bits and opcodes',
  cases: [...reserved, ...withoutExtension, ...withDeflate, ...order]
};
