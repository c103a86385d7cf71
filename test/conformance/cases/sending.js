'use strict';

const { binary, cont, ping, pong, text } = require('../frames');
const { bytes, letters } = require('../payloads');

const SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 124, 125, 126, 127, 128, 1000, 4096, 16384, 65534,
  65535, 65536, 65537, 131072, 1000003
];

/**
 * The wire reader checks every frame as well: the mask bit (5.1), the minimal
 * length (5.2), reserved bits, the order of fragments (5.4), control frames
 * (5.5) and that nothing follows a close frame (5.5.1).
 */
const sizes = SIZES.flatMap((size) => [
  {
    rfc: '6455 6.1',
    name: `send() of a string of ${size} bytes is one text frame`,
    do: [['send', letters(size)]],
    wire: [text(letters(size))]
  },
  {
    rfc: '6455 6.1',
    name: `send() of a Buffer of ${size} bytes is one binary frame`,
    do: [['send', bytes(size)]],
    wire: [binary(bytes(size))]
  }
]);

const controls = [0, 1, 2, 8, 64, 124, 125].flatMap((size) => [
  {
    rfc: '6455 5.5.2',
    name: `ping() with ${size} bytes`,
    do: [['ping', bytes(size)]],
    wire: [ping(bytes(size))]
  },
  {
    rfc: '6455 5.5.3',
    name: `pong() with ${size} bytes`,
    do: [['pong', bytes(size)]],
    wire: [pong(bytes(size))]
  }
]);

const LIMIT =
  'threw RangeError: The data size must not be greater than 125 bytes';

const refused = [
  {
    rfc: '6455 5.5',
    name: 'ping() with 126 bytes sends nothing',
    do: [
      ['ping', bytes(126)],
      ['send', 'next']
    ],
    thrown: [`ping ${LIMIT}`],
    wire: [text('next')]
  },
  {
    rfc: '6455 5.5',
    name: 'pong() with 126 bytes sends nothing',
    do: [
      ['pong', bytes(126)],
      ['send', 'next']
    ],
    thrown: [`pong ${LIMIT}`],
    wire: [text('next')]
  }
];

const kinds = [
  {
    name: 'text of all lengths of characters is sent as UTF-8',
    do: [['send', '$\u00a3\u20ac\u{10348}']],
    wire: [text('$\u00a3\u20ac\u{10348}')]
  },
  {
    name: 'a lone surrogate in a string is replaced: only UTF-8 goes out',
    do: [['send', 'a\ud800b\udc00c']],
    wire: [text('a\ufffdb\ufffdc')]
  },
  {
    name: 'a number is sent as text',
    do: [['send', 12.5]],
    wire: [text('12.5')]
  },
  {
    name: 'views of memory are sent as they are cut',
    do: [
      ['send', bytes(100).subarray(10, 20)],
      ['send', new Uint16Array([0x0201, 0x0403])],
      ['send', new DataView(new Uint8Array([9, 8, 7, 6]).buffer, 1, 2)],
      ['send', new Uint8Array([1, 2, 3]).buffer]
    ],
    wire: [
      binary(bytes(100).subarray(10, 20)),
      binary([1, 2, 3, 4]),
      binary([8, 7]),
      binary([1, 2, 3])
    ]
  },
  {
    name: 'the option binary overrides the kind',
    do: [
      ['send', 'bin', { binary: true }],
      ['send', Buffer.from('txt'), { binary: false }]
    ],
    wire: [binary('bin'), text('txt')]
  },
  {
    name: 'messages and control frames go out in the order of the calls',
    do: [
      ['send', 'a'],
      ['ping', '1'],
      ['send', Buffer.from('b')],
      ['pong', '2'],
      ['send', ''],
      ['ping'],
      ['send', 'c']
    ],
    wire: [
      text('a'),
      ping('1'),
      binary('b'),
      pong('2'),
      text(''),
      ping(),
      text('c')
    ]
  },
  {
    name: '1000 messages go out in the order of the calls',
    do: Array.from({ length: 1000 }, (_, i) => ['send', `message ${i}`]),
    wire: Array.from({ length: 1000 }, (_, i) => text(`message ${i}`))
  },
  {
    name: 'big and tiny messages go out in the order of the calls',
    do: Array.from({ length: 20 }, (_, i) => [
      'send',
      bytes(i % 2 ? i : 200000 + i)
    ]),
    wire: Array.from({ length: 20 }, (_, i) =>
      binary(bytes(i % 2 ? i : 200000 + i))
    )
  }
].map((testCase) => ({ rfc: '6455 6.1', ...testCase }));

