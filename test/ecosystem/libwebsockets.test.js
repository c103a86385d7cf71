'use strict';

const assert = require('assert');
const { execFileSync, spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');
const readline = require('readline');
const { crc32 } = require('zlib');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');

const SIZES = [0, 1, 117, 118, 4096, 65527, 65528, 1000000];

/**
 * Make a frame as HumbleNet's peers do.
 *
 * @param {Buffer} body What a flatbuffer would be
 * @returns {Buffer} The size, the CRC-32 and the body
 */
function makeFrame(body) {
  const header = Buffer.alloc(8);

  header.writeUInt32LE(body.length, 0);
  header.writeUInt32LE(crc32(body), 4);
  return Buffer.concat([header, body]);
}

/**
 * Say whether a frame is whole.
 *
 * @param {Buffer} frame The frame
 * @returns {boolean} Whether its size and its CRC-32 are right
 */
function isRight(frame) {
  const body = frame.subarray(8);

  return (
    frame.readUInt32LE(0) === body.length &&
    frame.readUInt32LE(4) === crc32(body)
  );
}

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
        received.push(frame.length - 8);
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
      wrong[8] ^= 1;
      const end = closed(ws);
      ws.send(wrong);
      assert.deepStrictEqual(await end, [4000, 'not right']);
    });
  }
});
