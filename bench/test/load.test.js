'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const { afterEach, before, describe, it } = require('mocha');

const { BENCH, buildPrograms, makeCertificate } = require('../lib/build');
const { Child } = require('../lib/child');
const { answer, cut, listen } = require('./wrong-servers');

const echo = (ws, data, count, isBinary) => ws.send(data, { binary: isBinary });

describe('The load generator', function () {
  this.timeout(120000);

  let programs;
  let certificate;
  let tls;
  let open = [];

  before(() => {
    programs = buildPrograms(() => {});
    certificate = makeCertificate(() => {});
    tls = {
      cert: fs.readFileSync(certificate.cert),
      key: fs.readFileSync(certificate.key)
    };
  });

  afterEach(async () => {
    for (const one of open.reverse()) await (one.close ?? one.stop).call(one);
    open = [];
  });

  const keep = (one) => {
    open.push(one);
    return one;
  };

  /**
   * Runs the generator to its end.
   *
   * @param {Number} port The server's port
   * @param {String} args Its arguments
   * @returns {Promise<Object>} Its last line; rejected with what it found wrong
   */
  const run = (port, args) => {
    const load = keep(
      new Child('load', programs.load, [
        ...['--port', String(port), '--seconds', '0.3', '--warmup', '0'],
        ...args.split(' ')
      ])
    );
    if (args.includes('idle')) load.send('echo');
    return load.expect(args.includes('idle') ? 'echoed' : 'end', 20);
  };

  const raw = async (...args) => {
    const server = keep(new Child('raw', programs.raw_server, args));
    return (await server.expect('port', 10)).port;
  };

  describe('accepts', () => {
    for (const args of [
      '--size 8',
      '--size 125',
      '--size 126',
      '--size 65535',
      '--size 65536 --connections 3',
      '--size 3000000',
      '--depth 16 --connections 20',
      '--size 1024 --json --depth 4',
      '--size 1024 --deflate takeover --depth 4',
      '--size 1024 --deflate fresh',
      '--size 65536 --deflate takeover',
      '--mode rate --rate 2000 --connections 10',
      '--mode idle --connections 50'
    ]) {
      it(`right echoes (${args})`, async () => {
        const { port } = keep(
          await listen(echo, {
            perMessageDeflate: args.includes('deflate') && {
              threshold: 0,
              serverNoContextTakeover: args.includes('fresh'),
              clientNoContextTakeover: args.includes('fresh')
            }
          })
        );
        const end = await run(port, args);
        if (args.includes('idle')) return;
        assert.ok(end.messages > 0);
        assert.ok(end.p50 > 0 && end.p50 <= end.p99 && end.p99 <= end.p999);
        // Longer than the window: what comes then refers to the first round.
        if (args.includes('--size 1024 --deflate takeover')) {
          assert.ok(end.messages > 200);
        }
      });
    }

    it('frames in pieces of one byte', async () => {
      const { port } = keep(await listen(echo));
      const proxy = keep(await cut(port, 1));
      const end = await run(proxy.port, '--size 300 --connections 2');
      assert.ok(end.messages > 0);
    });

    it('fragments and pings between them', async () => {
      const { port } = keep(
        await listen((ws, data) => {
          ws.send(data.subarray(0, 10), { binary: true, fin: false });
          ws.ping('between');
          ws.send(data.subarray(10), { binary: true, fin: true });
        })
      );
      const end = await run(port, '--size 64');
      assert.ok(end.messages > 0);
    });

    it('connections that are opened and closed', async () => {
      const { port } = keep(await listen(echo));
      const end = await run(port, '--mode connect --connections 4');
      assert.ok(end.messages > 0);
    });

    it('messages for all', async () => {
      const { port } = keep(
        await listen((ws, data, count, isBinary, wss) => {
          for (const client of wss.clients) client.send(data);
        })
      );
      const end = await run(port, '--mode fanout --connections 9');
      assert.ok(end.messages > 0);
    });

    it('the raw echo', async () => {
      const end = await run(await raw(), '--raw --size 5000 --depth 2');
      assert.ok(end.messages > 0);
    });

    it('the raw fan-out', async () => {
      const port = await raw('fanout');
      const end = await run(port, '--raw --mode fanout --connections 9');
      assert.ok(end.messages > 0);
    });
  });

  describe('speaks TLS', () => {
    for (const args of [
      '--size 8 --depth 16',
      '--size 16000 --depth 3 --connections 3',
      '--size 3000000',
      '--mode connect --connections 4',
      '--mode idle --connections 50'
    ]) {
      it(`for ${args}`, async () => {
        const { port } = keep(await listen(echo, { tls }));
        const end = await run(port, `${args} --tls ${certificate.cert}`);
        if (!args.includes('idle')) assert.ok(end.messages > 0);
      });
    }

    it('in pieces of one byte', async () => {
      const { port } = keep(await listen(echo, { tls }));
      const proxy = keep(await cut(port, 1));
      const end = await run(proxy.port, `--size 300 --tls ${certificate.cert}`);
      assert.ok(end.messages > 0);
    });

    it('and finds one wrong bit', async () => {
      const { port } = keep(
        await listen(
          (ws, data, count) => {
            if (count === 20) data[40] ^= 1;
            ws.send(data);
          },
          { tls }
        )
      );
      await assert.rejects(
        run(port, `--size 64 --tls ${certificate.cert}`),
        /wrong bytes in message 20/
      );
    });

    it('and finds that the certificate is another one', async () => {
      const { port } = keep(await listen(echo, { tls }));
      const other = path.join(BENCH, '../test/examples/localhost-cert.pem');
      await assert.rejects(
        run(port, `--size 64 --tls ${other}`),
        /TLS handshake: the certificate is another one/
      );
    });

    it('and wants TLS 1.3', async () => {
      const { port } = keep(
        await listen(echo, { tls: { ...tls, maxVersion: 'TLSv1.2' } })
      );
      await assert.rejects(
        run(port, `--size 64 --tls ${certificate.cert}`),
        /TLS handshake: no hello came/
      );
    });

    for (const [where, at] of [
      ['in the hello', 20],
      ['in its certificate', 400]
    ]) {
      it(`and finds a handshake that was changed ${where}`, async () => {
        const { port } = keep(await listen(echo, { tls }));
        const proxy = keep(await cut(port, 1 << 20, at));
        await assert.rejects(
          run(proxy.port, `--size 64 --tls ${certificate.cert}`),
          /TLS handshake: a record is wrong/
        );
      });
    }

    it('and finds a record that was changed on its way', async () => {
      const { port } = keep(await listen(echo, { tls }));
      const proxy = keep(await cut(port, 1 << 20, 100000));
      await assert.rejects(
        run(proxy.port, `--size 16000 --tls ${certificate.cert}`),
        /read: Protocol error/
      );
    });
  });

  describe('refuses', () => {
    for (const args of [
      '--size 64 --depth 4',
      '--size 100000',
      '--mode fanout --connections 5',
      '--mode rate --rate 2000 --connections 5',
      '--mode connect --connections 2',
      '--mode idle --connections 100'
    ]) {
      it(`one wrong bit (${args})`, async () => {
        const mode = args.includes('fanout') ? 'fanout' : 'echo';
        const port = await raw(mode, '--corrupt', '4567');
        await assert.rejects(run(port, `--raw ${args}`), /wrong|masking/);
      });
    }

    /**
     * Adds a test with a server that behaves badly.
     *
     * @param {String} title What it does
     * @param {RegExp} complaint What the generator has to say
     * @param {Function} onMessage See `listen()`
     * @param {String} [args] The generator's arguments
     * @param {Object} [options] The server's options
     */
    const refuses = (title, complaint, onMessage, args = '', options = {}) => {
      it(title, async () => {
        const { port } = keep(await listen(onMessage, options));
        await assert.rejects(run(port, `--size 64 ${args}`.trim()), complaint);
      });
    };

    const deflate = { perMessageDeflate: { threshold: 0 } };

    refuses('a wrong byte', /wrong bytes in message 3/, (ws, data, count) => {
      if (count === 3) data[63] ^= 1;
      ws.send(data);
    });
    refuses('the message before', /wrong bytes/, (ws, data, count) => {
      if (count === 5) ws.send(ws.before);
      else ws.send(data);
      ws.before = Buffer.from(data);
    });
    refuses("another connection's message", /wrong bytes/, (ws, data) => {
      data.writeUInt32LE(data.readUInt32LE(0) + 1, 0);
      ws.send(data);
    });
    refuses('a short message', /too short/, (ws, data) => {
      ws.send(data.subarray(0, 63));
    });
    refuses('a long message', /wrong bytes/, (ws, data) => {
      ws.send(Buffer.concat([data, data]));
    });
    refuses('text for binary', /wrong opcode/, (ws, data) => {
      ws.send(data, { binary: false });
    });
    refuses(
      'a changed text',
      /wrong bytes/,
      (ws, data) => ws.send(data.toString().replace('id', 'ID')),
      '--json --size 512'
    );
    refuses(
      'an uncompressed echo',
      /came back uncompressed/,
      (ws, data) => ws.send(data.toString(), { compress: false }),
      '--size 512 --deflate takeover',
      deflate
    );
    refuses(
      'a wrong byte in a compressed echo',
      /wrong bytes/,
      (ws, data) => ws.send(data.toString().replace('id', 'ID')),
      '--size 512 --deflate takeover',
      deflate
    );
    refuses(
      'a server without compression',
      /did not accept permessage-deflate/,
      echo,
      '--size 512 --deflate takeover'
    );
    refuses('silence', /no message in the measured time/, () => {});
    refuses('a closed connection', /closed with code 1008/, (ws) => {
      ws.close(1008);
    });
    refuses('a lost connection', /ended the connection|read:/, (ws) => {
      ws.terminate();
    });
    refuses(
      'another close code',
      /close code 1001/,
      (ws, data) => {
        ws.send(data);
        ws.close(1001);
      },
      '--mode connect'
    );

    for (const [title, response, complaint] of [
      ['another status', 'HTTP/1.1 400 Bad\r\n\r\n', /answered 'HTTP\/1.1 400/],
      [
        'a wrong Sec-WebSocket-Accept',
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n' +
          'Connection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n',
        /wrong Sec-WebSocket-Accept/
      ]
    ]) {
      it(title, async () => {
        const { port } = keep(await answer(response));
        await assert.rejects(run(port, '--size 64'), complaint);
      });
    }
  });

  describe('and the feed', () => {
    const feed = async (args, start) => {
      const feeder = keep(new Child('feeder', programs.feeder, args));
      return keep(start((await feeder.expect('port', 10)).port));
    };
    const sink = (port) =>
      new Child('load', programs.load, [
        ...['--mode', 'sink', '--port', String(port), '--size', '200'],
        ...['--connections', '5', '--seconds', '0.3']
      ]);
    const client = (port) =>
      new Child(
        'client',
        process.execPath,
        [
          ...['clients/ws.js', '--port', String(port), '--size', '200'],
          ...['--connections', '5']
        ],
        { cwd: BENCH }
      );

    it('agree', async () => {
      const end = await (await feed([], sink)).expect('end', 20);
      assert.ok(end.messages > 1000);
    });

    it('agree at a rate', async () => {
      const child = await feed(['--rate', '5000'], sink);
      const end = await child.expect('end', 20);
      assert.ok(end.messages > 100 && end.messages < 3000);
    });

    it('agree with a JavaScript client', async () => {
      const child = await feed([], client);
      await child.expect('ready', 20);
      let count = 0;
      while (count < 5000) {
        child.send('mark');
        count = (await child.expect('mark', 20)).mark.count;
      }
    });

    it('find one wrong bit', async () => {
      const child = await feed(['--corrupt'], sink);
      await assert.rejects(
        child.expect('end', 20),
        /wrong bytes in message 1024/
      );
    });

    it('find one wrong bit in a JavaScript client', async () => {
      const child = await feed(['--corrupt'], client);
      await assert.rejects(
        child.expect('never', 20),
        /wrong bytes in message 1024/
      );
    });
  });
});
