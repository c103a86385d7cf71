'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const { availableParallelism } = require('os');

const { hasIoThread, usesIoThread } = require('../support/io-thread');
const { forEachKind, kinds, reference, theirs, WebSocket } = require('./kinds');
const { CLOSE, frame } = require('./support/frames');
const { noise, text } = require('./support/messages');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

/** Ends a list of messages. */
const END = 'the end';

/**
 * Collects messages until one says that it is the last one.
 *
 * @param {WebSocket} ws Who receives
 * @returns {Promise<Array>} Texts as strings, binary messages as Buffers
 */
function untilEnd(ws) {
  const list = [];

  return new Promise((resolve) => {
    ws.on('message', function onMessage(data, isBinary) {
      if (!isBinary && `${data}` === END) {
        ws.removeListener('message', onMessage);
        resolve(list);
      } else {
        list.push(isBinary ? data : `${data}`);
      }
    });
  });
}

/**
 * Waits until an echo shows that a connection is where it stays.
 *
 * @param {Object} pair `{ client, server }`
 */
async function settle({ client, server }) {
  client.send('ping');
  await once(server, 'message');
}

describe('Topics', () => {
  forEachKind((kind) => {
    const scope = useScope();

    /**
     * Starts a server with clients.
     *
     * @param {number} count How many
     * @param {Object} [options] `server`, `client`, and `topics` of all
     * @returns {Promise<Object>} `wss`, `clients` and `servers`, in order
     */
    async function crowd(count, { server, client, topics = [] } = {}) {
      const wss = await scope.listen(kind, server);
      const clients = [];
      const servers = [];

      for (let i = 0; i < count; i++) {
        const connection = once(wss, 'connection');

        clients.push(scope.connect(theirs, wss, client));
        servers.push((await connection)[0]);
        for (const topic of topics) servers[i].subscribe(topic);
        await once(clients[i], 'open');
      }
      return { wss, clients, servers };
    }

    it('are what a connection is subscribed to', async () => {
      const { wss, servers } = await crowd(2);
      const [one, two] = servers;

      assert.deepStrictEqual(one.getTopics(), []);
      assert.strictEqual(one.isSubscribed('a'), false);
      assert.strictEqual(wss.numSubscribers('a'), 0);
      assert.strictEqual(one.subscribe('a'), true);
      assert.strictEqual(one.subscribe('a'), true);
      assert.strictEqual(one.subscribe(''), true);
      assert.strictEqual(two.subscribe('a'), true);
      assert.deepStrictEqual(one.getTopics(), ['a', '']);
      assert.strictEqual(one.isSubscribed('a'), true);
      assert.strictEqual(two.isSubscribed(''), false);
      assert.strictEqual(wss.numSubscribers('a'), 2);
      assert.strictEqual(wss.numSubscribers(''), 1);
      assert.strictEqual(one.unsubscribe('a'), true);
      assert.strictEqual(one.unsubscribe('a'), false);
      assert.strictEqual(one.unsubscribe('never'), false);
      assert.deepStrictEqual(one.getTopics(), ['']);
      assert.strictEqual(wss.numSubscribers('a'), 1);
    });

    it('belong to one server', async () => {
      const first = await crowd(1, { topics: ['a'] });
      const second = await crowd(1, { topics: ['a'] });
      const ends = [first, second].map(({ clients }) => untilEnd(clients[0]));

      assert.strictEqual(first.wss.numSubscribers('a'), 1);
      first.wss.publish('a', 'first');
      second.wss.publish('a', 'second');
      for (const { wss } of [first, second]) wss.publish('a', END);
      assert.deepStrictEqual(await Promise.all(ends), [['first'], ['second']]);
    });

    it('are names, not patterns', async () => {
      const { wss, clients, servers } = await crowd(1);
      const end = untilEnd(clients[0]);

      for (const topic of ['a/#', '+/b', 'ä']) servers[0].subscribe(topic);
      for (const topic of ['a/b', 'a/', 'Ä']) {
        assert.strictEqual(wss.publish(topic, 'no'), false);
      }
      assert.strictEqual(wss.publish('ä', 'yes'), true);
      wss.publish('a/#', END);
      assert.deepStrictEqual(await end, ['yes']);
    });

    it('refuse what is no topic, and who has no server', async () => {
      const { wss, clients, servers } = await crowd(1);
      const ours = scope.connect(kind, wss);

      await once(ours, 'open');
      for (const topic of [undefined, null, 1, Buffer.from('a'), {}]) {
        const expected = {
          name: 'TypeError',
          message: 'The topic must be a string'
        };

        assert.throws(() => wss.publish(topic, 'x'), expected);
        assert.throws(() => wss.numSubscribers(topic), expected);
        assert.throws(() => servers[0].subscribe(topic), expected);
        assert.throws(() => servers[0].unsubscribe(topic), expected);
        assert.throws(() => servers[0].publish(topic, 'x'), expected);
      }
      for (const method of ['subscribe', 'unsubscribe', 'publish']) {
        assert.throws(() => ours[method]('a', 'x'), {
          name: 'Error',
          message: 'Only connections of a server have topics'
        });
      }
      assert.strictEqual(ours.isSubscribed('a'), false);
      assert.deepStrictEqual(ours.getTopics(), []);

      const closed = once(servers[0], 'close');

      clients[0].terminate();
      await closed;
      assert.strictEqual(servers[0].subscribe('a'), false);
      assert.strictEqual(wss.numSubscribers('a'), 0);
    });

    it('bring messages to all subscribers', async () => {
      const { wss, clients, servers } = await crowd(3, { topics: ['a'] });
      const ends = clients.map(untilEnd);

      servers[2].unsubscribe('a');
      servers[2].subscribe('b');
      assert.strictEqual(wss.publish('a', 'text äöü'), true);
      assert.strictEqual(wss.publish('a', Buffer.from([0, 255])), true);
      assert.strictEqual(wss.publish('a', new Uint8Array([7]).buffer), true);
      assert.strictEqual(wss.publish('a', 5), true);
      assert.strictEqual(wss.publish('a', '', { binary: true }), true);
      assert.strictEqual(wss.publish('a', Buffer.from('t'), false), true);
      assert.strictEqual(wss.publish('a', 'b', true), true);
      assert.strictEqual(wss.publish('b', 'only you'), true);
      assert.strictEqual(wss.publish('c', 'nobody'), false);
      for (const ws of servers) ws.send(END);

      const expected = [
        'text äöü',
        Buffer.from([0, 255]),
        Buffer.from([7]),
        '5',
        Buffer.alloc(0),
        't',
        Buffer.from('b')
      ];

      assert.deepStrictEqual(await Promise.all(ends), [
        expected,
        expected,
        ['only you']
      ]);
    });

    it('bring what a subscriber publishes to all others', async () => {
      const { clients, servers } = await crowd(3, { topics: ['a'] });
      const [one, two, three] = servers;
      const ends = clients.map(untilEnd);

      three.unsubscribe('a');
      assert.strictEqual(one.publish('a', 'from one'), true);
      assert.strictEqual(two.publish('a', 'from two', { binary: true }), true);
      assert.strictEqual(three.publish('a', 'from three', false, false), true);
      two.unsubscribe('a');
      assert.strictEqual(one.publish('a', 'nobody else'), false);
      for (const ws of servers) ws.send(END);
      assert.deepStrictEqual(await Promise.all(ends), [
        [Buffer.from('from two'), 'from three'],
        ['from one', 'from three'],
        []
      ]);
    });

    it('do nothing without subscribers', async () => {
      const { wss, servers } = await crowd(1);

      // Nobody looks at the data.
      assert.strictEqual(wss.publish('a', Symbol('data')), false);
      servers[0].subscribe('a');
      assert.strictEqual(servers[0].publish('a', Symbol('data')), false);
      assert.throws(() => wss.publish('a', Symbol('data')), TypeError);
      assert.throws(() => wss.publish('a', null), TypeError);
      assert.throws(() => wss.publish('a', new Blob(['x'])), {
        name: 'TypeError',
        message: 'A Blob cannot be published'
      });
    });

    it('keep the order of everything that a connection sends', async () => {
      const { wss, clients, servers } = await crowd(2, { topics: ['a', 'b'] });
      const ends = clients.map(untilEnd);
      const expected = [];

      for (let i = 0; i < 500; i++) {
        const data = i % 50 === 7 ? noise(70000, i) : `${i}`;

        if (i % 3 === 0) wss.publish(i % 2 ? 'a' : 'b', data);
        else for (const ws of servers) ws.send(data);
        expected.push(data);
        if (i % 100 === 99) await new Promise((go) => setImmediate(go));
      }
      wss.publish('a', END);
      for (const end of ends) assert.deepStrictEqual(await end, expected);
    });

    it('take large messages', async () => {
      const { wss, clients } = await crowd(3, { topics: ['a'] });
      const ends = clients.map(untilEnd);
      const messages = [
        noise(16 * 1024),
        noise(16 * 1024 + 1),
        noise(65535),
        noise(65536),
        noise(256 * 1024),
        text(3 * 1024 * 1024),
        noise(5 * 1024 * 1024)
      ];

      for (const message of messages) wss.publish('a', message);
      wss.publish('a', END);
      for (const end of ends) {
        const list = await end;

        assert.deepStrictEqual(
          list.map((message, i) => messages[i].length === message.length),
          messages.map(() => true)
        );
        assert.ok(
          list.every((data, i) =>
            Buffer.from(data).equals(Buffer.from(messages[i]))
          )
        );
      }
    });

    it('are not disturbed by what happens to the data later', async () => {
      const { wss, clients } = await crowd(2, { topics: ['a'] });
      const ends = clients.map(untilEnd);
      const data = Buffer.alloc(200000, 1);

      wss.publish('a', data);
      data.fill(2);
      wss.publish('a', END);
      for (const end of ends) {
        // Streams of Node's take such data as it is, without a copy.
        const [got] = await end;

        assert.strictEqual(got.length, data.length);
        if (!kind.isInline) {
          assert.ok(got.equals(Buffer.alloc(200000, 1)));
        }
      }
    });

    it('do not cut messages that are sent in fragments', async () => {
      const { wss, clients, servers } = await crowd(1, { topics: ['a'] });
      const end = untilEnd(clients[0]);

      await settle({ client: clients[0], server: servers[0] });
      wss.publish('a', 'before');
      servers[0].send('be', { fin: false });
      wss.publish('a', 'one');
      servers[0].send('gi', { fin: false });
      wss.publish('a', 'two');
      await new Promise((resolve) => setImmediate(resolve));
      wss.publish('a', Buffer.from('three'));
      servers[0].send('n');
      wss.publish('a', 'after');
      wss.publish('a', END);
      assert.deepStrictEqual(await end, [
        'before',
        'begin',
        'one',
        'two',
        Buffer.from('three'),
        'after'
      ]);
    });

    it('do not cut them in the first tick either', async () => {
      const wss = await scope.listen(kind);

      wss.on('connection', (ws) => {
        ws.subscribe('a');
        ws.send('be', { fin: false });
        setImmediate(() => {
          wss.publish('a', 'published');
          setImmediate(() => {
            ws.send('gin');
            wss.publish('a', END);
          });
        });
      });
      assert.deepStrictEqual(await untilEnd(scope.connect(theirs, wss)), [
        'begin',
        'published'
      ]);
    });

    it('wait for a Blob that is sent before', async () => {
      const { wss, clients, servers } = await crowd(2, { topics: ['a'] });
      const ends = clients.map(untilEnd);

      await settle({ client: clients[0], server: servers[0] });
      servers[0].send(new Blob(['blob']));
      wss.publish('a', 'one');
      servers[0].send('two');
      wss.publish('a', 'three');
      await new Promise((resolve) => setTimeout(resolve, 20));
      wss.publish('a', END);
      assert.deepStrictEqual(await Promise.all(ends), [
        [Buffer.from('blob'), 'one', 'two', 'three'],
        ['one', 'three']
      ]);
    });

    for (const [name, options] of Object.entries({
      'with context takeover': {},
      'without context takeover': {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true
      },
      'with a small window': { serverMaxWindowBits: 9 }
    })) {
      it(`are compressed ${name}`, async () => {
        const { wss, clients, servers } = await crowd(3, {
          server: { perMessageDeflate: { threshold: 0, ...options } },
          topics: ['a']
        });
        const plain = scope.connect(theirs, wss, { perMessageDeflate: false });
        const [last] = await once(wss, 'connection');

        await once(plain, 'open');
        last.subscribe('a');
        servers.push(last);

        const ends = [...clients, plain].map(untilEnd);
        const expected = [];
        let written = 0;

        assert.deepStrictEqual(
          servers.map(({ extensions }) => extensions !== ''),
          [true, true, true, false]
        );
        for (let i = 0; i < 40; i++) {
          // What a window has seen pays only if both ends agree about it.
          const data = `${i % 7} ${text(3000 + i)}`;

          if (i % 4 === 1) for (const ws of servers) ws.send(data);
          else wss.publish('a', data, { compress: i % 4 !== 2 });
          expected.push(data);
          written += data.length;
          if (i % 10 === 0) await new Promise((go) => setImmediate(go));
        }
        wss.publish('a', '', { compress: true });
        wss.publish('a', noise(100000));
        for (const ws of servers) ws.send(END);
        for (const end of ends) {
          assert.deepStrictEqual(await end, [...expected, '', noise(100000)]);
        }
        // A quarter was not compressed, and noise cannot be.
        assert.ok(clients[0]._socket.bytesRead < written / 2 + 110000);
      });
    }

    it('are compressed from the threshold on', async () => {
      const { wss, clients } = await crowd(1, {
        server: {
          perMessageDeflate: { threshold: 100, serverNoContextTakeover: true }
        },
        topics: ['a']
      });
      const before = clients[0]._socket.bytesRead;
      const message = once(clients[0], 'message');

      wss.publish('a', 'a'.repeat(99));
      await message;
      assert.strictEqual(clients[0]._socket.bytesRead - before, 2 + 99);
      wss.publish('a', 'a'.repeat(100));
      await once(clients[0], 'message');
      assert.ok(clients[0]._socket.bytesRead - before < 101 + 50);
    });

    it('let connections leave while a message is on its way', async () => {
      const { wss, clients, servers } = await crowd(4, { topics: ['a', 'b'] });
      const ends = clients.map(untilEnd);

      wss.publish('a', 'to four');
      servers[1].unsubscribe('a');
      wss.publish('a', 'to three');
      servers[2].unsubscribe('a');
      servers[1].subscribe('a');
      wss.publish('a', 'to three, too');
      for (const ws of servers) ws.send(END);
      assert.deepStrictEqual(await Promise.all(ends), [
        ['to four', 'to three', 'to three, too'],
        ['to four', 'to three, too'],
        ['to four', 'to three'],
        ['to four', 'to three', 'to three, too']
      ]);
    });

    it('let a listener leave, close and publish', async () => {
      const { wss, clients, servers } = await crowd(4, { topics: ['a'] });
      const received = clients.map((ws) => {
        const list = [];

        ws.on('message', (data) => list.push(`${data}`));
        return list;
      });
      const closed = [once(clients[2], 'close'), once(clients[3], 'close')];

      servers[0].on('message', () => {
        servers[1].unsubscribe('a');
        servers[2].close();
        servers[3].terminate();
        servers[0].publish('a', 'nobody is left');
        wss.publish('a', 'last');
      });
      clients[0].send('go');
      await Promise.all([...closed, once(clients[0], 'message')]);
      assert.deepStrictEqual(received, [['last'], [], [], []]);
      assert.strictEqual(wss.numSubscribers('a'), 1);
    });

    it('send nothing behind a close frame', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);

      const [ws] = await connection;

      ws.subscribe('a');
      wss.publish('a', 'before');
      ws.close(1000);
      assert.deepStrictEqual(ws.getTopics(), []);
      assert.strictEqual(ws.subscribe('a'), false);
      assert.strictEqual(wss.publish('a', 'behind'), false);

      const closed = once(ws, 'close');

      await peer.write(frame(CLOSE, Buffer.from([0x03, 0xe8]), { mask: true }));
      await closed;

      const frames = await peer.untilFrames(2);

      assert.deepStrictEqual(
        frames.map(({ opcode }) => opcode),
        [1, CLOSE]
      );
    });

    it('end with the connection', async () => {
      const { wss, clients, servers } = await crowd(4, { topics: ['a', 'b'] });
      const closed = servers.map((ws) => once(ws, 'close'));

      assert.strictEqual(wss.numSubscribers('a'), 4);
      clients[0].terminate();
      clients[1].close();
      servers[2].terminate();
      assert.strictEqual(wss.numSubscribers('a'), 3);
      servers[3].close();
      assert.strictEqual(wss.numSubscribers('b'), 2);
      await Promise.all(closed);
      assert.strictEqual(wss.numSubscribers('a'), 0);
      assert.strictEqual(wss.publish('a', 'x'), false);
      assert.deepStrictEqual(servers[0].getTopics(), []);
    });

    it('leave out subscribers for whom too much waits', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);
      peer.socket.pause();

      const [slow] = await connection;
      const { client, server: fast } = await (async () => {
        const next = once(wss, 'connection');
        const ws = scope.connect(theirs, wss);
        const [server] = await next;

        await once(ws, 'open');
        return { client: ws, server };
      })();
      let count = 0;

      client.on('message', () => count++);
      slow.subscribe('a');
      fast.subscribe('a');
      await settle({ client, server: fast });

      const size = 100000;
      const limit = 1024 * 1024;
      const before = WebSocket.metrics().sent.skipped;

      // Until the buffers of the system are full, and then some.
      for (let i = 1; i <= 200; i++) {
        wss.publish('a', Buffer.alloc(size), { maxBackpressure: limit });
        while (count < i) await once(client, 'message');
      }
      assert.ok(slow.bufferedAmount > limit / 2, `${slow.bufferedAmount}`);
      assert.ok(slow.bufferedAmount <= limit + 2 * size);
      assert.ok(WebSocket.metrics().pendingBytes >= limit / 2);
      assert.strictEqual(fast.bufferedAmount, 0);

      // What was taken is whole.
      peer.socket.resume();
      while (slow.bufferedAmount > 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      slow.send(END);

      let end;

      do {
        const frames = await peer.untilFrames(1);

        end = frames.find(({ opcode }) => opcode === 1);
        if (end === undefined) await once(peer.socket, 'data');
      } while (end === undefined);

      const frames = await peer.untilFrames(1);

      assert.ok(frames.length > 10 && frames.length < 200);
      assert.strictEqual(
        WebSocket.metrics().sent.skipped - before,
        200 - (frames.length - 1)
      );
      for (const { opcode, payload } of frames.slice(0, -1)) {
        assert.strictEqual(opcode, 2);
        assert.strictEqual(payload.length, size);
      }
    });

    // A socket of the native listener, below a connection that is not on the I/O
    // thread, takes all it gets.
    if (kind.listening && kind.isInline) return;

    it('have callbacks of send() in their turn', async () => {
      const wss = await scope.listen(kind);
      const connection = once(wss, 'connection');
      const peer = await rawClient(wss);

      scope.stream(peer.socket);
      peer.socket.pause();

      const [ws] = await connection;

      ws.subscribe('a');
      await new Promise((resolve) => setImmediate(resolve));
      for (let i = 0; i < 300; i++) wss.publish('a', Buffer.alloc(100000));
      while (ws.bufferedAmount < 1024 * 1024) {
        await new Promise((resolve) => setImmediate(resolve));
      }

      let called = false;
      const sent = new Promise((resolve) => {
        ws.send('behind them', () => {
          called = true;
          resolve();
        });
      });

      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.strictEqual(called, false);
      peer.socket.resume();
      await sent;
      assert.strictEqual(ws.bufferedAmount, 0);
    });
  });

  describe('of many', () => {
    const scope = useScope();

    it('serve 1,000 subscribers', async function () {
      this.timeout(60000);

      const wss = await scope.listen(kinds[0], { backlog: 2048 });
      const count = 1000;
      const counts = new Array(count).fill(0);
      const ends = [];
      const before = WebSocket.metrics();

      wss.on('connection', (ws) => {
        ws.subscribe('all');
        ws.subscribe(`${wss.clients.size % 10}`);
      });
      for (let i = 0; i < count; i++) {
        const ws = scope.connect(kinds[0], wss);

        ends.push(
          new Promise((resolve) => {
            ws.on('message', (data) => {
              if (`${data}` === END) resolve();
              else if (+`${data}` === counts[i]) counts[i]++;
              else if (data[0] !== 0x74) counts[i] = NaN;
            });
          })
        );
        await once(ws, 'open');
      }
      assert.strictEqual(wss.numSubscribers('all'), count);
      for (let i = 0; i < 10; i++) {
        assert.strictEqual(wss.numSubscribers(`${i}`), count / 10);
      }
      for (let i = 0; i < 50; i++) {
        wss.publish('all', `${i}`);
        wss.publish(`${i % 10}`, 'to a tenth');
        if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      wss.publish('all', END);
      await Promise.all(ends);
      assert.deepStrictEqual(counts, new Array(count).fill(50));
      assert.strictEqual(
        WebSocket.metrics().sent.messages - before.sent.messages,
        51 * count + 50 * (count / 10)
      );
    });

    it('serve several I/O threads', async () => {
      const ioThreads = Math.min(2, availableParallelism());

      for (const native of hasIoThread ? [false, true] : [false]) {
        const wss = await scope.listen(kinds[0], { ioThreads, native });
        const clients = [];
        const servers = [];

        for (let i = 0; i < 8; i++) {
          const connection = once(wss, 'connection');

          clients.push(scope.connect(theirs, wss));
          servers.push((await connection)[0]);
          servers[i].subscribe('a');
          await once(clients[i], 'open');
          await settle({ client: clients[i], server: servers[i] });
        }

        const ends = clients.map(untilEnd);
        const large = noise(100000);

        wss.publish('a', 'to all');
        servers[0].publish('a', large);
        servers[1].unsubscribe('a');
        servers[2].publish('a', 'text');
        for (const ws of servers) ws.send(END);
        for (const [i, end] of ends.entries()) {
          const expected = ['to all'];

          if (i !== 0) expected.push(large);
          if (i !== 1 && i !== 2) expected.push('text');
          assert.deepStrictEqual(await end, expected);
        }
      }
    });

    it('serve both kinds at once', async () => {
      const server = scope.listener(http.createServer());
      const wss = scope.server(
        new WebSocket.Server({ server, perMessageDeflate: { threshold: 0 } })
      );
      const clients = [];
      const servers = [];

      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      for (let i = 0; i < 6; i++) {
        wss.options.ioThread = i % 2 === 0;

        const connection = once(wss, 'connection');

        clients.push(
          scope.socket(
            new reference(`ws://127.0.0.1:${server.address().port}`, {
              perMessageDeflate: i < 4
            })
          )
        );
        servers.push((await connection)[0]);
        servers[i].subscribe('a');
        await once(clients[i], 'open');
        await settle({ client: clients[i], server: servers[i] });
      }
      if (usesIoThread) {
        assert.strictEqual(wss.metrics().connections.native, 3);
        assert.strictEqual(wss.metrics().connections.inline, 3);
      }

      const ends = clients.map(untilEnd);

      wss.publish('a', text(2000));
      servers[0].publish('a', 'from a native one');
      servers[1].publish('a', 'from an inline one');
      wss.publish('a', END);

      for (const [i, end] of ends.entries()) {
        const expected = [text(2000)];

        if (i !== 0) expected.push('from a native one');
        if (i !== 1) expected.push('from an inline one');
        assert.deepStrictEqual(await end, expected);
      }
    });
  });
});
