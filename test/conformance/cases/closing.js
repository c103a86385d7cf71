'use strict';

const { RSV_1 } = require('../errors');
const {
  RSV1,
  binary,
  close,
  cont,
  frame,
  ping,
  pong,
  text
} = require('../frames');
const { bytes } = require('../payloads');

const CODES = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
  3999, 4000, 4999
];

const sent = CODES.map((code) => ({
  rfc: '6455 7.1.2',
  name: `close(${code}, reason) sends that and waits for the answer`,
  do: [['close', code, `reason ${code}`]],
  ending: 'answer',
  wire: [close(code, `reason ${code}`)],
  closed: [code, `reason ${code}`]
}));

/** These codes must not stand in a close frame, so close() refuses them. */
const refused = [0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000].map(
  (code) => ({
    rfc: '6455 7.4.1',
    name: `close(${code}) sends nothing`,
    do: [['close', code]],
    thrown: [
      'close threw TypeError: First argument must be a valid error code number'
    ]
  })
);

const shapes = [
  {
    name: 'close() sends an empty close frame',
    do: [['close']],
    ending: 'answer',
    wire: [close()],
    closed: [1005, '']
  },
  {
    name: 'close(1000) sends a close frame of two bytes',
    do: [['close', 1000]],
    ending: 'answer',
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'a reason of 123 bytes is sent whole',
    do: [['close', 1000, '\u20ac'.repeat(41)]],
    ending: 'answer',
    wire: [close(1000, '\u20ac'.repeat(41))],
    closed: [1000, '\u20ac'.repeat(41)]
  },
  {
    name: 'a reason of 124 bytes is refused and nothing is sent',
    do: [['close', 1000, 'r'.repeat(124)]],
    thrown: [
      'close threw RangeError: The message must not be greater than 123 bytes'
    ]
  },
  {
    name: 'close() twice sends one close frame',
    do: [
      ['close', 1000, 'first'],
      ['close', 1001, 'second']
    ],
    ending: 'answer',
    wire: [close(1000, 'first')],
    closed: [1000, 'first']
  },
  {
    name: 'nothing is sent behind the close frame',
    do: [
      ['close', 1000],
      ['send', 'late', () => {}],
      ['ping', 'late', undefined, () => {}],
      ['pong', 'late', undefined, () => {}]
    ],
    ending: 'answer',
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'what was sent before close() goes out before the close frame',
    do: [
      ['send', 'a'],
      ['ping', 'p'],
      ['send', Buffer.from('b')],
      ['close', 4000, 'done']
    ],
    ending: 'answer',
    wire: [text('a'), ping('p'), binary('b'), close(4000, 'done')],
    closed: [4000, 'done']
  },
  {
    name: 'a big message goes out whole before the close frame',
    do: [
      ['send', bytes(3000000)],
      ['close', 1000]
    ],
    ending: 'answer',
    wire: [binary(bytes(3000000)), close(1000)],
    closed: [1000, '']
  },
  {
    name: 'the code the peer answers is the one that is reported',
    do: [['close', 1000, 'mine']],
    send: [close(4321, 'yours')],
    ending: 'none',
    wire: [close(1000, 'mine')],
    closed: [4321, 'yours']
  },
  {
    name: 'messages that arrive before the answer are delivered',
    do: [['close', 1000]],
    send: [text('a'), binary('b')],
    ending: 'answer',
    events: [text('a'), binary('b')],
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'a fragmented message that ends before the answer is delivered',
    do: [['close', 1000]],
    send: [text('a', { fin: false }), cont('b'), binary('c')],
    ending: 'answer',
    events: [text('ab'), binary('c')],
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'a ping that arrives before the answer is reported, not answered',
    do: [['close', 1000]],
    send: [ping('p')],
    ending: 'answer',
    events: [ping('p')],
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'a pong that arrives before the answer is reported',
    do: [['close', 1000]],
    send: [pong('p')],
    ending: 'answer',
    events: [pong('p')],
    wire: [close(1000)],
    closed: [1000, '']
  },
  {
    name: 'an invalid frame instead of the answer is an error; one close frame is sent',
    do: [['close', 1000]],
    send: [frame(1, 'x', { rsv: RSV1 })],
    ending: 'none',
    wire: [close(1000)],
    late: RSV_1
  },
  {
    name: 'FIN instead of the answer is 1006',
    do: [['close', 1000, 'mine']],
    ending: 'fin instead of close',
    wire: [close(1000, 'mine')]
  },
  {
    name: 'both sides close at once: each close frame is taken as the answer',
    do: [['close', 1001, 'mine']],
    early: true,
    send: [close(1002, 'yours')],
    ending: 'none',
    wire: [close(1001, 'mine')],
    closed: [1002, 'yours']
  },
  {
    name: 'the echo of a message goes out before the answer to the close frame',
    echo: true,
    send: [text('a'), binary('b')],
    events: [text('a'), binary('b')],
    wire: [text('a'), binary('b')]
  },
  {
    name: 'terminate() sends no close frame',
    do: [['terminate']],
    ending: 'none'
  },
  {
    name: 'what was sent before terminate() goes out',
    do: [['send', 'last words'], ['terminate']],
    ending: 'none',
    wire: [text('last words')]
  }
].map((testCase) => ({ rfc: '6455 7.1.2', ...testCase }));

module.exports = {
  title: 'closing handshake',
  cases: [...sent, ...refused, ...shapes]
};
