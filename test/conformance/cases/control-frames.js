'use strict';

const { FIN, controlLength } = require('../errors');
const {
  NAMES,
  binary,
  close,
  cont,
  frame,
  ping,
  pong,
  raw,
  text
} = require('../frames');
const { bytes } = require('../payloads');

const SIZES = [0, 1, 2, 4, 8, 63, 64, 124, 125];

const answered = SIZES.map((size) => ({
  rfc: '6455 5.5.2',
  name: `a ping of ${size} bytes is answered by a pong with the same bytes`,
  send: [ping(bytes(size))],
  events: [ping(bytes(size))],
  wire: [pong(bytes(size))]
}));

const unsolicited = SIZES.map((size) => ({
  rfc: '6455 5.5.3',
  name: `an unsolicited pong of ${size} bytes is not answered`,
  send: [pong(bytes(size))],
  events: [pong(bytes(size))]
}));

const CONTROL = [8, 9, 10];

/** Control frames are at most 125 bytes long and are never fragmented. */
const wrong = CONTROL.flatMap((code) => [
  ...[126, 127, 65535].map((size) => ({
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame of ${size} bytes is refused`,
    send: [
      code === 8 ? close(1000, 'r'.repeat(size - 2)) : frame(code, bytes(size))
    ],
    fails: controlLength(126)
  })),
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame of 65536 bytes is refused`,
    send: [
      code === 8 ? close(1000, 'r'.repeat(65534)) : frame(code, bytes(65536))
    ],
    fails: controlLength(127)
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame with a 16-bit length is refused, however short`,
    send: [
      code === 8
        ? close(1000, '', { lengthAs: 16 })
        : frame(code, 'x', { lengthAs: 16 })
    ],
    fails: controlLength(126)
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame with a 64-bit length is refused, however short`,
    send: [
      code === 8
        ? close(1000, '', { lengthAs: 64 })
        : frame(code, 'x', { lengthAs: 64 })
    ],
    fails: controlLength(127)
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame that is too long is refused at its first two bytes`,
    send: [frame(code, bytes(126), { only: 2 })],
    probe: false,
    fails: controlLength(126)
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame without FIN is refused`,
    send: [
      code === 8
        ? close(1000, '', { fin: false })
        : frame(code, 'x', { fin: false })
    ],
    fails: FIN
  },
  {
    rfc: '6455 5.5',
    name: `an empty ${NAMES[code]} frame without FIN is refused`,
    send: [text('before'), frame(code, '', { fin: false })],
    events: [text('before')],
    fails: FIN
  },
  {
    rfc: '6455 5.5',
    name: `a fragmented ${NAMES[code]} frame is refused at its first frame`,
    send: [frame(code, bytes(2), { fin: false }), cont('b')],
    fails: FIN
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame without FIN inside a message is refused`,
    send: [
      text('a', { fin: false }),
      frame(code, '', { fin: false }),
      cont('b')
    ],
    fails: FIN
  },
  {
    rfc: '6455 5.5',
    name: `a ${NAMES[code]} frame that is too long inside a message is refused`,
    send: [text('a', { fin: false }), frame(code, bytes(126)), cont('b')],
    fails: controlLength(126)
  }
]);

const sequences = [
  {
    rfc: '6455 5.5.2',
    name: 'ten pings in one piece are answered in order',
    send: Array.from({ length: 10 }, (_, i) => ping(`ping ${i}`)),
    events: Array.from({ length: 10 }, (_, i) => ping(`ping ${i}`)),
    wire: Array.from({ length: 10 }, (_, i) => pong(`ping ${i}`))
  },
  {
    rfc: '6455 5.5.2',
    name: '40 pings byte by byte are answered in order',
    delivery: 'bytes',
    send: Array.from({ length: 40 }, (_, i) => ping(`${i}`)),
    events: Array.from({ length: 40 }, (_, i) => ping(`${i}`)),
    wire: Array.from({ length: 40 }, (_, i) => pong(`${i}`))
  },
  {
    rfc: '6455 5.5.2',
    name: 'pings between messages keep their places',
    send: [text('a'), ping('1'), binary('b'), ping('2'), text('c')],
    events: [text('a'), ping('1'), binary('b'), ping('2'), text('c')],
    wire: [pong('1'), pong('2')]
  },
  {
    rfc: '6455 5.5.2',
    name: 'the answer to a ping keeps its place among echoed messages',
    echo: true,
    send: [text('a'), ping('1'), binary('b'), ping('2'), text('c')],
    events: [text('a'), ping('1'), binary('b'), ping('2'), text('c')],
    wire: [text('a'), pong('1'), binary('b'), pong('2'), text('c')]
  },
  {
    rfc: '6455 5.5.2',
    name: 'a ping may carry bytes that are not UTF-8',
    send: [ping(Buffer.from([0xff, 0xfe, 0x00, 0xc0]))],
    events: [ping(Buffer.from([0xff, 0xfe, 0x00, 0xc0]))],
    wire: [pong(Buffer.from([0xff, 0xfe, 0x00, 0xc0]))]
  },
  {
    rfc: '6455 5.5.2',
    name: 'a ping directly before the close frame is answered',
    send: [ping('last')],
    events: [ping('last')],
    wire: [pong('last')]
  },
  {
    rfc: '6455 5.5.2',
    name: 'a ping behind the close frame is not answered',
    send: [close(1000, 'bye'), ping('late')],
    closes: [1000, 'bye']
  },
  {
    rfc: '6455 5.5.2',
    name: 'with autoPong off a ping is reported and not answered',
    options: { autoPong: false },
    send: [ping('p'), text('next')],
    events: [ping('p'), text('next')]
  },
  {
    rfc: '6455 5.5.2',
    name: 'without a limit on pending pongs 500 pings in one piece are answered',
    options: { maxPendingAutoPongs: 0 },
    send: Array.from({ length: 500 }, (_, i) => ping(`${i}`)),
    events: Array.from({ length: 500 }, (_, i) => ping(`${i}`)),
    wire: Array.from({ length: 500 }, (_, i) => pong(`${i}`))
  },
  {
    rfc: '6455 5.5.3',
    name: 'pongs of all sizes in one piece',
    send: Array.from({ length: 126 }, (_, i) => pong(bytes(i))),
    events: Array.from({ length: 126 }, (_, i) => pong(bytes(i)))
  },
  {
    rfc: '6455 5.5.3',
    name: 'a pong that answers a ping of the module is reported',
    do: [['ping', 'question']],
    send: [pong('question')],
    events: [pong('question')],
    wire: [ping('question')]
  },
  {
    rfc: '6455 5.7',
    name: 'the example frames of a server: text, fragments, pong, 256 and 65536 bytes',
    roles: ['client'],
    send: [
      raw('81 05 48 65 6c 6c 6f'),
      raw('01 03 48 65 6c 80 02 6c 6f'),
      raw('8a 05 48 65 6c 6c 6f'),
      raw('89 05 48 65 6c 6c 6f'),
      raw(Buffer.concat([Buffer.from('827e0100', 'hex'), bytes(256)])),
      raw(
        Buffer.concat([
          Buffer.from('827f0000000000010000', 'hex'),
          bytes(65536)
        ])
      )
    ],
    events: [
      text('Hello'),
      text('Hello'),
      pong('Hello'),
      ping('Hello'),
      binary(bytes(256)),
      binary(bytes(65536))
    ],
    wire: [pong('Hello')]
  },
  {
    rfc: '6455 5.7',
    name: 'the example frames of a client: masked text, masked pong',
    roles: ['server'],
    send: [
      raw('81 85 37 fa 21 3d 7f 9f 4d 51 58'),
      raw('8a 85 37 fa 21 3d 7f 9f 4d 51 58')
    ],
    events: [text('Hello'), pong('Hello')]
  }
];

module.exports = {
  title: 'control frames',
  cases: [...answered, ...unsolicited, ...wrong, ...sequences]
};
