'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const zlib = require('node:zlib');

const PerMessageDeflate = require('../lib/permessage-deflate');
const { kStatusCode } = require('../lib/constants');
const { format, parse } = require('../lib/extension');

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * Parses offers or a response.
 *
 * @param {String} params What follows the name of the extension
 * @param {...String} others The same for the offers after the first
 * @return {Object[]} What `accept()` takes
 */
function offers(...params) {
  return parse(params.map((p) => `permessage-deflate${p}`).join(','))[
    'permessage-deflate'
  ];
}

/**
 * Writes parameters.
 *
 * @param {Object} params The parameters
 * @return {String} What follows the name of the extension
 */
function write(params) {
  return format({ '': params });
}

/**
 * Makes an instance that has negotiated.
 *
 * @param {Object} [options] The options of the constructor
 * @param {String} [params] What follows the name of the extension in the offer or
 *     response
 * @return {PerMessageDeflate} The instance
 */
function negotiated(options, params = '') {
  const pmd = new PerMessageDeflate(options);

  pmd.accept(offers(params));
  return pmd;
}

/**
 * Compresses.
 *
 * @param {PerMessageDeflate} pmd The instance
 * @param {(Buffer|String)} data The data
 * @param {Boolean} [fin=true] Whether the message ends
 * @return {Promise<Buffer>} The compressed data
 */
function compress(pmd, data, fin = true) {
  return new Promise((resolve, reject) => {
    pmd.compress(data, fin, (err, result) =>
      err ? reject(err) : resolve(result)
    );
  });
}

/**
 * Decompresses.
 *
 * @param {PerMessageDeflate} pmd The instance
 * @param {Buffer} data The compressed data
 * @param {Boolean} [fin=true] Whether the message ends
 * @return {Promise<Buffer>} The data
 */
function decompress(pmd, data, fin = true) {
  return new Promise((resolve, reject) => {
    pmd.decompress(data, fin, (err, result) =>
      err ? reject(err) : resolve(result)
    );
  });
}

/**
 * Loads the module anew, with a limiter of its own.
 *
 * @return {Function} The class
 */
function loadFresh() {
  const path = require.resolve('../lib/permessage-deflate');
  const cached = require.cache[path];

  delete require.cache[path];

  try {
    return require(path);
  } finally {
    require.cache[path] = cached;
  }
}

