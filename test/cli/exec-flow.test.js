'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const net = require('net');
const { setTimeout: delay } = require('timers/promises');

const { cliScope, received } = require('./support/open');

const MIB = 1024 * 1024;

/**
 * @param {ChildProcess} child A process
 * @returns {number} How much memory it has, in bytes
 */
function residentOf({ pid }) {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');

  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)[1]) * 1024;
}

/**
 * Waits until a number grows no more.
 *
 * @param {Function} look Returns the number
 * @returns {Promise<number>} The number
 */
async function settled(look) {
  for (let last = look(), same = 0; ;) {
    await delay(100);

    const now = look();

    same = now === last ? same + 1 : 0;
    last = now;
    if (same === 10) return now;
  }
}

describe('beastws exec under load', function () {
  this.timeout(60000);

  const scope = cliScope();

  /**
   * Serve a script of Node.js.
   *
   * @param {string[]} args Options
   * @param {string} code The script
   * @returns {Promise<Object>} As of `scope.serve()`
   */
  function serveNode(args, code) {
    return scope.serve([
      ...['exec', '--port', '0', ...args],
      ...['--', process.execPath, '-e', code]
    ]);
  }

  it('loses nothing of a flood', async () => {
    const { url } = await scope.serve([
      ...['exec', '--port', '0', '--', 'seq', '300000']
    ]);
    const ws = await scope.connect(url);

    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.ok(
      ws.received.join(' ') ===
        Array.from({ length: 300000 }, (_, i) => i + 1).join(' ')
    );
  });

  it('lets a process wait while the client does not read', async () => {
    const { child, url } = await serveNode(
      [],
      `
        let number = 0;
        (function next() {
          if (number === 100000) return;
          process.stdout.write(String(number++).padEnd(1023, 'x') + '\\n', next);
          if (number % 100 === 0) process.stderr.write('at ' + number + '\\n');
        })();
      `
    );
    const ws = await scope.connect(url);
    const progress = () =>
      Number(/^\[\d+\] at (\d+)\n$/m.exec(child.stderr.text.slice(-30))?.[1]);

    await received(ws, 1);
    ws.pause();

    const stuck = await settled(progress);
    const before = residentOf(child.child);

    // What is on its way: pipes, sockets (whose size is the system's choice),
    // and at most a few megabytes in each of the two processes.
    assert.ok(stuck > 0 && stuck < 60000, `${stuck} KiB`);
    assert.ok(before < 250 * MIB, `${before / MIB} MiB`);

    ws.resume();
    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.strictEqual(ws.received.length, 100000);
    assert.ok(ws.received.every((line, i) => parseInt(line, 10) === i));
  });

  it('lets a client wait while the process does not read', async () => {
    const { child, url } = await serveNode(
      [],
      `
        process.on('SIGUSR2', () => {
          let length = 0;
          process.stdin.on('data', (data) => { length += data.length; });
                    setInterval(() => {
            if (length < 60 * 100001 * 10) return;
            console.log(length);
            process.exit(0);
          }, 10);
        });
        setInterval(() => {}, 1000);
        console.log(process.pid);
      `
    );
    const ws = await scope.connect(url);
    const [pid] = await received(ws, 1);
    const line = 'x'.repeat(100000);

    for (let i = 0; i < 600; i++) ws.send(line);

    const waiting = await settled(() => ws.bufferedAmount);

    assert.ok(waiting > 30 * MIB, `${waiting / MIB} MiB`);
    assert.ok(residentOf(child.child) < 250 * MIB);

    process.kill(Number(pid), 'SIGUSR2');
    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.strictEqual(ws.received[1], String(600 * 100001));
  });

  it('notices that a client is gone that is not read', async () => {
    for (const leave of [(ws) => ws.terminate(), (ws) => ws.close()]) {
      const { child, url } = await serveNode(
        ['-v', '--ping', '1'],
        "setInterval(() => {}, 1000); console.log('ready')"
      );
      const ws = await scope.connect(url, { closeTimeout: 300 });

      await received(ws, 1);
      for (let i = 0; i < 600; i++) ws.send('x'.repeat(100000));
      await settled(() => ws.bufferedAmount);
      assert.ok(ws.bufferedAmount > 0);
      leave(ws);
      await child.stderr.until(/closed: 1006/);

      const { code } = await child.stop();

      assert.strictEqual(code, 0);
    }
  });

  it('notices that a client does not answer', async () => {
    const { child, url } = await scope.serve([
      ...['exec', '--port', '0', '-v', '--ping', '1', '--', 'cat']
    ]);
    const mute = await scope.connect(url, { autoPong: false });
    const alive = await scope.connect(url);

    assert.deepStrictEqual(await mute.closed, [1006, '']);
    await child.stderr.until(/closed: 1006/);
    alive.send('still here');
    assert.deepStrictEqual(await received(alive, 1), ['still here']);
  });

  it('does not take a client for gone that is slow to answer', async () => {
    const { child, port } = await scope.serve([
      ...['exec', '--port', '0', '-v', '--ping', '1', '--', 'wc', '-c']
    ]);
    const socket = net.connect(port, '127.0.0.1');

    scope.defer(() => socket.destroy());
    socket.write(
      'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n' +
        'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
    );
    await once(socket, 'data');

    // No pong can be sent in the middle of a frame, here with a mask of zeros.
    socket.write(Buffer.from('81fe1770' + '00000000', 'hex'));
    for (let i = 0; i < 60; i++) {
      socket.write('x'.repeat(100));
      await delay(50);
    }
    assert.doesNotMatch(child.stderr.text, /closed/);
    // Nor does it answer now.
    await child.stderr.until(/closed: 1006/);
  });

  it('goes on when a process closes its input', async () => {
    const { url } = await serveNode(
      [],
      `
        process.stdin.destroy();
        let count = 0;
        const timer = setInterval(() => {
          console.log(++count);
          if (count === 20) clearInterval(timer);
        }, 10);
      `
    );
    const ws = await scope.connect(url);

    ws.on('message', () => ws.send('x'.repeat(100000)));
    assert.deepStrictEqual(await ws.closed, [1000, '']);
    assert.strictEqual(ws.received.length, 20);
  });

  it('carries bytes both ways at once', async () => {
    const { url } = await scope.serve([
      ...['exec', '--port', '0', '--binary', '--', 'cat']
    ]);
    const ws = await scope.connect(url);
    const piece = Buffer.alloc(500000);

    for (let i = 0; i < piece.length; i++) piece[i] = (i * 31) >> 3;

    let offset = 0;
    const total = 100 * piece.length;

    ws.removeAllListeners('message');
    ws.on('message', (data) => {
      for (let i = 0; i < data.length;) {
        const from = offset % piece.length;
        const end = Math.min(data.length, i + piece.length - from);

        assert.ok(
          data.subarray(i, end).equals(piece.subarray(from, from + end - i))
        );
        offset += end - i;
        i = end;
      }
      if (offset === total) ws.emit('all');
    });
    for (let i = 0; i < 100; i++) ws.send(piece);
    await once(ws, 'all');
  });
});
