'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');
const readline = require('readline');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { nextMessage } = require('./support/net');

/**
 * The few words of the DevTools protocol that the tests need.
 */
class Debugger {
  /** @param {WebSocket} ws A connection to an inspector */
  constructor(ws) {
    this.ws = ws;
    this.id = 0;
    this.calls = new Map();
    this.events = new Map();

    ws.on('message', (text) => {
      const message = JSON.parse(text);
      const key = message.id || message.method;
      const waiting = message.id ? this.calls : this.events;

      if (waiting.has(key)) waiting.get(key)(message.result || message.params);
      waiting.delete(key);
    });
  }

  /**
   * Call a method.
   *
   * @param {string} method Its name
   * @param {Object} [params] Its parameters
   * @returns {Promise<Object>} Its result
   */
  call(method, params) {
    return new Promise((resolve) => {
      const id = ++this.id;

      this.calls.set(id, resolve);
      this.ws.send(JSON.stringify({ id, method, params }));
    });
  }

  /**
   * Wait for an event.
   *
   * @param {string} method Its name
   * @returns {Promise<Object>} Its parameters
   */
  event(method) {
    return new Promise((resolve) => this.events.set(method, resolve));
  }
}

describe('a process under --inspect', () => {
  const defer = cleanup();

  /**
   * Start an echo server with an inspector.
   *
   * @returns {Promise<Object>} `{ url, inspector }`: the server's address and
   *     the inspector's
   */
  async function serve() {
    const child = spawn(
      process.execPath,
      [
        '--inspect=127.0.0.1:0',
        path.join(__dirname, 'children/echo-server.js')
      ],
      { stdio: ['pipe', 'pipe', 'pipe'] }
    );
    const exited = once(child, 'exit');

    defer(async () => {
      child.stdin.end();
      assert.deepStrictEqual(await exited, [0, null]);
    });

    const inspector = new Promise((resolve) => {
      readline.createInterface(child.stderr).on('line', (line) => {
        const match = /listening on (ws:\S+)/.exec(line);
        if (match) resolve(match[1]);
      });
    });
    const [port] = await once(readline.createInterface(child.stdout), 'line');

    return { url: `ws://127.0.0.1:${port}`, inspector: await inspector };
  }

  /**
   * Open a connection that the test closes at its end.
   *
   * @param {string} url Where to
   * @returns {Promise<WebSocket>} The connection
   */
  async function open(url) {
    const ws = new WebSocket(url, { perMessageDeflate: false });

    defer(() => ws.terminate());
    await once(ws, 'open');
    return ws;
  }

  it('is debugged over our client, and stops in a listener', async () => {
    const { url, inspector } = await serve();
    const session = new Debugger(await open(inspector));
    const ws = await open(url);

    await session.call('Debugger.enable');
    const { result } = await session.call('Runtime.evaluate', {
      expression: 'process.pid'
    });
    assert.strictEqual(result.type, 'number');

    const { breakpointId } = await session.call('Debugger.setBreakpointByUrl', {
      urlRegex: '.*/children/echo-server\\.js$',
      lineNumber: 12
    });
    const paused = session.event('Debugger.paused');

    ws.send('first');
    const { callFrames } = await paused;
    assert.strictEqual(callFrames[0].functionName, 'onMessage');

    // These are received by the I/O thread while JavaScript stands still.
    for (let i = 0; i < 1000; i++) ws.send(String(i));

    const { result: text } = await session.call(
      'Debugger.evaluateOnCallFrame',
      {
        callFrameId: callFrames[0].callFrameId,
        expression: 'String(data)'
      }
    );
    assert.strictEqual(text.value, 'first');

    const received = [];
    const all = new Promise((resolve) => {
      ws.on('message', (data) => {
        received.push(String(data));
        if (received.length === 1001) resolve();
      });
    });

    await session.call('Debugger.removeBreakpoint', { breakpointId });
    await session.call('Debugger.resume');
    await all;
    assert.deepStrictEqual(received, [
      'first',
      ...Array.from({ length: 1000 }, (_, i) => String(i))
    ]);
  });

  it('takes a CPU profile and a heap snapshot under load', async () => {
    const { url, inspector } = await serve();
    const session = new Debugger(await open(inspector));
    const ws = await open(url);

    await session.call('Profiler.enable');
    await session.call('Profiler.start');
    for (let i = 0; i < 200; i++) {
      ws.send('x'.repeat(i));
      assert.strictEqual((await nextMessage(ws)).length, i);
    }
    const { profile } = await session.call('Profiler.stop');
    assert.ok(profile.nodes.length > 0);

    await session.call('HeapProfiler.enable');
    await session.call('HeapProfiler.takeHeapSnapshot', {
      reportProgress: false
    });
    ws.send('after');
    assert.strictEqual(await nextMessage(ws), 'after');
  });
});