describe('PerMessageDeflate', () => {
  it('tells the name of the extension', () => {
    assert.strictEqual(PerMessageDeflate.extensionName, 'permessage-deflate');
  });

  it('opens no stream before there is data', () => {
    for (const isServer of [false, true]) {
      const pmd = new PerMessageDeflate({ isServer });

      assert.strictEqual(pmd.params, null);
      pmd.offer();
      pmd.accept(offers(''));
      pmd.nativeParams();
      assert.strictEqual(pmd._deflate, null);
      assert.strictEqual(pmd._inflate, null);

      pmd.cleanup();
    }
  });

  describe('offer', () => {
    const cases = [
      [undefined, '; client_max_window_bits'],
      [{}, '; client_max_window_bits'],
      [{ clientMaxWindowBits: true }, '; client_max_window_bits'],
      [{ clientMaxWindowBits: null }, '; client_max_window_bits'],
      [{ clientMaxWindowBits: 9 }, '; client_max_window_bits=9'],
      [{ clientMaxWindowBits: false }, ''],
      [
        { clientMaxWindowBits: 15, serverMaxWindowBits: 8 },
        '; server_max_window_bits=8; client_max_window_bits=15'
      ],
      [
        { clientNoContextTakeover: true, serverNoContextTakeover: true },
        '; server_no_context_takeover; client_no_context_takeover' +
          '; client_max_window_bits'
      ],
      [
        { clientNoContextTakeover: false, serverNoContextTakeover: false },
        '; client_max_window_bits'
      ],
      [{ clientMaxWindowBits: false, serverMaxWindowBits: false }, '']
    ];

    for (const [options, expected] of cases) {
      it(`offers what ${JSON.stringify(options)} says`, () => {
        const params = new PerMessageDeflate(options).offer();

        assert.strictEqual(write(params), expected);
      });
    }
  });

  describe('accept', () => {
    it('keeps what was negotiated', () => {
      const pmd = new PerMessageDeflate({ isServer: true });
      const params = pmd.accept(offers('; server_no_context_takeover'));

      assert.strictEqual(write(params), '; server_no_context_takeover');
      assert.strictEqual(pmd.params, params);
    });

    describe('as server', () => {
      // Options, offers, what is accepted (nothing if it is missing).
      const cases = [
        [{}, [''], ''],
        [{}, ['; client_max_window_bits'], ''],
        [{}, ['; client_max_window_bits=9'], '; client_max_window_bits=9'],
        [{}, ['; client_max_window_bits="9"'], '; client_max_window_bits=9'],
        [{}, ['; server_max_window_bits=8'], '; server_max_window_bits=8'],
        [{}, ['; client_no_context_takeover'], '; client_no_context_takeover'],
        [{}, ['; server_no_context_takeover'], '; server_no_context_takeover'],
        [
          { clientNoContextTakeover: true },
          [''],
          '; client_no_context_takeover'
        ],
        [
          { serverNoContextTakeover: true },
          [''],
          '; server_no_context_takeover'
        ],
        [
          { clientNoContextTakeover: false },
          ['; client_no_context_takeover'],
          '; client_no_context_takeover'
        ],
        [{ serverNoContextTakeover: false }, ['; server_no_context_takeover']],
        [
          { serverNoContextTakeover: false },
          ['; server_no_context_takeover', '; client_no_context_takeover', ''],
          '; client_no_context_takeover'
        ],
        [{ serverMaxWindowBits: 10 }, [''], '; server_max_window_bits=10'],
        ...[10, 15].map((bits) => [
          { serverMaxWindowBits: 10 },
          [`; server_max_window_bits=${bits}`],
          '; server_max_window_bits=10'
        ]),
        [{ serverMaxWindowBits: 10 }, ['; server_max_window_bits=9']],
        [{ serverMaxWindowBits: false }, ['; server_max_window_bits=15']],
        [{ serverMaxWindowBits: false }, [''], ''],
        [
          { serverMaxWindowBits: true },
          ['; server_max_window_bits=9'],
          '; server_max_window_bits=9'
        ],
        [{ clientMaxWindowBits: 10 }, ['']],
        ...['', '=10', '=11'].map((value) => [
          { clientMaxWindowBits: 10 },
          [`; client_max_window_bits${value}`],
          '; client_max_window_bits=10'
        ]),
        [{ clientMaxWindowBits: 10 }, ['; client_max_window_bits=9']],
        [
          { clientMaxWindowBits: 10 },
          ['', '; client_max_window_bits=9', '; client_max_window_bits'],
          '; client_max_window_bits=10'
        ],
        [{ clientMaxWindowBits: false }, ['; client_max_window_bits=9'], ''],
        [{ clientMaxWindowBits: false }, ['; client_max_window_bits'], ''],
        [
          { clientMaxWindowBits: true },
          ['; client_max_window_bits=9'],
          '; client_max_window_bits=9'
        ]
      ];

      for (const [options, params, expected] of cases) {
        const title = `${JSON.stringify(options)}: "${params.join('", "')}"`;

        it(`${expected === undefined ? 'refuses' : 'accepts'} ${title}`, () => {
          const pmd = new PerMessageDeflate({ ...options, isServer: true });
          const accept = () => pmd.accept(offers(...params));

          if (expected !== undefined) {
            assert.strictEqual(write(accept()), expected);
          } else {
            assert.throws(accept, {
              name: 'Error',
              message: 'None of the extension offers can be accepted'
            });
            assert.strictEqual(pmd.params, null);
          }
        });
      }
    });

    describe('as client', () => {
      const invalid =
        'Error: Unexpected or invalid parameter "client_max_window_bits"';

      // Options, response, what is negotiated or the error.
      const cases = [
        [{}, '', ''],
        ...[
          '; client_max_window_bits=9',
          '; server_max_window_bits=10',
          '; client_no_context_takeover',
          '; server_no_context_takeover'
        ].map((params) => [{}, params, params]),
        [
          { clientNoContextTakeover: false },
          '; client_no_context_takeover',
          'Error: Unexpected parameter "client_no_context_takeover"'
        ],
        [{ clientNoContextTakeover: false }, '', ''],
        [
          { serverNoContextTakeover: false },
          '; server_no_context_takeover',
          '; server_no_context_takeover'
        ],
        [{ clientMaxWindowBits: 10 }, '', '; client_max_window_bits=10'],
        ...['=8', '=10'].map((value) => [
          { clientMaxWindowBits: 10 },
          `; client_max_window_bits${value}`,
          `; client_max_window_bits${value}`
        ]),
        [{ clientMaxWindowBits: 10 }, '; client_max_window_bits=11', invalid],
        [
          { clientMaxWindowBits: false },
          '; client_max_window_bits=15',
          invalid
        ],
        [{ clientMaxWindowBits: false }, '', ''],
        [
          { clientMaxWindowBits: true },
          '; client_max_window_bits=15',
          '; client_max_window_bits=15'
        ]
      ];

      for (const [options, params, expected] of cases) {
        const refuses = expected.startsWith('Error: ');
        const title = `${JSON.stringify(options)}: "${params}"`;

        it(`${refuses ? 'refuses' : 'accepts'} ${title}`, () => {
          const pmd = new PerMessageDeflate(options);
          const accept = () => pmd.accept(offers(params));

          if (refuses) {
            assert.throws(accept, (err) => `${err}` === expected);
            assert.strictEqual(pmd.params, null);
          } else {
            assert.strictEqual(write(accept()), expected);
          }
        });
      }
    });

    for (const isServer of [true, false]) {
      describe(`on either side (${isServer ? 'server' : 'client'})`, () => {
        /**
         * Asserts that an offer or response is refused.
         *
         * @param {String} params The parameters
         * @param {String} name The name of the error
         * @param {String} message The message of the error
         */
        function assertRefused(params, name, message) {
          const pmd = new PerMessageDeflate({ isServer });

          assert.throws(() => pmd.accept(offers(params)), { name, message });
          assert.strictEqual(pmd.params, null);
        }

        it('refuses a parameter that is there twice', () => {
          for (const key of [
            'client_max_window_bits',
            'server_max_window_bits',
            'client_no_context_takeover',
            'server_no_context_takeover'
          ]) {
            assertRefused(
              `; ${key}=10; ${key}=10`,
              'Error',
              `Parameter "${key}" must have only a single value`
            );
          }
        });

        it('refuses unknown parameters', () => {
          for (const key of ['x', 'toString', '__proto__', 'Level']) {
            assertRefused(`; ${key}`, 'Error', `Unknown parameter "${key}"`);
            assertRefused(`; ${key}=1`, 'Error', `Unknown parameter "${key}"`);
          }
        });

        it('refuses windows out of range', () => {
          for (const key of [
            'client_max_window_bits',
            'server_max_window_bits'
          ]) {
            for (const value of [
              '0',
              '7',
              '16',
              '-9',
              '9.5',
              'x',
              'Infinity'
            ]) {
              assertRefused(
                `; ${key}=${value}`,
                'TypeError',
                `Invalid value for parameter "${key}": ${value}`
              );
            }
          }
        });

        it('takes all windows in range', () => {
          for (let bits = 8; bits <= 15; bits++) {
            const pmd = new PerMessageDeflate({ isServer });
            const params = pmd.accept(
              offers(
                `; client_max_window_bits=${bits}; ` +
                  `server_max_window_bits=${bits}`
              )
            );

            assert.strictEqual(params.client_max_window_bits, bits);
            assert.strictEqual(params.server_max_window_bits, bits);
          }
        });

        it('refuses a flag with a value', () => {
          for (const key of [
            'client_no_context_takeover',
            'server_no_context_takeover'
          ]) {
            assertRefused(
              `; ${key}=true`,
              'TypeError',
              `Invalid value for parameter "${key}": true`
            );
          }
        });

        it('refuses a server window without value', () => {
          assertRefused(
            '; server_max_window_bits',
            'TypeError',
            'Invalid value for parameter "server_max_window_bits": true'
          );
        });
      });
    }

    it('refuses a client window without value from a server', () => {
      assert.throws(
        () => negotiated({}, '; client_max_window_bits'),
        /^TypeError: Invalid value for parameter "client_max_window_bits": true$/
      );
    });

    it('refuses all offers if one is malformed', () => {
      const pmd = new PerMessageDeflate({ isServer: true });

      assert.throws(
        () => pmd.accept(offers('', '; server_max_window_bits=99')),
        /^TypeError: Invalid value for parameter "server_max_window_bits": 99$/
      );
    });
  });

  describe('nativeParams', () => {
    it('gives defaults where nothing was said', () => {
      for (const isServer of [false, true]) {
        assert.deepStrictEqual(negotiated({ isServer }).nativeParams(), {
          serverNoContextTakeover: false,
          clientNoContextTakeover: false,
          serverMaxWindowBits: 15,
          clientMaxWindowBits: 15,
          level: undefined,
          memLevel: undefined,
          strategy: undefined,
          threshold: 1024
        });
      }
    });

    it('gives what was negotiated', () => {
      const pmd = negotiated(
        { isServer: true, clientMaxWindowBits: 11, threshold: 0 },
        '; server_no_context_takeover; server_max_window_bits=9; ' +
          'client_max_window_bits'
      );

      assert.deepStrictEqual(pmd.nativeParams(), {
        serverNoContextTakeover: true,
        clientNoContextTakeover: false,
        serverMaxWindowBits: 9,
        clientMaxWindowBits: 11,
        level: undefined,
        memLevel: undefined,
        strategy: undefined,
        threshold: 0
      });
    });

    it('gives the own limit of a client that the server did not confirm', () => {
      const { clientMaxWindowBits, clientNoContextTakeover } = negotiated({
        clientMaxWindowBits: 12,
        clientNoContextTakeover: true
      }).nativeParams();

      assert.strictEqual(clientMaxWindowBits, 12);
      assert.strictEqual(clientNoContextTakeover, false);
    });

    it('gives the options of zlib', () => {
      const { level, memLevel, strategy } = negotiated({
        zlibDeflateOptions: {
          level: 1,
          memLevel: 9,
          strategy: zlib.constants.Z_HUFFMAN_ONLY,
          chunkSize: 1024
        },
        zlibInflateOptions: { level: 5 }
      }).nativeParams();

      assert.strictEqual(level, 1);
      assert.strictEqual(memLevel, 9);
      assert.strictEqual(strategy, zlib.constants.Z_HUFFMAN_ONLY);
    });

    it('throws before the negotiation', () => {
      assert.throws(
        () => new PerMessageDeflate().nativeParams(),
        /^Error: The extension parameters were not negotiated yet$/
      );
    });
  });

  describe('compress and decompress', () => {
    it('carry messages of all sizes', async () => {
      const client = negotiated();
      const server = negotiated({ isServer: true });

      for (const size of [0, 1, 125, 126, 1024, 65535, 65536, 1048577]) {
        for (const data of [
          Buffer.alloc(size, 'ab'),
          crypto.randomBytes(size)
        ]) {
          const up = await compress(client, data);
          assert.ok(data.equals(await decompress(server, up)), `${size} up`);

          const down = await compress(server, data);
          assert.ok(
            data.equals(await decompress(client, down)),
            `${size} down`
          );
        }
      }
    });

    it('compress strings as UTF-8', async () => {
      const text = 'Füße – 足 – 🦶'.repeat(50);
      const pmd = negotiated();
      const data = await decompress(pmd, await compress(pmd, text));

      assert.strictEqual(data.toString(), text);
    });

    it('make what zlib understands, without the tail', async () => {
      const data = Buffer.from('abc'.repeat(100));
      const compressed = await compress(negotiated(), data);

      assert.ok(!compressed.subarray(-4).equals(TAIL));
      assert.deepStrictEqual(
        zlib.inflateRawSync(Buffer.concat([compressed, TAIL]), {
          finishFlush: zlib.constants.Z_SYNC_FLUSH
        }),
        data
      );
    });

    it('make the example of RFC 7692', async () => {
      const pmd = negotiated();

      assert.strictEqual(
        (await compress(pmd, 'Hello')).toString('hex'),
        'f248cdc9c90700'
      );
      assert.strictEqual(
        (await compress(pmd, 'Hello')).toString('hex'),
        'f200110000'
      );
    });

    it('read the examples of RFC 7692', async () => {
      const pmd = negotiated();

      for (const hex of [
        'f248cdc9c90700', // compressed
        'f200110000', // with the window of the message before
        '000500faff48656c6c6f00', // not compressed
        'f24805000000ffffcac9c90700' // two blocks
      ]) {
        const data = await decompress(pmd, Buffer.from(hex, 'hex'));

        assert.strictEqual(data.toString(), 'Hello', hex);
      }

      const fragments = ['f248cd', 'c9c90700'];
      const parts = [
        await decompress(pmd, Buffer.from(fragments[0], 'hex'), false),
        await decompress(pmd, Buffer.from(fragments[1], 'hex'), true)
      ];

      assert.strictEqual(Buffer.concat(parts).toString(), 'Hello');
    });

    it('go on with new data after compressed data that ended', async () => {
      const ended = zlib.deflateRawSync('Hello');
      const pmd = negotiated();

      for (let i = 0; i < 3; i++) {
        const data = await decompress(
          pmd,
          Buffer.concat([ended, Buffer.from([0x00])])
        );

        assert.strictEqual(data.toString(), 'Hello');
      }

      assert.strictEqual(
        (
          await decompress(pmd, Buffer.from('f248cdc9c90700', 'hex'))
        ).toString(),
        'Hello'
      );
    });

    it('carry fragmented messages', async () => {
      const client = negotiated();
      const server = negotiated({ isServer: true });
      const fragments = [
        '',
        'a'.repeat(1000),
        '',
        'b',
        crypto.randomBytes(70000)
      ]
        .concat('c'.repeat(100000), '')
        .map((fragment) => Buffer.from(fragment));

      for (let round = 0; round < 2; round++) {
        for (const [i, fragment] of fragments.entries()) {
          const fin = i === fragments.length - 1;
          const compressed = await compress(client, fragment, fin);

          assert.strictEqual(compressed.subarray(-4).equals(TAIL), !fin);
          assert.ok(
            fragment.equals(await decompress(server, compressed, fin)),
            `fragment ${i}`
          );
        }
      }
    });

    /**
     * Compresses the same message twice on both sides.
     *
     * @param {String} params The negotiated parameters
     * @return {Promise<Object>} For each side, whether its second message was
     *     smaller than the first
     */
    async function findTakeover(params) {
      const data = crypto.randomBytes(200);
      const client = negotiated({}, params);
      const server = negotiated({ isServer: true }, params);
      const result = {};

      for (const [name, from, to] of [
        ['client', client, server],
        ['server', server, client]
      ]) {
        const first = await compress(from, data);
        const second = await compress(from, data);

        assert.ok(data.equals(await decompress(to, first)));
        assert.ok(data.equals(await decompress(to, second)));
        result[name] = second.length < first.length;
      }

      return result;
    }

    it('keep the window between messages', async () => {
      assert.deepStrictEqual(await findTakeover(''), {
        client: true,
        server: true
      });
    });

    it('forget the window of the side that must', async () => {
      assert.deepStrictEqual(
        await findTakeover('; client_no_context_takeover'),
        {
          client: false,
          server: true
        }
      );
      assert.deepStrictEqual(
        await findTakeover('; server_no_context_takeover'),
        {
          client: true,
          server: false
        }
      );
    });

    it('keep the window between the fragments of a message', async () => {
      const data = crypto.randomBytes(200);
      const params = '; client_no_context_takeover';
      const client = negotiated({}, params);
      const server = negotiated({ isServer: true }, params);
      const first = await compress(client, data, false);
      const second = await compress(client, data, true);
      const third = await compress(client, data, true);

      assert.ok(second.length < 50);
      assert.ok(third.length > 200);

      for (const [compressed, fin] of [
        [first, false],
        [second, true],
        [third, true]
      ]) {
        assert.ok(data.equals(await decompress(server, compressed, fin)));
      }
    });

    it('use the negotiated windows', async () => {
      const data = Buffer.concat([
        crypto.randomBytes(64),
        Buffer.alloc(2048),
        Buffer.alloc(0)
      ]);

      data.copy(data, data.length - 64, 0, 64);

      // The repetition is 2 KiB away.
      for (const [params, clientSees, serverSees] of [
        ['', true, true],
        ['; client_max_window_bits=10', false, true],
        ['; server_max_window_bits=10', true, false],
        ['; client_max_window_bits=8; server_max_window_bits=8', false, false]
      ]) {
        const client = negotiated({}, params);
        const server = negotiated({ isServer: true }, params);
        const up = await compress(client, data);
        const down = await compress(server, data);

        assert.strictEqual(up.length < 128, clientSees, `client ${params}`);
        assert.strictEqual(down.length < 128, serverSees, `server ${params}`);
        assert.ok(data.equals(await decompress(server, up)));
        assert.ok(data.equals(await decompress(client, down)));
      }
    });

    it('use the options of zlib', async () => {
      const data = Buffer.from('compressible, compressible, compressible');
      const dictionary = Buffer.from('compressible, ');
      const plain = await compress(negotiated(), data);
      const stored = await compress(
        negotiated({ zlibDeflateOptions: { level: 0 } }),
        data
      );
      const primed = negotiated({
        zlibDeflateOptions: { dictionary },
        zlibInflateOptions: { dictionary }
      });
      const short = await compress(primed, data);

      assert.ok(stored.length > data.length);
      assert.ok(plain.length < data.length);
      assert.ok(short.length < plain.length);
      assert.ok(data.equals(await decompress(primed, short)));
      await assert.rejects(decompress(negotiated(), short), {
        code: 'Z_DATA_ERROR'
      });
    });

    it('do not let the options of zlib change the window', async () => {
      const data = crypto.randomBytes(1024);
      const pmd = negotiated({
        zlibDeflateOptions: { windowBits: 9 },
        zlibInflateOptions: { windowBits: 9 }
      });

      await compress(pmd, data);

      // The second is a reference to the first, over more than 512 bytes.
      assert.ok((await compress(pmd, data)).length < 100);
    });

    it('collect output that comes in many chunks', async () => {
      const data = crypto.randomBytes(10000);
      const pmd = negotiated({
        zlibDeflateOptions: { chunkSize: 64 },
        zlibInflateOptions: { chunkSize: 64 }
      });

      assert.ok(data.equals(await decompress(pmd, await compress(pmd, data))));
    });

    it('run in the order in which they are called', async () => {
      const params = '; client_no_context_takeover';
      const client = negotiated({}, params);
      const server = negotiated({ isServer: true }, params);
      const messages = Array.from({ length: 30 }, (_, i) =>
        crypto.randomBytes(i % 2 ? 10 : 50000)
      );
      const order = [];
      const compressed = await Promise.all(
        messages.map(async (message, i) => {
          const result = await compress(client, message);

          order.push(i);
          return result;
        })
      );

      assert.deepStrictEqual(order, [...messages.keys()]);

      const data = await Promise.all(
        compressed.map((message) => decompress(server, message))
      );

      for (const [i, message] of messages.entries()) {
        assert.ok(message.equals(data[i]), `message ${i}`);
      }
    });

    it('keep the window when they are called at once', async () => {
      const pmd = negotiated();
      const compressed = await Promise.all([
        compress(pmd, 'Hello'),
        compress(pmd, 'Hello')
      ]);

      assert.deepStrictEqual(
        compressed.map((data) => data.toString('hex')),
        ['f248cdc9c90700', 'f200110000']
      );

      const data = await Promise.all(
        compressed.map((message) => decompress(pmd, message))
      );

      assert.strictEqual(data.join(), 'Hello,Hello');
    });

    it('never call back before they return', async () => {
      const pmd = negotiated();
      let returned = false;

      await new Promise((resolve) => {
        pmd.compress('', true, () => {
          assert.ok(returned);
          resolve();
        });
        returned = true;
      });
    });

    it('throw if zlib refuses its options', async () => {
      const Fresh = loadFresh();
      const bad = new Fresh({
        concurrencyLimit: 1,
        zlibDeflateOptions: { level: 99 },
        zlibInflateOptions: { chunkSize: 1 }
      });

      bad.accept([{}]);

      for (let i = 0; i < 2; i++) {
        assert.throws(() => bad.compress('a', true, assert.fail), RangeError);
        assert.throws(() => bad.decompress('a', true, assert.fail), RangeError);
      }

      // Others can still run.
      const good = new Fresh();

      good.accept([{}]);
      assert.ok((await compress(good, 'a')).length > 0);
    });
  });

  describe('decompress', () => {
    it('reports data that is no compressed data', async () => {
      const pmd = negotiated();

      await assert.rejects(decompress(pmd, Buffer.alloc(10, 0xff)), (err) => {
        assert.ok(err instanceof Error);
        assert.strictEqual(err.code, 'Z_DATA_ERROR');
        assert.strictEqual(err.errno, zlib.constants.Z_DATA_ERROR);
        assert.strictEqual(err[kStatusCode], 1007);
        return true;
      });
      assert.strictEqual(pmd._inflate, null);
    });

    it('reports an error to all that wait', async () => {
      const pmd = negotiated();
      const results = await Promise.allSettled([
        decompress(pmd, Buffer.alloc(10, 0xff)),
        decompress(pmd, Buffer.from('f248cdc9c90700', 'hex'))
      ]);

      for (const { reason } of results) {
        assert.strictEqual(reason.code, 'Z_DATA_ERROR');
      }
    });

    it('starts anew after an error', async () => {
      const pmd = negotiated();

      await assert.rejects(decompress(pmd, Buffer.alloc(10, 0xff)));
      assert.strictEqual(
        (
          await decompress(pmd, Buffer.from('f248cdc9c90700', 'hex'))
        ).toString(),
        'Hello'
      );
    });

    it('takes as many bytes as maxPayload says, and no more', async () => {
      for (const size of [1, 1000, 16384, 16385, 100000]) {
        const exact = await compress(negotiated(), Buffer.alloc(size));
        const above = await compress(negotiated(), Buffer.alloc(size + 1));
        const pmd = negotiated({ isServer: true, maxPayload: size });

        assert.strictEqual((await decompress(pmd, exact)).length, size);
        await assert.rejects(
          decompress(negotiated({ maxPayload: size }), above),
          (err) => {
            assert.ok(err instanceof RangeError);
            assert.strictEqual(err.message, 'Max payload size exceeded');
            assert.strictEqual(err.code, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
            assert.strictEqual(err[kStatusCode], 1009);
            return true;
          }
        );
      }
    });

    it('forgets what came out before maxPayload was exceeded', async () => {
      const long = await compress(negotiated(), 'more than ten bytes');
      const pmd = negotiated({ maxPayload: 10 });

      await assert.rejects(decompress(pmd, long), RangeError);

      const data = await decompress(pmd, await compress(negotiated(), 'short'));

      assert.strictEqual(data.toString(), 'short');
    });

    it('stops a small message that becomes a huge one', async () => {
      const bomb = await compress(negotiated(), Buffer.alloc(32 * 1024 * 1024));
      const pmd = negotiated({ maxPayload: 1024 });
      const before = process.memoryUsage().external;

      await assert.rejects(decompress(pmd, bomb), RangeError);
      assert.ok(process.memoryUsage().external - before < 16 * 1024 * 1024);
      assert.strictEqual(pmd._inflate, null);
    });

    it('takes any number of bytes without maxPayload', async () => {
      const data = Buffer.alloc(4 * 1024 * 1024);
      const compressed = await compress(negotiated(), data);
      const pmd = negotiated({ maxPayload: 0 });

      assert.strictEqual(
        (await decompress(pmd, compressed)).length,
        data.length
      );
    });

    it('does not apply maxPayload to compression', async () => {
      const data = crypto.randomBytes(1000);

      assert.ok((await compress(negotiated({ maxPayload: 10 }), data)).length);
    });
  });

  describe('cleanup', () => {
    it('ends what is under way with an error', async () => {
      const pmd = negotiated();
      const outcome = Promise.allSettled([
        compress(pmd, Buffer.alloc(100000)),
        compress(pmd, 'a'),
        decompress(pmd, Buffer.alloc(100000)),
        decompress(pmd, Buffer.from('f200110000', 'hex'))
      ]);

      pmd.cleanup();
      assert.strictEqual(pmd._deflate, null);
      assert.strictEqual(pmd._inflate, null);

      assert.deepStrictEqual(
        (await outcome).map(({ reason }) => reason.message),
        [
          'The deflate stream was closed while data was being processed',
          'The deflate stream was closed while data was being processed',
          'The inflate stream was closed while data was being processed',
          'The inflate stream was closed while data was being processed'
        ]
      );
    });

    it('closes streams that are idle', async () => {
      const pmd = negotiated();

      await decompress(pmd, await compress(pmd, 'a'));

      const { _deflate: deflate, _inflate: inflate } = pmd;

      pmd.cleanup();
      assert.strictEqual(deflate.destroyed, true);
      assert.strictEqual(inflate.destroyed, true);
      pmd.cleanup();
    });

    it('may be called by a callback', async () => {
      const pmd = negotiated();

      await new Promise((resolve) => {
        pmd.compress('a', true, (err) => {
          assert.strictEqual(err, null);
          pmd.cleanup();
          assert.strictEqual(pmd._deflate, null);
          resolve();
        });
      });
    });

    it('leaves the instance usable, with empty windows', async () => {
      const pmd = negotiated();

      for (let i = 0; i < 2; i++) {
        const compressed = await compress(pmd, 'Hello');

        assert.strictEqual(compressed.toString('hex'), 'f248cdc9c90700');
        assert.strictEqual(
          (await decompress(pmd, compressed)).toString(),
          'Hello'
        );
        pmd.cleanup();
      }
    });
  });

  describe('concurrencyLimit', () => {
    /**
     * Starts operations on as many instances.
     *
     * @param {Object} options The options of the first instance
     * @param {Number} count How many
     * @return {Promise<Number>} How many were started at once
     */
    async function countStarted(options, count) {
      const Fresh = loadFresh();
      const instances = Array.from(
        { length: count },
        (_, i) => new Fresh(i === 0 ? options : { concurrencyLimit: 1000 })
      );
      const results = instances.map((pmd) => {
        pmd.accept([{}]);
        return compress(pmd, 'Hello');
      });
      const started = instances.filter((pmd) => pmd._deflate !== null).length;

      for (const result of await Promise.all(results)) {
        assert.strictEqual(result.toString('hex'), 'f248cdc9c90700');
      }

      return started;
    }

    it('is 10 by default', async () => {
      assert.strictEqual(await countStarted({}, 25), 10);
    });

    it('is what the first instance says', async () => {
      assert.strictEqual(await countStarted({ concurrencyLimit: 1 }, 5), 1);
      assert.strictEqual(await countStarted({ concurrencyLimit: 3 }, 5), 3);
    });

    it('can be switched off', async () => {
      assert.strictEqual(await countStarted({ concurrencyLimit: 0 }, 50), 50);
    });

    it('counts both directions', async () => {
      const Fresh = loadFresh();
      const pmd = new Fresh({ concurrencyLimit: 1 });

      pmd.accept([{}]);

      const compressed = compress(pmd, 'Hello');
      const data = decompress(pmd, Buffer.from('f248cdc9c90700', 'hex'));

      assert.strictEqual(pmd._inflate, null);
      assert.strictEqual((await compressed).length, 7);
      assert.strictEqual((await data).toString(), 'Hello');
    });

    it('is not used up by operations that fail', async () => {
      const Fresh = loadFresh();
      const pmd = new Fresh({ concurrencyLimit: 1, maxPayload: 2 });

      pmd.accept([{}]);

      const bad = decompress(pmd, Buffer.alloc(10, 0xff));
      const long = decompress(pmd, Buffer.from('f248cdc9c90700', 'hex'));
      const good = compress(pmd, 'Hello');

      await assert.rejects(bad, { code: 'Z_DATA_ERROR' });
      await assert.rejects(long, RangeError);
      assert.strictEqual((await good).length, 7);

      const closed = compress(pmd, 'a');

      pmd.cleanup();
      await assert.rejects(closed, /was closed/);
      assert.strictEqual((await compress(pmd, 'Hello')).length, 7);
    });
  });
});
