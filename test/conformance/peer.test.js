'use strict';

/** Tests of what the conformance suite is judged by: its own peer. */

const assert = require('assert');
const zlib = require('zlib');

const { Deflater, compressed, final, fixed, stored } = require('./deflate');
const {
  RSV1,
  binary,
  close,
  cont,
  encode,
  fragments,
  ping,
  raw,
  text
} = require('./frames');
const { bytes, letters } = require('./payloads');
const { Inflater } = require('./inflate');
const { WireReader } = require('./wire');
const { cut } = require('./peer');

const KEY = Buffer.from('37fa213d', 'hex');

/**
 * @param {Object[]} frames What a sender sends
 * @param {Object} [options] Options of WireReader
 * @return {String[]} What the reader writes down
 */
function read(frames, options = { masked: false }) {
  const reader = new WireReader(options);
  for (const frame of frames) {
    for (const byte of encode(frame, options.masked, KEY)) {
      reader.push(Buffer.from([byte]));
    }
  }
  reader.end('FIN');
  return reader.lines;
}

describe('the peer of the conformance suite', () => {
  it('encodes the examples of RFC 6455, section 5.7', () => {
    const hex = (frame, masked) => encode(frame, masked, KEY).toString('hex');

    assert.strictEqual(hex(text('Hello'), false), '810548656c6c6f');
    assert.strictEqual(hex(text('Hello'), true), '818537fa213d7f9f4d5158');
    assert.strictEqual(
      fragments(1, ['Hel', 'lo'])
        .map((part) => hex(part, false))
        .join(' '),
      '010348656c 80026c6f'
    );
    assert.strictEqual(
      hex(binary(bytes(256), { only: 'header' }), false),
      '827e0100'
    );
    assert.strictEqual(
      hex(binary(bytes(65536), { only: 'header' }), false),
      '827f0000000000010000'
    );
    assert.strictEqual(hex(close(1000, 'x'), false), '880303e878');
  });

  it('encodes frames that break the rules', () => {
    const hex = (frame, masked) => encode(frame, masked, KEY).toString('hex');

    assert.strictEqual(hex(text('a', { mask: 'wrong' }), true), '810161');
    assert.strictEqual(hex(text('a', { lengthAs: 16 }), false), '817e000161');
    assert.strictEqual(
      hex(text('', { declared: 2n ** 63n, lengthAs: 64 }), false),
      '817f8000000000000000'
    );
    assert.strictEqual(
      hex(ping('ab', { rsv: 7, fin: false, only: 3 })),
      '790261'
    );
    assert.strictEqual(hex(raw('ff 00')), 'ff00');
  });

  it('cuts bytes without losing any', () => {
    const frames = [bytes(10), bytes(300, 2), bytes(1, 3)];
    const whole = Buffer.concat(frames);

    for (const delivery of [
      'whole',
      'frames',
      'bytes',
      { at: [1, 5, 310, 500] },
      { random: 1 },
      { random: 99 }
    ]) {
      const pieces = cut(frames, delivery);
      assert.ok(Buffer.concat(pieces).equals(whole));
      assert.ok(pieces.every((piece) => piece.length > 0));
    }
    assert.strictEqual(cut(frames, 'bytes').length, 311);
    assert.deepStrictEqual(
      cut(frames, { at: [5, -1] }).map((piece) => piece.length),
      [5, 305, 1]
    );
  });

  it('writes down what it reads', () => {
    assert.deepStrictEqual(
      read([text('a'), ...fragments(2, ['b', '']), ping('p'), close(1000)]),
      [
        'text (1) "a"',
        'binary (more) (1) <62>',
        'continuation (0) ""',
        'ping (1) "p"',
        'close 1000 ""',
        'FIN'
      ]
    );
  });

  it('notices broken rules of framing', () => {
    const rules = [
      [[text('a', { mask: 'wrong' })], /5\.1: a server frame is masked/],
      [[text('a', { lengthAs: 16 })], /5\.2: the length is not minimal/],
      [[text('a', { lengthAs: 64 })], /5\.2: the length is not minimal/],
      [[cont('a')], /5\.4/],
      [[text('a', { fin: false }), text('b')], /5\.4/],
      [[ping('a', { fin: false })], /5\.5: a fragmented control frame/],
      [[ping(bytes(126))], /5\.5: a long control frame/],
      [[close(1000), text('a')], /5\.5\.1: a frame after the close frame/],
      [[raw('83 00')], /5\.2: a reserved opcode/],
      [[raw('8b 00')], /5\.2: a reserved opcode/],
      [[text('abc', { only: 3 })], /3 bytes of an unfinished frame/],
      [[text('a', { fin: false }), cont('b', { rsv: RSV1 })], /7692 6\.1/]
    ];

    for (const [frames, rule] of rules) {
      const lines = read(frames);
      const broken = lines.filter((line) => line.startsWith('VIOLATION'));
      assert.strictEqual(broken.length, 1, `${rule}: ${lines}`);
      assert.match(broken[0], rule);
    }

    assert.match(
      read([text('a', { mask: 'wrong' })], { masked: true })[0],
      /5\.1: a client frame is not masked/
    );
  });

  it('notices reserved bits', () => {
    assert.deepStrictEqual(read([text('a', { rsv: 2 })]), [
      'text rsv 2 (1) "a"',
      'FIN'
    ]);
    assert.deepStrictEqual(read([text('a', { rsv: RSV1 })]), [
      'text rsv 4 (1) "a"',
      'FIN'
    ]);
  });

  it('inflates what zlib makes, with every window', () => {
    for (const bits of [9, 10, 11, 12, 13, 14, 15]) {
      for (const takeover of [true, false]) {
        const deflater = new Deflater({ bits, takeover });
        const inflater = new Inflater(bits, takeover);

        for (const data of [
          'Hello',
          '',
          letters(5000),
          letters(5000),
          bytes(40000),
          bytes(40000),
          Buffer.alloc(3000)
        ]) {
          const message = inflater.message(deflater.message(data));
          assert.ok(message.equals(Buffer.from(data)));
        }
      }
    }
  });

  it('makes blocks that zlib inflates', () => {
    const payload = compressed(
      fixed('abc', { length: 258, distance: 1 }, { length: 5, distance: 261 }),
      stored(bytes(1000)),
      fixed(Buffer.from([0, 143, 144, 255]), { length: 115, distance: 1004 }),
      final(fixed('end'))
    );
    const message = zlib.inflateRawSync(payload);

    assert.strictEqual(message.length, 3 + 258 + 5 + 1000 + 4 + 115 + 3);
    assert.ok(new Inflater(15, true).message(payload).equals(message));
  });

  it('notices a distance that leaves the window', () => {
    const payload = compressed(
      stored(bytes(600)),
      fixed({ length: 3, distance: 513 })
    );

    assert.strictEqual(new Inflater(10, true).message(payload).length, 603);
    assert.throws(
      () => new Inflater(9, true).message(payload),
      /a distance of 513 leaves the window/
    );
  });

  it('notices a reference to an earlier message without context takeover', () => {
    const second = compressed(fixed({ length: 3, distance: 3 }));
    const kept = new Inflater(15, true);
    const dropped = new Inflater(15, false);

    kept.message(compressed(fixed('abc')));
    dropped.message(compressed(fixed('abc')));
    assert.strictEqual(kept.message(second).toString(), 'abc');
    assert.throws(() => dropped.message(second), /leaves the window/);
  });

  it('notices a tail that was not removed', () => {
    const options = { masked: false, deflate: { bits: 15, takeover: true } };
    const payload = new Deflater().message('Hello');
    const whole = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);

    assert.deepStrictEqual(read([text(payload, { rsv: RSV1 })], options), [
      'text compressed in 1 (5) "Hello"',
      'FIN'
    ]);
    assert.match(
      read([text(whole, { rsv: RSV1 })], options)[0],
      /^VIOLATION 7692 7\.2\.1/
    );
  });
});