const fragmented = [
  {
    name: 'fin: false starts a fragmented message',
    do: [
      ['send', 'a', { fin: false }],
      ['send', 'b', { fin: false }],
      ['send', 'c', { fin: true }]
    ],
    wire: [text('a', { fin: false }), cont('b', { fin: false }), cont('c')]
  },
  {
    name: 'the kind of a fragmented message is that of its first part',
    do: [
      ['send', Buffer.from('a'), { fin: false }],
      ['send', 'b']
    ],
    wire: [binary('a', { fin: false }), cont('b')]
  },
  {
    name: 'control frames go out between fragments',
    do: [
      ['send', 'a', { fin: false }],
      ['ping', 'p'],
      ['send', 'b', { fin: false }],
      ['pong', 'q'],
      ['send', 'c']
    ],
    wire: [
      text('a', { fin: false }),
      ping('p'),
      cont('b', { fin: false }),
      pong('q'),
      cont('c')
    ]
  },
  {
    name: 'empty fragments',
    do: [
      ['send', '', { fin: false }],
      ['send', '', { fin: false }],
      ['send', '']
    ],
    wire: [text('', { fin: false }), cont('', { fin: false }), cont('')]
  },
  {
    name: 'a whole message behind a fragmented one starts anew',
    do: [
      ['send', 'a', { fin: false }],
      ['send', 'b'],
      ['send', Buffer.from('c')]
    ],
    wire: [text('a', { fin: false }), cont('b'), binary('c')]
  },
  {
    name: 'the answer to a ping may go out inside a fragmented message',
    do: [['send', 'a', { fin: false }]],
    send: [ping('p')],
    events: [ping('p')],
    wire: [text('a', { fin: false }), pong('p')]
  },
  {
    name: 'big fragments',
    do: [
      ['send', bytes(70000), { fin: false }],
      ['send', bytes(65536, 2), { fin: false }],
      ['send', bytes(126, 3)]
    ],
    wire: [
      binary(bytes(70000), { fin: false }),
      cont(bytes(65536, 2), { fin: false }),
      cont(bytes(126, 3))
    ]
  }
].map((testCase) => ({ rfc: '6455 5.4', ...testCase }));

const keys = [
  {
    name: 'each frame of a client has a masking key of its own',
    do: Array.from({ length: 200 }, () => ['send', 'same']),
    wire: Array.from({ length: 200 }, () => text('same')),
    keys: 200
  },
  {
    name: 'each control frame of a client has a masking key of its own',
    do: Array.from({ length: 100 }, () => ['ping', 'same']),
    wire: Array.from({ length: 100 }, () => ping('same')),
    keys: 100
  },
  {
    name: 'each fragment of a client has a masking key of its own',
    do: [
      ...Array.from({ length: 99 }, () => ['send', 'same', { fin: false }]),
      ['send', 'same']
    ],
    wire: [
      text('same', { fin: false }),
      ...Array.from({ length: 98 }, () => cont('same', { fin: false })),
      cont('same')
    ],
    keys: 100
  },
  {
    name: 'automatic answers of a client have masking keys of their own',
    send: Array.from({ length: 50 }, () => ping('same')),
    events: Array.from({ length: 50 }, () => ping('same')),
    wire: Array.from({ length: 50 }, () => pong('same')),
    keys: 50
  },
  {
    name: 'the option generateMask chooses the key of each frame',
    options: {
      generateMask(key) {
        key.fill(0xa5);
      }
    },
    do: [
      ['send', 'one'],
      ['send', bytes(300)],
      ['ping', 'p']
    ],
    wire: [text('one'), binary(bytes(300)), ping('p')],
    keys: ['a5a5a5a5']
  }
].map((testCase) => ({ rfc: '6455 5.3', roles: ['client'], ...testCase }));

module.exports = {
  title: 'sending',
  cases: [...sizes, ...controls, ...refused, ...kinds, ...fragmented, ...keys]
};
