'use strict';

const assert = require('assert');
const { WebSocketServer: WsServer } = require('ws');

const { WebSocketServer } = require('../..');
const Latencies = require('../../lib/cli/latencies');
const { cliScope } = require('./support/open');

/**
 * Sends back everything.
 *
 * @param {WebSocket} ws The websocket
 */
function echo(ws) {
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
}

describe('beastws bench', function () {
  this.timeout(60000);

  const scope = cliScope();

  /**
   * Measure.
   *
   * @param {string} url The server
   * @param {string[]} args Options
   * @returns {Promise<Object>} The figures, and the exit code as `code`
   */
  async function bench(url, args) {
    const { code, stdout, stderr } = await scope.run([
      ...['bench', url, '--json', '-d', '0.5', ...args]
    ]);

    assert.strictEqual(stderr, '');
    return { ...JSON.parse(stdout), code };
  }

  for (const [name, Server] of [
    ['this package', WebSocketServer],
    ['ws', WsServer]
  ]) {
    for (const args of [
      ['--text'],
      ['--binary', '-s', '100000', '-p', '20'],
      ['--compress', '-s', '1000', '-c', '3'],
      ['-s', '0', '-c', '150']
    ]) {
      it(`measures a server of ${name}: ${args.join(' ')}`, async () => {
        let connections = 0;
        let messages = 0;
        const { url } = await scope.listen(
          (ws) => {
            connections++;
            ws.on('message', () => messages++);
            echo(ws);
          },
          { perMessageDeflate: true },
          Server
        );
        const figures = await bench(url, args);
        const { latencyMs, seconds, size } = figures;

        assert.strictEqual(figures.code, 0);
        assert.strictEqual(figures.errorCount, 0);
        assert.deepStrictEqual(figures.errors, {});
        assert.strictEqual(figures.connections, connections);
        assert.ok(figures.messages > 0 && figures.messages <= messages);
        assert.ok(seconds >= 0.5 && seconds < 5);

        const rate = figures.messages / seconds;

        assert.ok(Math.abs(figures.messagesPerSecond / rate - 1) < 0.01);
        assert.ok(
          Math.abs(figures.megabytesPerSecond - (rate * size) / 1e6) < 1
        );
        assert.ok(latencyMs.p50 > 0);
        assert.ok(latencyMs.p50 <= latencyMs.p99);
        assert.ok(latencyMs.p99 <= latencyMs.p999);
        assert.ok(latencyMs.p999 <= latencyMs.max);
      });
    }
  }

  it('prints the figures', async () => {
    const { url } = await scope.listen(echo);
    const { code, stdout } = await scope.run(['bench', url, '-d', '0.2']);

    assert.strictEqual(code, 0);
    assert.match(
      stdout,
      /: 10 connections, 1 in flight, 64 bytes of text, 0\./
    );
    assert.match(stdout, /^ {2}rate +[\d,.]+ messages\/s$/m);
    assert.match(stdout, /^ {2}payload +[\d.]+ MB\/s each way$/m);
    assert.match(
      stdout,
      /^ {2}latency +p50 [\d.]+ ms, p99 [\d.]+ ms, p999 [\d.]+ ms, max [\d.]+ ms$/m
    );
    assert.match(stdout, /^ {2}errors +0$/m);
  });

  it('notices wrong echoes', async () => {
    for (const [wrong, error] of [
      [(ws, data) => ws.send(data), 'an echo differs from what was sent'],
      [
        (ws, data) => ws.send(`${data.toString().slice(1)}x`),
        'an echo differs from what was sent'
      ],
      [
        (ws, data) => {
          ws.send(data.toString());
          ws.send(data.toString());
        },
        /an echo differs from what was sent|a message came that is no echo/
      ],
      [(ws) => ws.close(4000), 'the server closed: 4000'],
      [(ws) => ws.terminate(), 'the server closed: 1006']
    ]) {
      const { url } = await scope.listen((ws) => {
        ws.on('message', (data) => wrong(ws, data));
      });
      const { code, errorCount, errors } = await bench(url, ['-c', '2']);

      assert.strictEqual(code, 1);
      assert.ok(errorCount > 0);
      if (typeof error === 'string') assert.ok(errors[error] > 0, error);
      else assert.ok(Object.keys(errors).every((text) => error.test(text)));
    }
  });

  it('notices echoes that do not come', async () => {
    const { url } = await scope.listen(() => {});
    const { code, errors, messages } = await bench(url, ['-c', '3', '-p', '2']);

    assert.strictEqual(code, 1);
    assert.strictEqual(messages, 0);
    assert.deepStrictEqual(errors, { 'some echoes did not come in time': 6 });
  });

  it('notices connections that fail', async () => {
    let connections = 0;
    const { url } = await scope.listen(echo, {
      verifyClient: () => ++connections % 2 === 1
    });
    const { code, errors, ...figures } = await bench(url, ['-c', '4']);

    assert.strictEqual(code, 1);
    assert.strictEqual(figures.connections, 2);
    assert.deepStrictEqual(errors, { 'Unexpected server response: 401': 2 });

    const none = await bench('127.0.0.1:1', ['-c', '200']);

    assert.strictEqual(none.code, 1);
    assert.strictEqual(none.connections, 0);
    assert.strictEqual(none.messages, 0);
    assert.strictEqual(none.errorCount, 100);
  });

  it('prints what it has when it is interrupted', async () => {
    const { url } = await scope.listen((ws) => {
      echo(ws);
      ws.once('message', () => child.child.kill('SIGINT'));
    });
    const child = scope.start(['bench', url, '-c', '1', '-d', '60']);
    const { code, stdout } = await child.end();

    assert.strictEqual(code, 130);
    assert.match(stdout, /^ {2}errors +0$/m);
  });

  it('finds percentiles with an error below 1 %', () => {
    const latencies = new Latencies();

    assert.strictEqual(latencies.percentile(0.5), 0);
    for (let i = 1; i <= 10000; i++) latencies.add(i / 100);
    assert.strictEqual(latencies.max, 100);
    for (const share of [0.001, 0.5, 0.99, 0.999, 1]) {
      const error = latencies.percentile(share) / (share * 100) - 1;

      assert.ok(Math.abs(error) < 0.01, `${share}: ${error}`);
    }
  });
});
