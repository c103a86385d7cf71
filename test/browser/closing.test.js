'use strict';

const assert = require('assert');
const { once } = require('events');

const { describeInBrowsers } = require('./harness');

describeInBrowsers('The ends of connections', ({ connect, evaluate, goto }) => {
  describe('subprotocols', () => {
    it('takes the first one by default', async () => {
      const ws = await connect({}, ['chat.v2', 'chat.v1']);

      assert.strictEqual(ws.protocol, 'chat.v2');
      assert.strictEqual(await evaluate(() => window.ws.protocol), 'chat.v2');
    });

    it('takes the one that the server chooses', async () => {
      const offers = [];
      const handleProtocols = (protocols) => {
        offers.push([...protocols]);
        return 'chat.v1';
      };
      const ws = await connect({ handleProtocols }, ['chat.v2', 'chat.v1']);

      assert.deepStrictEqual(offers, [['chat.v2', 'chat.v1']]);
      assert.strictEqual(ws.protocol, 'chat.v1');
      assert.strictEqual(await evaluate(() => window.ws.protocol), 'chat.v1');
    });

    it('needs none', async () => {
      const ws = await connect();

      assert.strictEqual(ws.protocol, '');
      assert.strictEqual(await evaluate(() => window.ws.protocol), '');
    });
  });

  describe('closing', () => {
    /**
     * @param {Object} [code] What the page closes with
     * @param {string} [reason] Its reason
     * @returns {Promise<Object>} What the page's 'close' event says
     */
    const closeInPage = (...args) =>
      evaluate((list) => {
        window.ws.close(...list);
        return window.ended;
      }, args);

    for (const [code, reason] of [
      [1000, 'thank you'],
      [3001, 'Příliš 🐎'],
      [4999, ''],
      [4000, 'x'.repeat(123)]
    ]) {
      it(`by the page, ${code} with ${reason.length} characters`, async () => {
        const ws = await connect();
        const closed = once(ws, 'close');

        assert.deepStrictEqual(await closeInPage(code, reason), {
          code,
          reason,
          wasClean: true
        });
        assert.deepStrictEqual(await closed, [code, Buffer.from(reason)]);
      });

      it(`by the server, ${code} with ${reason.length} characters`, async () => {
        const ws = await connect();
        const closed = once(ws, 'close');

        ws.close(code, reason);
        assert.deepStrictEqual(await evaluate(() => window.ended), {
          code,
          reason,
          wasClean: true
        });
        assert.deepStrictEqual(await closed, [code, Buffer.from(reason)]);
      });
    }

    it('by the page, without a code', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      assert.deepStrictEqual(await closeInPage(), {
        code: 1005,
        reason: '',
        wasClean: true
      });
      assert.deepStrictEqual(await closed, [1005, Buffer.alloc(0)]);
    });

    it('by the server, without a code', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      ws.close();
      assert.deepStrictEqual(await evaluate(() => window.ended), {
        code: 1005,
        reason: '',
        wasClean: true
      });
      assert.deepStrictEqual(await closed, [1005, Buffer.alloc(0)]);
    });

    it('by a page that goes away', async () => {
      const ws = await connect();
      const closed = once(ws, 'close');

      await goto('about:blank');
      assert.strictEqual((await closed)[0], 1001);
    });

    it('by terminate()', async () => {
      const ws = await connect();

      ws.terminate();
      assert.deepStrictEqual(await evaluate(() => window.ended), {
        code: 1006,
        reason: '',
        wasClean: false
      });
    });

    it('because a message is too large', async () => {
      const ws = await connect({ maxPayload: 1000 });
      const failed = once(ws, 'error');

      const { code } = await evaluate(() => {
        window.ws.send('x'.repeat(1001));
        return window.ended;
      });

      assert.strictEqual(code, 1009);
      assert.strictEqual(
        (await failed)[0].code,
        'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      );
    });
  });
});
