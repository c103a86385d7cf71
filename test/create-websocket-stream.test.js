'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const EventEmitter = require('node:events');
const http = require('node:http');
const { Duplex, Readable } = require('node:stream');

const WebSocket = require('..');
const createWebSocketStream = require('../lib/stream');

const { once } = EventEmitter;

/**
 * What a stream needs of a WebSocket. It does nothing by itself, a test plays
 * the peer.
 */
class StandIn extends EventEmitter {
  /**
   * @param {Boolean} [isOpen=true] Whether it is open or still connecting
   */
  constructor(isOpen = true) {
    super();
    Object.assign(this, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
    this.calls = [];
    this.isPaused = false;
    this.readyState = this.CONNECTING;
    this.sent = [];
    this._socket = null;
    if (isOpen) this.open();
  }

  open() {
    this.readyState = this.OPEN;
    this._socket = new EventEmitter();
    this._socket._writableState = { finished: false };
    this.emit('open');
  }

  finishSocket() {
    this._socket._writableState.finished = true;
    this._socket.emit('finish');
  }

  fail(err) {
    this.readyState = this.CLOSING;
    this.emit('error', err);
  }

  closed() {
    this.readyState = this.CLOSED;
    this.emit('close', 1006, Buffer.alloc(0));
  }

  text(string) {
    this.emit('message', Buffer.from(string), false);
  }

  binary(data) {
    this.emit('message', Buffer.from(data), true);
  }

  send(data, callback) {
    this.calls.push('send');
    this.sent.push({ data, callback });
  }

  close() {
    this.calls.push('close');
    this.readyState = this.CLOSING;
  }

  terminate() {
    this.calls.push('terminate');
    this.readyState = this.CLOSING;
  }

  pause() {
    this.calls.push('pause');
    this.isPaused = true;
  }

  resume() {
    this.calls.push('resume');
    this.isPaused = false;
  }
}

/**
 * Writes down the events of a stream.
 *
 * @param {Duplex} duplex The stream
 * @return {String[]} The names of the events so far
 */
function record(duplex) {
  const events = [];

  for (const name of ['end', 'finish', 'error', 'close']) {
    duplex.on(name, () => events.push(name));
  }

  return events;
}

/**
 * Waits until all that was put off to a later tick is done.
 *
 * @return {Promise} Resolved then
 */
function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('createWebSocketStream', () => {
  it('is a property of the WebSocket class', () => {
    assert.strictEqual(WebSocket.createWebSocketStream, createWebSocketStream);
  });

  describe('the options', () => {
    it('may be left out', () => {
      assert.ok(createWebSocketStream(new EventEmitter()) instanceof Duplex);
    });

    it('go to the Duplex constructor', () => {
      const duplex = createWebSocketStream(new StandIn(), {
        allowHalfOpen: false,
        encoding: 'hex',
        readableHighWaterMark: 5,
        writableHighWaterMark: 7
      });

      assert.strictEqual(duplex.allowHalfOpen, false);
      assert.strictEqual(duplex.readableEncoding, 'hex');
      assert.strictEqual(duplex.readableHighWaterMark, 5);
      assert.strictEqual(duplex.writableHighWaterMark, 7);
    });

    it('cannot switch on what the stream does by itself', async () => {
      const ws = new StandIn();
      const options = Object.freeze({
        autoDestroy: true,
        emitClose: true,
        objectMode: true,
        writableObjectMode: true
      });
      const duplex = createWebSocketStream(ws, options);
      const events = record(duplex);

      assert.strictEqual(duplex.readableObjectMode, false);
      assert.strictEqual(duplex.writableObjectMode, false);

      duplex.destroy();
      await settled();
      assert.deepStrictEqual(events, []);

      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['close']);
    });

    it('cannot replace what the stream does', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, {
        read: assert.fail,
        write: assert.fail,
        final: assert.fail,
        destroy: assert.fail
      });

      duplex.resume();
      duplex.write('a');
      ws.sent[0].callback();
      duplex.end();
      await settled();
      duplex.destroy();

      assert.deepStrictEqual(ws.calls, ['send', 'close', 'terminate']);
    });

    it('can carry a signal that destroys the stream', async () => {
      const ws = new StandIn();
      const controller = new AbortController();
      const duplex = createWebSocketStream(ws, { signal: controller.signal });
      const failed = once(duplex, 'error');

      controller.abort();
      assert.deepStrictEqual(ws.calls, ['terminate']);
      ws.closed();

      const [err] = await failed;

      assert.strictEqual(err.name, 'AbortError');
    });
  });

  describe('writing', () => {
    it('sends one message per chunk', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const written = [];

      duplex.write(Buffer.from('a'), () => written.push('a'));
      duplex.write('é', () => written.push('é'));
      duplex.write(new Uint8Array([1]), () => written.push(1));

      // The second waits until the first is sent.
      assert.strictEqual(ws.sent.length, 1);
      assert.deepStrictEqual(ws.sent[0].data, Buffer.from('a'));

      ws.sent[0].callback();
      await settled();
      assert.deepStrictEqual(written, ['a']);
      assert.deepStrictEqual(ws.sent[1].data, Buffer.from('é'));

      ws.sent[1].callback();
      await settled();
      assert.deepStrictEqual([...ws.sent[2].data], [1]);
    });

    it('sends strings as they are if they are not to be decoded', () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { decodeStrings: false });

      duplex.write('é');
      assert.strictEqual(ws.sent[0].data, 'é');
    });

    it('waits until the connection is open', async () => {
      const ws = new StandIn(false);
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.write('a');
      duplex.write('b');
      duplex.end();
      await settled();
      assert.deepStrictEqual(ws.calls, []);

      ws.open();
      assert.deepStrictEqual(ws.calls, ['send']);
      ws.sent[0].callback();
      await settled();
      ws.sent[1].callback();
      await settled();
      assert.deepStrictEqual(ws.calls, ['send', 'send', 'close']);
      assert.deepStrictEqual(
        ws.sent.map(({ data }) => data.toString()),
        ['a', 'b']
      );
      assert.deepStrictEqual(events, []);
    });

    it('asks the writer to wait, and tells when to go on', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { highWaterMark: 2 });
      let drained = false;

      duplex.on('drain', () => (drained = true));
      assert.strictEqual(duplex.write('a'), true);
      assert.strictEqual(duplex.write('b'), false);

      ws.sent[0].callback();
      await settled();
      assert.strictEqual(drained, false);

      ws.sent[1].callback();
      await settled();
      assert.strictEqual(drained, true);
    });

    it('fails if the message cannot be sent', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const err = new Error('not sent');
      const errors = [];

      duplex.on('error', (e) => errors.push(e));
      duplex.write('a', (e) => errors.push(e));
      ws.sent[0].callback(err);
      await settled();

      assert.deepStrictEqual(errors, [err, err]);
      assert.strictEqual(duplex.destroyed, true);
      assert.deepStrictEqual(ws.calls, ['send', 'terminate']);

      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['error', 'close']);
    });
  });

  describe('ending', () => {
    it('closes the connection and waits until its socket has finished', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.end();
      await settled();
      assert.deepStrictEqual(ws.calls, ['close']);
      assert.deepStrictEqual(events, []);

      ws.finishSocket();
      await settled();
      assert.deepStrictEqual(events, ['finish']);
      assert.strictEqual(duplex.destroyed, false);
    });

    it('closes nothing if the socket has finished already', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      ws.finishSocket();
      duplex.end();
      await settled();

      assert.deepStrictEqual(ws.calls, []);
      assert.deepStrictEqual(events, ['finish']);
      assert.strictEqual(duplex.destroyed, false);
    });

    it('does not finish if there never was a socket', async () => {
      const ws = new StandIn(false);
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      ws.readyState = ws.CLOSING;
      duplex.end();
      await settled();
      assert.deepStrictEqual(events, []);

      ws.fail(new Error('no handshake'));
      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['error', 'close']);
      assert.deepStrictEqual(ws.calls, []);
    });

    it('destroys the stream when it is read to the end as well', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.resume();
      duplex.end();
      await settled();
      ws.finishSocket();
      await settled();
      assert.strictEqual(duplex.destroyed, false);

      ws.closed();
      await settled();
      assert.strictEqual(duplex.destroyed, true);
      assert.deepStrictEqual(events, ['finish', 'end', 'close']);
      assert.deepStrictEqual(ws.calls, ['close']);
    });

    it('destroys the stream if it was read to the end before', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.resume();
      ws.finishSocket();
      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['end']);
      assert.strictEqual(duplex.destroyed, false);

      duplex.end();
      await settled();
      assert.strictEqual(duplex.destroyed, true);
      assert.deepStrictEqual(events, ['end', 'finish', 'close']);
      assert.deepStrictEqual(ws.calls, []);
    });

    it('happens at the end of reading unless half open is allowed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { allowHalfOpen: false });
      const events = record(duplex);

      duplex.resume();
      ws.finishSocket();
      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['end', 'finish', 'close']);
    });
  });

  describe('reading', () => {
    it('gives the data of the messages', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const chunks = [];

      duplex.on('data', (chunk) => chunks.push(chunk));
      ws.text('é');
      ws.binary([1, 2]);
      ws.binary([]);
      ws.text('');
      await settled();

      assert.deepStrictEqual(chunks, [Buffer.from('é'), Buffer.from([1, 2])]);
    });

    it('decodes text and binary data if it has an encoding', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { encoding: 'utf8' });
      const chunks = [];

      duplex.on('data', (chunk) => chunks.push(chunk));
      ws.text('a');
      ws.binary(Buffer.from('é').subarray(0, 1));
      ws.binary(Buffer.from('é').subarray(1));
      await settled();

      assert.deepStrictEqual(chunks.join('|'), 'a|é');
    });

    it('tells text from binary data in readable object mode', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { readableObjectMode: true });
      const chunks = [];

      duplex.on('data', (chunk) => chunks.push(chunk));
      ws.text('é');
      ws.text('');
      ws.binary('a');
      ws.binary('');
      await settled();

      assert.deepStrictEqual(chunks, [
        'é',
        '',
        Buffer.from('a'),
        Buffer.alloc(0)
      ]);
    });

    it('pauses the connection while nobody reads', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws, { highWaterMark: 4 });

      ws.text('abc');
      assert.deepStrictEqual(ws.calls, []);

      // More may come before the connection is paused.
      ws.text('def');
      ws.text('ghi');
      assert.deepStrictEqual(ws.calls, ['pause', 'pause']);

      assert.strictEqual(duplex.read(4).toString(), 'abcd');
      await settled();
      assert.deepStrictEqual(ws.calls, ['pause', 'pause']);

      assert.strictEqual(duplex.read(2).toString(), 'ef');
      await settled();
      assert.deepStrictEqual(ws.calls, ['pause', 'pause', 'resume']);
    });

    it('resumes the connection only if it is paused', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);

      duplex.resume();
      ws.text('a');
      await settled();
      assert.deepStrictEqual(ws.calls, []);
    });

    it('ends when the connection is closed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      ws.text('a');
      ws.closed();
      await settled();
      assert.deepStrictEqual(events, []);

      assert.strictEqual(duplex.read().toString(), 'a');
      await settled();
      assert.deepStrictEqual(events, ['end']);
      assert.strictEqual(duplex.destroyed, false);
      assert.strictEqual(duplex.writable, true);
    });
  });

  describe('an error of the connection', () => {
    it('destroys the stream without terminating the connection', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const err = new Error('bad frame');
      const errors = [];

      duplex.on('error', (e) => errors.push(e));
      ws.fail(err);
      assert.strictEqual(duplex.destroyed, true);
      await settled();
      assert.deepStrictEqual(events, []);

      ws.closed();
      await settled();
      assert.deepStrictEqual(errors, [err]);
      assert.deepStrictEqual(events, ['error', 'close']);
      assert.deepStrictEqual(ws.calls, []);
    });

    it('is thrown if nobody listens for it', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const err = new Error('bad frame');

      // The listener of the test runner would make the test fail.
      const listeners = process.listeners('uncaughtException');
      const thrown = new Promise((resolve) => {
        process.removeAllListeners('uncaughtException');
        process.once('uncaughtException', resolve);
      });

      try {
        ws.fail(err);
        ws.closed();
        assert.strictEqual(await thrown, err);
      } finally {
        for (const listener of listeners) {
          process.on('uncaughtException', listener);
        }
      }

      assert.strictEqual(duplex.destroyed, true);
    });
  });

  describe('destroying', () => {
    it('terminates the connection and waits until it is closed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const listenerCount = ws.listenerCount('error');

      assert.strictEqual(duplex.destroy(), duplex);
      assert.deepStrictEqual(ws.calls, ['terminate']);
      await settled();
      assert.deepStrictEqual(events, []);

      ws.closed();
      assert.deepStrictEqual(events, []);
      await settled();
      assert.deepStrictEqual(events, ['close']);
      assert.strictEqual(ws.listenerCount('error'), listenerCount);
    });

    it('reports its reason when the connection is closed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const err = new Error('enough');
      const errors = [];

      duplex.on('error', (e) => errors.push(e));
      duplex.destroy(err);
      await settled();
      assert.deepStrictEqual(events, []);

      ws.closed();
      await settled();
      assert.deepStrictEqual(errors, [err]);
      assert.deepStrictEqual(events, ['error', 'close']);
    });

    it('reports an error of the connection that comes meanwhile', async () => {
      for (const reason of [undefined, new Error('enough')]) {
        const ws = new StandIn();
        const duplex = createWebSocketStream(ws);
        const events = record(duplex);
        const err = new Error('bad frame');
        const errors = [];

        duplex.on('error', (e) => errors.push(e));
        duplex.destroy(reason);
        ws.fail(err);
        ws.closed();
        await settled();

        assert.deepStrictEqual(errors, [err]);
        assert.deepStrictEqual(events, ['error', 'close']);
      }
    });

    it('terminates nothing if the connection is closed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      ws.closed();
      duplex.destroy();
      await settled();

      assert.deepStrictEqual(ws.calls, []);
      assert.deepStrictEqual(events, ['close']);
    });

    it('reports its reason if the connection is closed', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const err = new Error('enough');
      const errors = [];

      duplex.on('error', (e) => errors.push(e));
      ws.closed();
      duplex.destroy(err);
      await settled();

      assert.deepStrictEqual(errors, [err]);
      assert.deepStrictEqual(events, ['error', 'close']);
    });

    it('works while connecting', async () => {
      const ws = new StandIn(false);
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);
      const err = new Error('closed before the connection was established');

      duplex.destroy();
      assert.deepStrictEqual(ws.calls, ['terminate']);

      ws.fail(err);
      ws.closed();
      await settled();
      assert.deepStrictEqual(events, ['error', 'close']);
    });

    it('happens once', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.destroy();
      duplex.destroy(new Error('too late'));
      ws.closed();
      await settled();

      assert.deepStrictEqual(ws.calls, ['terminate']);
      assert.deepStrictEqual(events, ['close']);
    });

    it('drops messages that come later', async () => {
      const ws = new StandIn();
      const duplex = createWebSocketStream(ws);
      const events = record(duplex);

      duplex.on('data', assert.fail);
      duplex.destroy();
      ws.text('a');
      ws.closed();
      await settled();

      assert.deepStrictEqual(events, ['close']);
    });
  });

  describe('over a connection', () => {
    let wss;
    let url;

    beforeEach(async () => {
      wss = new WebSocket.Server({ port: 0, perMessageDeflate: true });
      await once(wss, 'listening');
      url = `ws://127.0.0.1:${wss.address().port}`;
    });

    afterEach((done) => {
      for (const ws of wss.clients) ws.terminate();
      wss.close(done);
    });

    it('pipes data there and back', async () => {
      wss.on('connection', (ws) => {
        const duplex = createWebSocketStream(ws);

        duplex.pipe(duplex);
      });

      const chunks = Array.from({ length: 60 }, (_, i) =>
        i % 2 ? crypto.randomBytes(50000) : Buffer.alloc(50000, 'ab')
      );
      const data = Buffer.concat(chunks);
      const duplex = createWebSocketStream(new WebSocket(url));
      const received = [];
      let length = 0;

      Readable.from(chunks).pipe(duplex, { end: false });

      for await (const chunk of duplex) {
        received.push(chunk);
        length += chunk.length;
        if (length >= data.length) break;
      }

      assert.ok(Buffer.concat(received).equals(data));
    });

    it('ends on both sides when one ends', async () => {
      const opened = once(wss, 'connection');
      const client = createWebSocketStream(new WebSocket(url));

      client.end('bye');
      client.resume();

      const [ws] = await opened;
      const server = createWebSocketStream(ws, { encoding: 'utf8' });
      const closed = [once(client, 'close'), once(server, 'close')];
      const clientEvents = record(client);
      const serverEvents = record(server);
      let text = '';

      server.on('data', (chunk) => (text += chunk));
      server.on('end', () => server.end());
      await Promise.all(closed);

      assert.strictEqual(text, 'bye');
      assert.deepStrictEqual(clientEvents, ['finish', 'end', 'close']);
      assert.deepStrictEqual(serverEvents, ['end', 'finish', 'close']);
    });

    it('pauses while nobody reads, and loses nothing', async () => {
      const opened = once(wss, 'connection');
      const client = createWebSocketStream(new WebSocket(url));
      const [ws] = await opened;
      const paused = new Promise((resolve) => {
        ws.pause = function pause() {
          WebSocket.prototype.pause.call(this);
          resolve();
        };
      });
      const server = createWebSocketStream(ws);
      const chunks = Array.from({ length: 200 }, () =>
        crypto.randomBytes(10000)
      );

      for (const chunk of chunks) client.write(chunk);
      await paused;
      assert.strictEqual(ws.isPaused, true);
      assert.ok(server.readableLength >= server.readableHighWaterMark);
      client.end();

      const received = [];

      for await (const chunk of server) received.push(chunk);
      assert.ok(Buffer.concat(received).equals(Buffer.concat(chunks)));
    });

    it('ends when the peer is gone', async () => {
      const opened = once(wss, 'connection');
      const client = createWebSocketStream(new WebSocket(url));
      const events = record(client);
      const [ws] = await opened;

      client.on('end', () => client.end());
      client.resume();
      ws.terminate();
      await once(client, 'close');

      assert.deepStrictEqual(events, ['end', 'finish', 'close']);
    });

    it('tells the peer that it was destroyed', async () => {
      const connected = once(wss, 'connection');
      const ws = new WebSocket(url);
      const client = createWebSocketStream(ws);

      await once(ws, 'open');

      const [peer] = await connected;
      const closed = once(client, 'close');
      const peerClosed = once(peer, 'close');

      client.destroy();

      const [code] = await peerClosed;

      assert.strictEqual(code, 1006);
      await closed;
    });

    it('reports what the peer did wrong', async () => {
      const opened = once(wss, 'connection');
      const client = createWebSocketStream(
        new WebSocket(url, { maxPayload: 10 })
      );
      const failed = once(client, 'error');
      const closed = new Promise((resolve) => client.on('close', resolve));
      const [ws] = await opened;

      ws.send('more than ten bytes');

      const [code] = await once(ws, 'close');
      const [err] = await failed;

      assert.strictEqual(code, 1009);
      assert.strictEqual(err.code, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');
      await closed;
    });

    it('reports a handshake that fails', async () => {
      const server = http.createServer();

      server.on('upgrade', (req, socket) => {
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');

      const client = createWebSocketStream(
        new WebSocket(`ws://127.0.0.1:${server.address().port}`)
      );
      const closed = new Promise((resolve) => client.on('close', resolve));

      client.end('a');

      const [err] = await once(client, 'error');

      assert.strictEqual(err.message, 'Unexpected server response: 404');
      await closed;
      server.close();
      await once(server, 'close');
    });
  });
});
