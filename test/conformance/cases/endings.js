'use strict';

const { RSV_2_3, UTF8 } = require('../errors');
const {
  binary,
  close,
  cont,
  frame,
  ping,
  pong,
  raw,
  text
} = require('../frames');
const { bytes, letters } = require('../payloads');

const HALVES = [
  ['a text frame', text('half a frame'), 12],
  ['an empty text frame', text(''), 1],
  ['a frame with a 16-bit length', binary(bytes(200)), 30],
  ['a frame with a 64-bit length', binary(bytes(65536)), 16],
  ['a ping', ping('half a ping'), 10],
  ['a close frame', close(1000, 'half a close'), 10]
];

/** The connection ends within a frame: nothing of it is delivered. */
const halves = HALVES.flatMap(([what, whole, most]) =>
  Array.from({ length: most }, (_, i) => ({
    rfc: '6455 7.1.4',
    name: `${what} that ends after ${i + 1} bytes is dropped`,
    send: [text('before'), { ...whole, only: i + 1 }],
    ending: 'fin',
    events: [text('before')]
  }))
);

const late = [
  ['all but the last byte of 70000', binary(bytes(70000)), 70000],
  ['all but the last byte of 125', text(letters(125)), 125]
].map(([what, whole, only]) => ({
  rfc: '6455 7.1.4',
  name: `${what}, then FIN`,
  send: [{ ...whole, only }],
  ending: 'fin'
}));

const fins = [
  {
    name: 'FIN without a close frame is 1006',
    ending: 'fin'
  },
  {
    name: 'FIN behind messages: they are delivered first',
    send: [text('a'), binary(bytes(1000)), text('c')],
    ending: 'fin',
    events: [text('a'), binary(bytes(1000)), text('c')]
  },
  {
    name: 'FIN behind a big message: it is delivered first',
    send: [binary(bytes(1048576))],
    ending: 'fin',
    events: [binary(bytes(1048576))]
  },
  {
    name: 'FIN behind 1000 messages: all are delivered first',
    send: Array.from({ length: 1000 }, (_, i) => text(`message ${i}`)),
    ending: 'fin',
    events: Array.from({ length: 1000 }, (_, i) => text(`message ${i}`))
  },
  {
    name: 'FIN inside a fragmented message',
    send: [text('a'), text('b', { fin: false }), cont('c', { fin: false })],
    ending: 'fin',
    events: [text('a')]
  },
  {
    name: 'FIN behind a pong',
    send: [pong('p')],
    ending: 'fin',
    events: [pong('p')]
  },
  {
    name: 'a close frame and FIN in one go',
    ending: 'close and fin'
  },
  {
    name: 'messages, a close frame and FIN in one go',
    send: [text('a'), binary('b'), text('c')],
    ending: 'close and fin',
    events: [text('a'), binary('b'), text('c')]
  },
  {
    name: 'a big message, a close frame and FIN in one go',
    send: [binary(bytes(300000))],
    ending: 'close and fin',
    events: [binary(bytes(300000))]
  },
  {
    name: 'an error and FIN in one go: the error is told to the peer',
    send: [text('a'), frame(1, 'x', { rsv: 2 })],
    ending: 'fin',
    events: [text('a')],
    fails: RSV_2_3
  },
  {
    name: 'broken text and FIN in one go: the error is told to the peer',
    send: [text([0xff])],
    ending: 'fin',
    fails: UTF8
  }
].map((testCase) => ({ rfc: '6455 7.1.5', ...testCase }));

const resets = [
  {
    name: 'RST is 1006, without an error',
    ending: 'reset'
  },
  {
    name: 'RST behind messages that have been delivered',
    send: [text('a'), binary('b')],
    ending: 'reset',
    events: [text('a'), binary('b')]
  },
  {
    name: 'RST inside a frame',
    send: [text('a'), binary(bytes(200), { only: 100 })],
    ending: 'reset',
    events: [text('a')]
  },
  {
    name: 'RST inside a fragmented message',
    send: [ping('p'), text('b', { fin: false })],
    ending: 'reset',
    events: [ping('p')]
  }
].map((testCase) => ({ rfc: '6455 7.1.5', ...testCase }));

/** Once it has failed the connection, the module takes nothing any more. */
const afterFailure = [
  ['whole messages', [text('a'), binary('b')]],
  ['a ping', [ping('p')]],
  ['a close frame', [close(1000, 'bye')]],
  ['another invalid frame', [frame(3, 'x'), frame(5, 'y')]],
  ['a big message', [binary(bytes(300000))]],
  ['bytes without sense', [raw(bytes(5000))]],
  ['half a frame', [text('half a frame', { only: 7 })]]
].flatMap(([what, rest]) => [
  {
    rfc: '6455 7.1.7',
    name: `${what} behind an invalid frame: ignored`,
    send: [text('ok'), frame(1, 'x', { rsv: 2 }), ...rest],
    probe: false,
    events: [text('ok')],
    fails: RSV_2_3
  },
  {
    rfc: '6455 7.1.7',
    name: `${what} behind an invalid frame, frame by frame: ignored`,
    delivery: 'frames',
    send: [text('ok'), frame(1, 'x', { rsv: 2 }), ...rest],
    probe: false,
    events: [text('ok')],
    fails: RSV_2_3
  }
]);

module.exports = {
  title: 'endings',
  cases: [...halves, ...late, ...fins, ...resets, ...afterFailure]
};
