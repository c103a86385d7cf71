'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');

const ChatClient = require('./chat-client');
const ExampleProcess = require('./example-process');

describe('The chat example', () => {
  let example;
  let port;
  let clients;

  beforeEach(async () => {
    clients = [];
    example = new ExampleProcess('chat/server');
    port = await example.port();
  });

  afterEach(async () => {
    for (const { ws } of clients) ws.terminate();
    await example.stop();
  });

  /**
   * @param {Object} [options] Options of the WebSocket
   * @returns {ChatClient} A client that is dropped after the test
   */
  function connect(options) {
    const client = new ChatClient(port, options);

    clients.push(client);

    return client;
  }

  /**
   * Send an HTTP request.
   *
   * @param {string} path The path
   * @param {Object} [options] More options of the request
   * @returns {Promise<Object>} `status`, `headers` and `body`
   */
  async function request(path, options) {
    const req = http.request({ port, path, agent: false, ...options });

    req.end();

    const [res] = await once(req, 'response');
    let body = '';

    for await (const chunk of res.setEncoding('utf8')) body += chunk;

    return { status: res.statusCode, headers: res.headers, body };
  }

  describe('serves', () => {
    it('the page and its files, and nothing else', async () => {
      const page = await request('/');

      assert.strictEqual(page.status, 200);
      assert.strictEqual(
        page.headers['content-type'].split(';')[0],
        'text/html'
      );
      assert.ok(
        /default-src 'none'/.test(page.headers['content-security-policy'])
      );

      const names = Array.from(
        page.body.matchAll(/(?:src|href)="([^"#]+)"/g),
        ([, name]) => name
      );

      assert.ok(names.includes('app.js') && names.includes('style.css'));

      for (const name of names) {
        assert.strictEqual((await request(`/${name}`)).status, 200, name);
      }

      assert.strictEqual((await request('/server.js')).status, 404);
      assert.strictEqual((await request('/../server.js')).status, 404);
      assert.strictEqual((await request('/%2e%2e/server.js')).status, 404);
      assert.strictEqual((await request('/', { method: 'POST' })).status, 405);
    });
  });

  describe('passes on', () => {
    it('texts and files within a room', async () => {
      const [ada, grace, other] = [connect(), connect(), connect()];

      await ada.join('Ada', 'one');
      await other.join('Linus', 'two');

      const welcome = await grace.join(' Grace  Hopper ', 'One');

      assert.deepStrictEqual(
        [welcome.room, welcome.you.name, welcome.members.map((m) => m.name)],
        ['one', 'Grace Hopper', ['Ada', 'Grace Hopper']]
      );
      assert.strictEqual(
        (await ada.next('joined')).member.name,
        'Grace Hopper'
      );

      grace.send({ type: 'chat', text: ' héllo ', ref: '1' });

      for (const client of [ada, grace]) {
        const { text, from, ref } = await client.next('chat');

        assert.deepStrictEqual([text, from, ref], ['héllo', welcome.you, '1']);
      }

      const bytes = Buffer.from(
        Array.from({ length: 70000 }, (_, i) => i & 255)
      );

      ada.sendFile({ ref: '2', name: 'a/b.png', mime: 'image/png' }, bytes);

      const file = await grace.next('file');

      assert.deepStrictEqual([file.name, file.mime], ['a_b.png', 'image/png']);
      assert.ok(file.bytes.equals(bytes));

      // What the others said did not come here: this is the first.
      other.send({ type: 'chat', text: 'alone', ref: '1' });
      assert.strictEqual((await other.next('chat')).text, 'alone');

      ada.ws.close();
      assert.strictEqual((await grace.next('left')).member.name, 'Ada');
    });

    it('the history, and after a reconnection only what is new', async () => {
      const ada = connect();
      const { epoch } = await ada.join('Ada', 'room');

      for (let i = 0; i < 3; i++) {
        ada.send({ type: 'chat', text: `text ${i}`, ref: String(i) });
      }

      const [, second] = [await ada.next('chat'), await ada.next('chat')];

      await ada.next('chat');

      const grace = connect();
      const first = await grace.join('Grace', 'room');

      assert.deepStrictEqual([first.resumed, first.gap], [false, false]);
      for (let i = 0; i < 3; i++) {
        assert.strictEqual((await grace.next('chat')).text, `text ${i}`);
      }

      const again = connect();

      again.session = grace.session;
      const welcome = await again.join('Grace', 'room', {
        epoch,
        since: second.id
      });

      assert.strictEqual(welcome.resumed, true);
      assert.strictEqual((await again.next('chat')).text, 'text 2');

      // The same person, so the older connection makes place.
      assert.deepStrictEqual(await grace.closed, [
        4002,
        'Replaced by a newer connection'
      ]);
      assert.strictEqual(welcome.members.length, 2);
    });

    it('a bounded history', async () => {
      const ada = connect();

      await ada.join('Ada', 'room');

      // Three files of 900 KiB are more than the history holds.
      for (let i = 0; i < 3; i++) {
        ada.sendFile(
          { ref: String(i), name: String(i) },
          Buffer.alloc(900 << 10)
        );
        await ada.next('file');
      }

      const grace = connect();
      const welcome = await grace.join('Grace', 'room');

      assert.strictEqual(welcome.gap, true);
      assert.strictEqual((await grace.next('file')).name, '1');
      assert.strictEqual((await grace.next('file')).name, '2');
    });

    it('figures of the server', async () => {
      const ada = connect();

      await ada.join('Ada', 'room');
      await ada.next('stats');
      ada.send({ type: 'chat', text: 'hello', ref: '1' });
      await ada.next('chat');

      // Two samples at most: the message falls into one of them.
      const samples = [await ada.next('stats'), await ada.next('stats')];
      const messagesIn = samples.map(({ sample }) => sample.messagesIn);

      assert.ok(Math.max(...messagesIn) > 0);

      for (const { sample, rooms } of samples) {
        assert.deepStrictEqual(rooms, [{ name: 'room', members: 1 }]);
        assert.strictEqual(sample.connections, 1);
        assert.ok(sample.messagesOut > 0 && sample.bytesOut > 0);
        assert.ok(sample.delayP50 <= sample.delayP99);
        assert.ok(sample.utilization >= 0 && sample.utilization <= 1);
      }
    });
  });

  describe('refuses', () => {
    /**
     * @param {ChatClient} client Who sends
     * @param {*} message What
     * @param {string} code The code of the expected error
     */
    async function assertRefused(client, message, code) {
      client.ws.send(
        Buffer.isBuffer(message) ? message : JSON.stringify(message)
      );
      assert.strictEqual((await client.next('error')).code, code);
    }

    it('invalid names, rooms and messages', async () => {
      const ada = connect();
      const join = { type: 'join', name: 'A', room: 'r', session: ada.session };

      await ada.opened;
      await assertRefused(
        ada,
        { type: 'chat', text: 'x', ref: '1' },
        'not-joined'
      );
      await assertRefused(ada, { ...join, name: ' \u200b\u200d ' }, 'bad-name');
      await assertRefused(ada, { ...join, name: 'x'.repeat(25) }, 'bad-name');
      await assertRefused(ada, { ...join, room: '../x' }, 'bad-room');
      await assertRefused(ada, { ...join, session: 'x' }, 'bad-message');
      await assertRefused(ada, 17, 'bad-message');
      await ada.join('Ada', 'room');
      await assertRefused(
        ada,
        { type: 'chat', text: ' ', ref: '1' },
        'bad-text'
      );
      await assertRefused(
        ada,
        { type: 'chat', text: 'x'.repeat(2001), ref: '1' },
        'bad-text'
      );
      await assertRefused(ada, Buffer.from([0]), 'bad-message');
      await assertRefused(ada, Buffer.from([255, 255, 1]), 'bad-message');
      await assertRefused(ada, Buffer.from('\0\x02[]x'), 'bad-message');

      const grace = connect();

      await grace.opened;
      await assertRefused(
        grace,
        { ...join, session: grace.session, name: 'ADA', room: 'room' },
        'name-taken'
      );
    });

    it('who sends too fast', async () => {
      const ada = connect();

      await ada.join('Ada', 'room');
      for (let i = 0; i < 100; i++) {
        ada.send({ type: 'chat', text: 'x', ref: 'r' });
      }

      assert.strictEqual((await ada.next('error')).code, 'too-fast');
      assert.strictEqual((await ada.closed)[0], 1008);
    });

    it('messages that are too large', async () => {
      const ada = connect();

      await ada.join('Ada', 'room');
      ada.ws.send(Buffer.alloc(2 * 1024 * 1024));
      assert.strictEqual((await ada.closed)[0], 1009);
    });

    it('pages of other sites', async () => {
      const bad = connect({ origin: 'http://example.com' });

      await assert.rejects(bad.opened, /Unexpected server response: 403/);
      await connect({ origin: `http://localhost:${port}` }).opened;
    });
  });

  describe('ends', () => {
    it('with a clear message when the port is in use', async () => {
      const second = new ExampleProcess('chat/server', {
        env: { PORT: String(port) }
      });
      const { code, output } = await second.end();

      assert.strictEqual(code, 1);
      assert.ok(
        output.startsWith(`Port ${port} on 127.0.0.1 is in use.`),
        output
      );
      assert.strictEqual(output.trim().split('\n').length, 1);
    });

    it('with a clear message when the port is none', async () => {
      const second = new ExampleProcess('chat/server', {
        env: { PORT: 'http' }
      });

      assert.deepStrictEqual(await second.end(), {
        code: 1,
        output: 'PORT must be a number from 0 to 65535, not "http".\n'
      });
    });

    // Windows has no signals.
    if (process.platform !== 'win32') {
      for (const signal of ['SIGINT', 'SIGTERM']) {
        it(`on ${signal}, after a goodbye to everybody`, async () => {
          const ada = connect();

          await ada.join('Ada', 'room');
          example.kill(signal);
          assert.deepStrictEqual(await ada.closed, [
            1001,
            'The server is shutting down'
          ]);

          const { code, output } = await example.end();

          assert.deepStrictEqual([code, output], [0, '\nShutting down\n']);
        });
      }
    }
  });
});
