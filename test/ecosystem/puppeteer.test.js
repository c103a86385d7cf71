'use strict';

const assert = require('assert');
const puppeteer = require('puppeteer-core');

const { startChromium } = require('./support/chromium');
const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');

describe('puppeteer-core', () => {
  const defer = cleanup();

  /**
   * Connect to a browser that runs already.
   *
   * @returns {Promise<Object>} Puppeteer's browser
   */
  async function connect() {
    const { endpoint, stop } = await startChromium();

    defer(stop);
    const browser = await puppeteer.connect({ browserWSEndpoint: endpoint });
    defer(() => browser.disconnect());
    return browser;
  }

  it('drives Chromium', async () => {
    assertRunsOnOurs('puppeteer-core');

    const browser = await connect();
    const page = await browser.newPage();

    await page.setContent('<title>On our client</title><p id="p">text</p>');
    assert.strictEqual(await page.title(), 'On our client');
    assert.strictEqual(
      await page.$eval('#p', (element) => element.textContent),
      'text'
    );
    assert.strictEqual(
      await page.evaluate((a, b) => a + b, 'größer', ' 😀'),
      'größer 😀'
    );
  });

  it('carries large messages both ways', async () => {
    const browser = await connect();
    const page = await browser.newPage();
    const text = 'x'.repeat(8 * 1024 * 1024);

    assert.strictEqual(
      await page.evaluate((value) => value.length, text),
      text.length
    );
    assert.strictEqual(
      await page.evaluate((length) => 'y'.repeat(length), text.length),
      'y'.repeat(text.length)
    );

    const image = Buffer.from(await page.screenshot());
    assert.strictEqual(image.toString('latin1', 1, 4), 'PNG');
  });

  it('runs many calls at once', async () => {
    const browser = await connect();
    const pages = await Promise.all(
      Array.from({ length: 4 }, () => browser.newPage())
    );
    const results = await Promise.all(
      pages.flatMap((page, i) =>
        Array.from({ length: 100 }, (_, j) =>
          page.evaluate((a, b) => a * 1000 + b, i, j)
        )
      )
    );

    assert.deepStrictEqual(
      results,
      Array.from(
        { length: 400 },
        (_, k) => Math.floor(k / 100) * 1000 + (k % 100)
      )
    );
  });

  it('is told when the browser goes away', async () => {
    const browser = await connect();
    const disconnected = new Promise((resolve) => {
      browser.once('disconnected', resolve);
    });

    await browser.close();
    await disconnected;
    assert.strictEqual(browser.connected, false);
  });
});
