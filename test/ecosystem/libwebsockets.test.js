'use strict';

const assert = require('assert');
const { execFileSync, spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const readline = require('readline');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const {
  HEADER,
  isRight,
  makeFrame,
  readMessage,
  writeMessage
} = require('./support/humblenet');
const { close, closed, listen, nextMessage } = require('./support/net');

const SIZES = [0, 1, 117, 118, 4096, 65527, 65528, 1000000];

/** What HumbleNet's peers begin with, and what they relay. */
const MESSAGES = [
  [
    'HelloServer',
    {
      version: 0,
      flags: 1,
      gameToken: 'game',
      gameSignature: 'f'.repeat(40),
      attributes: [{ key: 'platform', value: 'größer' }]
    }
  ],
  [
    'HelloClient',
    { peerId: 4000000000, iceServers: [{ type: 1, server: 'example.org' }] }
  ],
  ['P2PRelayData', { peerId: 7, data: Buffer.alloc(65535, 'beast') }]
];

describe('libwebsockets, with the frames of HumbleNet', () => {
  const defer = cleanup();
  let folder;
  let program;

  before(function build() {
    this.timeout(120000);
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-lws-'));
    program = path.join(folder, 'humble-peer');
    execFileSync(
      process.env.CC || 'cc',
      [
        '-std=c11',
        '-O1',
        '-Wall',
        '-Werror',
        '-o',
        program,
        path.join(__dirname, 'children/humble-peer.c'),
        '-lwebsockets'
      ],
      { stdio: 'inherit' }
    );
  });

  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  for (const deflate of [false, true]) {
    const how = deflate ? 'compressed' : 'uncompressed';
    const extensions = deflate ? 'permessage-deflate' : '';
    const more = deflate ? ['deflate'] : [];

    it(`a C client talks to our server, ${how}`, async () => {
      const server = http.createServer();
      const wss = new WebSocket.Server({
        server,
        perMessageDeflate: { threshold: 0 },
        handleProtocols: (protocols) =>
          protocols.has('humblepeer') && 'humblepeer'
      });
      const port = await listen(server);

      defer(() => close(server));
      defer(() => wss.clients.forEach((ws) => ws.terminate()));

      const connection = once(wss, 'connection');
      const child = spawn(program, ['client', String(port), ...more], {
        stdio: ['ignore', 'pipe', 'inherit']
      });
      const exited = once(child, 'exit');
      const line = once(readline.createInterface(child.stdout), 'line');
      const [ws] = await connection;
      const received = [];

      assert.strictEqual(ws.protocol, 'humblepeer');
      assert.strictEqual(ws.extensions, extensions);
      ws.on('message', (frame, isBinary) => {
        assert.strictEqual(isBinary, true);
        assert.ok(isRight(frame));
        received.push(frame.length - HEADER);
        ws.send(frame);
      });

      assert.deepStrictEqual(await closed(ws), [3000, 'done']);
      assert.deepStrictEqual(received, SIZES);
      assert.deepStrictEqual(await line, [String(SIZES.length)]);
      assert.deepStrictEqual(await exited, [0, null]);
    });

    it(`our client talks to a C server, ${how}`, async () => {
      const child = spawn(program, ['server', ...more], {
        stdio: ['ignore', 'pipe', 'inherit']
      });
      const exited = once(child, 'exit');

      defer(async () => {
        child.kill();
        assert.deepStrictEqual(await exited, [0, null]);
      });

      const [port] = await once(readline.createInterface(child.stdout), 'line');
      const ws = new WebSocket(`ws://127.0.0.1:${port}/`, 'humblepeer', {
        perMessageDeflate: { threshold: 0 }
      });

      defer(() => ws.terminate());
      await once(ws, 'open');
      assert.strictEqual(ws.protocol, 'humblepeer');
      assert.strictEqual(ws.extensions, extensions);

      const frames = SIZES.map((size) =>
        makeFrame(Buffer.alloc(size, 'beast'))
      );
      for (const frame of frames) {
        ws.send(frame);
        assert.ok(frame.equals(await nextMessage(ws)), String(frame.length));
      }

      for (const [name, values] of MESSAGES) {
        ws.send(makeFrame(writeMessage(name, values)));

        const frame = await nextMessage(ws);

        assert.ok(isRight(frame));
        assert.deepStrictEqual(readMessage(frame.subarray(HEADER)), {
          name,
          values
        });
      }

      // All at once: it reads on only when it has written.
      const received = [];
      const all = new Promise((resolve) => {
        ws.on('message', (frame) => {
          received.push(frame);
          if (received.length === frames.length) resolve();
        });
      });
      for (const frame of frames) ws.send(frame);
      await all;
      assert.ok(received.every((frame, i) => frame.equals(frames[i])));

      const wrong = makeFrame(Buffer.from('body'));
      wrong[HEADER] ^= 1;
      const end = closed(ws);
      ws.send(wrong);
      assert.deepStrictEqual(await end, [4000, 'not right']);
    });
  }
});
