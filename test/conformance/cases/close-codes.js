'use strict';

const { UTF8, closeCode, controlLength } = require('../errors');
const { close, frame, ping, pong, raw, text } = require('../frames');
const { BROKEN } = require('./utf8-sequences');

const VALID = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
  3001, 3333, 3999, 4000, 4001, 4444, 4998, 4999
];

/** Codes a peer must not send: unused, reserved, or only for local use. */
const INVALID = [
  0, 1, 2, 99, 100, 255, 256, 500, 998, 999, 1004, 1005, 1006, 1015, 1016, 1017,
  1024, 1100, 1500, 1999, 2000, 2001, 2500, 2998, 2999, 5000, 5001, 9999, 32767,
  32768, 59395, 65534, 65535
];

const valid = VALID.flatMap((code) => [
  {
    rfc: '6455 7.4',
    name: `close code ${code} without a reason is reported and sent back`,
    send: [close(code)],
    closes: [code, '']
  },
  {
    rfc: '6455 7.4',
    name: `close code ${code} with a reason is reported and sent back`,
    send: [text('before'), close(code, `reason ${code}`)],
    events: [text('before')],
    closes: [code, `reason ${code}`]
  }
]);

const invalid = INVALID.flatMap((code) => [
  {
    rfc: code > 999 && code < 1016 ? '6455 7.4.1' : '6455 7.4.2',
    name: `close code ${code} is refused`,
    send: [close(code)],
    fails: closeCode(code)
  },
  {
    rfc: code > 999 && code < 1016 ? '6455 7.4.1' : '6455 7.4.2',
    name: `close code ${code} with a reason is refused behind a message`,
    send: [text('before'), close(code, 'reason')],
    events: [text('before')],
    fails: closeCode(code)
  }
]);

const REASONS = [
  ['one byte', 'x'],
  ['122 bytes', 'r'.repeat(122)],
  ['123 bytes, the most there is room for', 'r'.repeat(123)],
  ['two-byte characters', '\u00e9'.repeat(61)],
  ['three-byte characters, 123 bytes', '\u20ac'.repeat(41)],
  ['four-byte characters', '\u{1f600}'.repeat(30)],
  ['characters of all lengths', '$\u00a3\u20ac\u{10348}'],
  ['NUL', 'a\0b'],
  ['a byte order mark', '\ufeffbom'],
  ['the highest code point', '\u{10ffff}'],
  ['a line break', 'a\r\nb']
];

const reasons = REASONS.flatMap(([what, reason]) => [
  {
    rfc: '6455 5.5.1',
    name: `a reason of ${what} is reported and sent back`,
    send: [close(1000, reason)],
    closes: [1000, reason]
  },
  {
    rfc: '6455 5.5.1',
    name: `a reason of ${what}, byte by byte`,
    delivery: 'bytes',
    send: [close(4321, reason)],
    closes: [4321, reason]
  }
]);

const brokenReasons = BROKEN.map(([what, bytes]) => ({
  rfc: '6455 5.5.1',
  name: `a reason with ${what} is refused`,
  send: [
    close(1000, Buffer.concat([Buffer.from('why: '), Buffer.from(bytes)]))
  ],
  fails: UTF8
}));

const shapes = [
  {
    name: 'an empty close frame is reported as 1005 and answered by one',
    send: [close()],
    closes: [1005, '']
  },
  {
    name: 'an empty close frame behind messages',
    send: [text('a'), ping('p'), text('b'), close()],
    events: [text('a'), ping('p'), text('b')],
    wire: [pong('p')],
    closes: [1005, '']
  },
  {
    name: 'a close frame with one byte is refused',
    send: [frame(8, Buffer.from([0x03]))],
    fails: controlLength(1)
  },
  {
    name: 'a close frame with one zero byte is refused',
    send: [text('before'), frame(8, Buffer.from([0x00]))],
    events: [text('before')],
    fails: controlLength(1)
  },
  {
    name: 'a close frame with one byte is refused at its first two bytes',
    send: [frame(8, Buffer.from([0x03]), { only: 2 })],
    probe: false,
    fails: controlLength(1)
  },
  {
    name: 'an invalid code is reported before an invalid reason',
    send: [close(1005, Buffer.from([0xff]))],
    fails: closeCode(1005)
  },
  {
    name: 'a long reason that ends inside a character is refused',
    send: [
      close(
        1000,
        Buffer.concat([Buffer.from('r'.repeat(121)), Buffer.from([0xe2, 0x82])])
      )
    ],
    fails: UTF8
  },
  {
    name: 'a long reason that starts with a continuation byte is refused',
    send: [
      close(
        1000,
        Buffer.concat([Buffer.from([0x80]), Buffer.from('r'.repeat(122))])
      )
    ],
    fails: UTF8
  },
  {
    name: 'with skipUTF8Validation an invalid reason is accepted',
    options: { skipUTF8Validation: true },
    send: [close(1000, Buffer.from([0x61, 0xff]))],
    closes: [1000, Buffer.from([0x61, 0xff])]
  },
  {
    name: 'a second close frame is ignored',
    send: [close(1000, 'first'), close(1001, 'second')],
    closes: [1000, 'first']
  },
  {
    name: 'messages behind the close frame are ignored',
    send: [close(1000, 'bye'), text('late'), text('later')],
    closes: [1000, 'bye']
  },
  {
    name: 'messages behind the close frame are ignored, frame by frame',
    delivery: 'frames',
    send: [close(1000, 'bye'), text('late'), text('later')],
    closes: [1000, 'bye']
  },
  {
    name: 'an invalid frame behind the close frame is ignored',
    send: [close(1000, 'bye'), frame(3, 'x', { rsv: 7 })],
    closes: [1000, 'bye']
  },
  {
    name: 'bytes without sense behind the close frame are ignored',
    send: [close(4000), raw('ff ff ff ff ff ff ff ff ff ff ff ff')],
    closes: [4000, '']
  },
  {
    name: 'half a frame behind the close frame is ignored',
    send: [close(1000, 'bye'), text('half a frame', { only: 5 })],
    closes: [1000, 'bye']
  }
].map((testCase) => ({ rfc: '6455 5.5.1', ...testCase }));

module.exports = {
  title: 'close codes and reasons',
  cases: [...valid, ...invalid, ...reasons, ...brokenReasons, ...shapes]
};
