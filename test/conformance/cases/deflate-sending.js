'use strict';

const { binary, close, cont, ping, pong, text } = require('../frames');
const { bytes, letters } = require('../payloads');

const SIZES = [
  0, 1, 2, 10, 125, 126, 127, 1023, 1024, 1025, 16384, 65535, 65536, 65537,
  200000
];

/**
 * @param {Object} frame A frame
 * @param {Number} [frames] The number of frames of the message
 * @return {Object} The message as it is observed inflated
 */
const inflated = (frame, frames = 1) => ({ ...frame, inflated: frames });

/** The peer's inflater checks that what comes is made as 7.2.1 says. */
const sizes = SIZES.flatMap((size) => [
  {
    rfc: '7692 7.2.1',
    name: `send() of a string of ${size} bytes is compressed`,
    do: [['send', letters(size)]],
    wire: [inflated(text(letters(size)))]
  },
  {
    rfc: '7692 7.2.1',
    name: `send() of a Buffer of ${size} bytes is compressed`,
    do: [['send', bytes(size)]],
    wire: [inflated(binary(bytes(size)))]
  }
]);

const rules = [
  {
    rfc: '7692 7.2.1',
    name: 'many messages with context takeover',
    do: Array.from({ length: 100 }, (_, i) => ['send', `message ${i}`]),
    wire: Array.from({ length: 100 }, (_, i) => inflated(text(`message ${i}`)))
  },
  {
    rfc: '7692 7.1.1',
    name: 'many messages without context takeover',
    deflate: { ownTakeover: false },
    options: { perMessageDeflate: { threshold: 0 } },
    do: Array.from({ length: 100 }, () => ['send', 'the same message']),
    wire: Array.from({ length: 100 }, () => inflated(text('the same message')))
  },
  {
    rfc: '7692 6.1',
    name: 'control frames are not compressed',
    do: [
      ['ping', letters(125)],
      ['pong', letters(125)],
      ['send', 'x'],
      ['ping', letters(125)]
    ],
    wire: [
      ping(letters(125)),
      pong(letters(125)),
      inflated(text('x')),
      ping(letters(125))
    ]
  },
  {
    rfc: '7692 6.1',
    name: 'the answer to a ping is not compressed',
    send: [ping(letters(125))],
    events: [ping(letters(125))],
    wire: [pong(letters(125))]
  },
  {
    rfc: '7692 6.1',
    name: 'the option compress: false sends a plain message',
    do: [
      ['send', letters(3000), { compress: false }],
      ['send', letters(3000)],
      ['send', letters(3000), { compress: false }],
      ['send', letters(3000)]
    ],
    wire: [
      text(letters(3000)),
      inflated(text(letters(3000))),
      text(letters(3000)),
      inflated(text(letters(3000)))
    ]
  },
  {
    rfc: '7692 6.1',
    name: 'only the first frame of a compressed message has RSV1',
    do: [
      ['send', letters(100), { fin: false }],
      ['send', letters(100), { fin: false }],
      ['send', letters(100)]
    ],
    wire: [inflated(text(letters(100) + letters(100) + letters(100)), 3)]
  },
  {
    rfc: '7692 6.1',
    name: 'the first frame decides whether a message is compressed',
    do: [
      ['send', 'a', { fin: false, compress: false }],
      ['send', 'b', { compress: true }],
      ['send', 'c', { fin: false, compress: true }],
      ['send', 'd', { compress: false }]
    ],
    wire: [text('a', { fin: false }), cont('b'), inflated(text('cd'), 2)]
  },
  {
    rfc: '7692 6.1',
    name: 'control frames between compressed fragments',
    do: [
      ['send', 'a', { fin: false }],
      ['ping', 'p'],
      ['send', 'b']
    ],
    // A compressed message is written down when it is complete.
    wire: [ping('p'), inflated(text('ab'), 2)]
  },
  {
    rfc: '7692 6.1',
    name: 'a ping, a plain and a compressed message go out in the order of the calls',
    do: [
      ['send', letters(20000)],
      ['ping', '1'],
      ['send', 'plain', { compress: false }],
      ['send', 'x'],
      ['pong', '2'],
      ['send', '']
    ],
    wire: [
      inflated(text(letters(20000))),
      ping('1'),
      text('plain'),
      inflated(text('x')),
      pong('2'),
      inflated(text(''))
    ]
  },
  {
    rfc: '7692 7.2.1',
    name: 'empty messages one after the other',
    do: [
      ['send', ''],
      ['send', ''],
      ['send', Buffer.alloc(0)],
      ['send', 'x'],
      ['send', '']
    ],
    wire: [
      inflated(text('')),
      inflated(text('')),
      inflated(binary('')),
      inflated(text('x')),
      inflated(text(''))
    ]
  },
  {
    rfc: '7692 7.2.1',
    name: 'without context takeover messages below the threshold are plain',
    deflate: { ownTakeover: false },
    do: [
      ['send', letters(1023)],
      ['send', letters(1024)],
      ['send', bytes(1023)],
      ['send', bytes(1024)]
    ],
    wire: [
      text(letters(1023)),
      inflated(text(letters(1024))),
      binary(bytes(1023)),
      inflated(binary(bytes(1024)))
    ]
  },
  {
    rfc: '7692 7.2.1',
    name: 'the option threshold moves that border',
    deflate: { ownTakeover: false },
    options: { perMessageDeflate: { threshold: 10 } },
    do: [
      ['send', letters(9)],
      ['send', letters(10)]
    ],
    wire: [text(letters(9)), inflated(text(letters(10)))]
  },
  {
    rfc: '7692 7.2.1',
    name: 'what was compressed goes out before the close frame',
    do: [
      ['send', letters(50000)],
      ['send', 'x'],
      ['close', 1000]
    ],
    ending: 'answer',
    wire: [inflated(text(letters(50000))), inflated(text('x')), close(1000)],
    closed: [1000, '']
  },
  {
    rfc: '7692 7.2.1',
    name: 'nothing is compressed when nothing was negotiated',
    deflate: undefined,
    options: { perMessageDeflate: true },
    do: [['send', letters(3000), { compress: true }]],
    wire: [text(letters(3000))]
  }
];

module.exports = {
  title: 'sending compressed',
  cases: [...sizes, ...rules].map((testCase) => ({ deflate: {}, ...testCase }))
};
