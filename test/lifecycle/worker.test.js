'use strict';

const assert = require('assert');
const { once } = require('events');
const path = require('path');
const { Worker } = require('worker_threads');

const { forEachKind, kinds, theirs } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');
const { echo } = require('../integration/support/echo');
const { receive } = require('../integration/support/messages');
const { urlOf } = require('../integration/support/party');
const { useScope } = require('../integration/support/scope');

const script = path.join(__dirname, 'children', 'worker.js');
const terminate = path.join(__dirname, 'children', 'terminate.js');

describe('Worker threads', function () {
  this.timeout(60000);

  forEachKind((kind) => {
    const scope = useScope();
    const index = kinds.indexOf(kind);
    const scheme = kind.isSecure ? 'wss' : 'ws';

    /**
     * Start a worker.
     *
     * @param {string} way What it does
     * @param {string} [url] Where it connects to
     * @returns {Worker} The worker
     */
    const start = (way, url) => {
      const worker = new Worker(script, { workerData: { index, way, url } });

      scope.defer(() => worker.terminate());
      return worker;
    };

    /**
     * An echo server in this thread.
     *
     * @param {Party} party Its module
     * @returns {Promise<Object>} `{ wss, url }`
     */
    const listen = async (party) => {
      const wss = await scope.listen(party);

      wss.on('connection', (ws) => {
        ws.on('error', () => {});
        echo(ws);
      });
      return { wss, url: urlOf(wss) };
    };

    it('can serve and end by themselves', async () => {
      const worker = start('server');
      const exited = once(worker, 'exit');
      const [port] = await once(worker, 'message');
      const ws = scope.connect(theirs, `${scheme}://127.0.0.1:${port}`);

      await once(ws, 'open');

      const echoed = receive(ws, 2);

      ws.send('text');
      ws.send(Buffer.alloc(300000, 'x'));

      const [text, binary] = await echoed;

      assert.strictEqual(`${text.data}`, 'text');
      assert.ok(binary.data.equals(Buffer.alloc(300000, 'x')));
      ws.close();
      assert.deepStrictEqual(await exited, [0]);
    });

    it('work side by side with each other and this thread', async () => {
      const { url } = await listen(kind);
      const servers = [start('server'), start('server')];
      const ports = await Promise.all(
        servers.map((worker) => once(worker, 'message'))
      );
      const urls = [
        url,
        ...ports.map(([port]) => `${scheme}://127.0.0.1:${port}`)
      ];
      const exits = servers.map((worker) => once(worker, 'exit'));
      const here = urls.map((url) => scope.connect(kind, url));

      await Promise.all(here.map((ws) => once(ws, 'open')));

      const workers = urls.map((url) => start('client', url));
      const counts = workers.map((worker) => once(worker, 'message'));
      const all = here.map((ws) => receive(ws, 1000));

      for (let i = 0; i < 1000; i++) {
        for (const ws of here) ws.send(`${i}`);
      }
      for (const messages of await Promise.all(all)) {
        messages.forEach(({ data }, i) => assert.strictEqual(+`${data}`, i));
      }
      assert.deepStrictEqual(await Promise.all(counts), [
        [1000],
        [1000],
        [1000]
      ]);
      for (const ws of here) ws.close();
      assert.deepStrictEqual(await Promise.all(exits), [[0], [0]]);
    });

    it('can exit inside of a listener', async () => {
      const { url } = await listen(theirs);

      assert.deepStrictEqual(await once(start('exit', url), 'exit'), [5]);
    });

    it('report what a listener throws', async () => {
      const { url } = await listen(theirs);
      const worker = start('throw', url);
      const exited = once(worker, 'exit').catch(() => {});
      const [err] = await once(worker, 'error');

      assert.strictEqual(err.message, 'boom in a worker');
      await exited;
    });

    // Memory that is freed too early is a finding of a sanitizer's.
    it('are terminated while large messages are written', async () => {
      const { codes } = await runJson(terminate, [index, 'large', 20], {
        execArgv: ['--expose-gc'],
        timeout: 50000
      });

      assert.deepStrictEqual(codes, Array(20).fill(1006));
    });

    // With 1,000, memory can be judged, too.
    const rounds =
      +process.env.BEASTWS_TEST_WORKERS ||
      (kind.options.ioThread === false || kind.isSecure ? 20 : 200);

    it(`are terminated at once, ${rounds} times`, async function () {
      const timeout = Math.max(50000, rounds * 500);

      this.timeout(timeout + 10000);

      const { codes, resident, times } = await runJson(
        terminate,
        [index, 'busy', rounds],
        { execArgv: ['--expose-gc'], timeout }
      );

      assert.strictEqual(times.length, rounds);
      assert.ok(times.at(-1) < 3000, `the slowest took ${times.at(-1)} ms`);
      assert.ok(times[rounds / 2] < 300, `the median is ${times[rounds / 2]}`);
      assert.deepStrictEqual(codes, Array(rounds).fill(1006));
      if (rounds >= 1000) {
        const half = resident[Math.floor(resident.length / 2)];
        const growth = (resident.at(-1) / half - 1) * 100;

        this.test.title += `, the second half took ${growth.toFixed(1)} % more memory`;
        assert.ok(growth < 10, `memory has grown by ${growth} %`);
      }
    });
  });
});
