'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const Browser = require('./browser');
const ExampleProcess = require('../examples/example-process');

const WIDE = { width: 1360, height: 820 };
const PHONE = { width: 390, height: 780 };

describe('The chat in a browser', () => {
  let browser;
  let example;
  let port;

  before(async () => {
    browser = await Browser.launch();
  });

  after(() => browser.close());

  beforeEach(async () => {
    example = new ExampleProcess('chat/server');
    port = await example.port();
  });

  afterEach(async () => {
    await example.stop();
    await browser.closePages();
  });

  /**
   * Open the page and join.
   *
   * @param {string} name The nickname
   * @param {Object} [options] Options of the page, and `room`
   * @returns {Promise<Object>} The page
   */
  async function join(name, { room = 'lobby', ...options } = {}) {
    const page = await browser.open(`http://localhost:${port}/`, {
      viewport: WIDE,
      ...options
    });

    await page.getByLabel('Nickname').fill(name);
    await page.getByLabel('Room', { exact: true }).fill(room);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByText('Connected', { exact: true }).waitFor();

    return page;
  }

  /**
   * @param {Object} page Who writes
   * @param {string} text What
   */
  async function say(page, text) {
    await page.getByLabel('Message', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /**
   * Wait until a message is shown that has arrived at the server.
   *
   * @param {Object} page Who reads
   * @param {string} text What
   * @returns {Promise<void>} Resolves when it is there
   */
  function sees(page, text) {
    return page
      .locator('.message:not([data-state=pending])', { hasText: text })
      .waitFor();
  }

  /**
   * @param {Object} page A page
   * @param {string} text A note between the messages
   * @returns {Promise<void>} Resolves when it is there
   */
  function seesNote(page, text) {
    return page.locator('.note', { hasText: text }).last().waitFor();
  }

  /**
   * Save a picture of the page if SCREENSHOT_DIR is set, to look at it.
   *
   * @param {Object} page The page
   * @param {string} name The name of the picture
   */
  async function picture(page, name) {
    const directory = process.env.SCREENSHOT_DIR;

    if (directory) {
      await page.screenshot({ path: path.join(directory, `${name}.png`) });
    }
  }

  it('passes texts between two pages', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace', { colorScheme: 'dark' });

    await seesNote(ada, 'Grace has joined');
    await say(ada, 'Hello Grace, <b>see</b> https://example.org/x.');
    await sees(grace, 'Hello Grace, <b>see</b> https://example.org/x.');
    await say(grace, 'Hello Ada');
    await sees(ada, 'Hello Ada');
    await sees(grace, 'Hello Ada');

    assert.deepStrictEqual(
      await grace.locator('#members li .ellipsis').allTextContents(),
      ['Ada', 'Grace (you)']
    );
    assert.strictEqual(await ada.locator('.message').count(), 2);
    assert.strictEqual(
      await grace.locator('.message a').getAttribute('href'),
      'https://example.org/x'
    );

    await picture(ada, 'wide-light');
    await picture(grace, 'wide-dark');
    await ada.close();
    await seesNote(grace, 'Ada has left');
  });

  it('keeps rooms apart and shows their history', async () => {
    const ada = await join('Ada', { room: 'one' });
    const grace = await join('Grace', { room: 'two' });

    await say(ada, 'Only in one');
    await sees(ada, 'Only in one');
    await say(grace, 'Only in two');
    await sees(grace, 'Only in two');
    assert.strictEqual(await grace.locator('.message').count(), 1);

    await grace.getByRole('link', { name: '# one' }).click();
    await sees(grace, 'Only in one');
    await grace.getByRole('heading', { name: 'one' }).waitFor();
    assert.strictEqual(await grace.locator('.message').count(), 1);
    assert.ok(grace.url().endsWith('#one'));
    await seesNote(ada, 'Grace has joined');
  });

  it('asks again when the name is taken', async () => {
    await join('Ada');

    const other = await browser.open(`http://localhost:${port}/`);

    await other.getByLabel('Nickname').fill('ada');
    await other.keyboard.press('Enter');
    await other.getByText('Somebody in “lobby” is called ada').waitFor();
    await other.getByLabel('Nickname').fill('Grace');
    await other.keyboard.press('Enter');
    await other.getByText('Connected', { exact: true }).waitFor();
  });

  it('sends an image, and any other file as a download', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace', { viewport: PHONE, isMobile: true });
    const input = ada.getByLabel('Send an image or a file');

    // A picture of more than the limit, which the page has to shrink.
    const noise = await ada.evaluate(async () => {
      const canvas = document.createElement('canvas');
      const context = canvas.getContext('2d');

      canvas.width = canvas.height = 1400;

      const image = context.createImageData(1400, 1400);

      for (let i = 0; i < image.data.length; i += 65536) {
        crypto.getRandomValues(image.data.subarray(i, i + 65536));
      }

      context.putImageData(image, 0, 0);
      return canvas.toDataURL('image/png').split(',')[1];
    });
    const small = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGNkYPjPwMDAxAADAAAJBQEEiKyBcgAAAABJRU5ErkJggg==',
      'base64'
    );

    assert.ok(Buffer.from(noise, 'base64').length > 1024 * 1024);

    for (const [name, buffer] of [
      ['small.png', small],
      ['noise.png', Buffer.from(noise, 'base64')]
    ]) {
      await input.setInputFiles({ name, mimeType: 'image/png', buffer });
      await grace
        .getByRole('img', { name })
        .evaluate((image) => image.decode());
    }

    const page = Buffer.from('<script>alert(1)</script>');

    await input.setInputFiles({
      name: 'page.html',
      mimeType: 'text/html',
      buffer: page
    });

    const link = grace.getByRole('link', { name: 'page.html' });

    await link.waitFor();
    assert.strictEqual(await link.getAttribute('download'), 'page.html');

    const saved = grace.waitForEvent('download');

    await link.click();
    assert.deepStrictEqual(fs.readFileSync(await (await saved).path()), page);
    await picture(grace, 'phone');
  });

  it('finds back when the server restarts', async () => {
    const pages = [await join('Ada'), await join('Grace')];
    const [ada, grace] = pages;

    await say(ada, 'Before');
    await sees(grace, 'Before');

    for (const signal of ['SIGTERM', 'SIGKILL']) {
      example.kill(signal);
      await example.end();

      for (const page of pages) {
        await page.getByText('Offline', { exact: true }).waitFor();
        await page.getByText(/^retry in \d+ s$/).waitFor();
      }

      await say(ada, `Written offline, ${signal}`);
      await ada.locator('[data-state=pending]').waitFor();
      await picture(ada, 'offline');

      example = new ExampleProcess('chat/server', {
        env: { PORT: String(port) }
      });
      await example.port();

      await grace.getByRole('button', { name: 'Retry now' }).click();
      for (const page of pages) {
        await page.getByText('Connected', { exact: true }).waitFor();
        await seesNote(page, 'the server has been restarted');
      }

      await sees(ada, `Written offline, ${signal}`);
      await sees(grace, `Written offline, ${signal}`);
      await say(grace, `After, ${signal}`);
      await sees(ada, `After, ${signal}`);
    }

    for (const page of pages) {
      assert.deepStrictEqual(
        await page.locator('.message .body').allTextContents(),
        [
          'Before',
          'Written offline, SIGTERM',
          'After, SIGTERM',
          'Written offline, SIGKILL',
          'After, SIGKILL'
        ]
      );
    }
  });

  it('shows live figures', async () => {
    const ada = await join('Ada');

    /**
     * @param {string} key The figure
     * @param {Function} test Decides on its text
     * @returns {Promise<Object>} Resolves when the figure passes the test
     */
    const figure = (key, pattern) =>
      ada
        .locator(`[data-figure=${key}]`)
        .filter({ hasText: pattern })
        .waitFor();

    await figure('connections', /^1$/);
    await figure('messagesIn', /^0$/);
    await join('Grace');
    await figure('connections', /^2$/);

    await say(ada, 'x'.repeat(2000));
    await figure('messagesIn', /^[1-9]/);
    await figure('bytesIn', /^[1-9]\S* kB$/);
    await figure('messagesOut', /^[1-9]/);
    await figure('bytesOut', /^[1-9]/);
    await figure('delayP50', /^\d+(\.\d+)? ms$/);
    await figure('delayP99', /^\d+(\.\d+)? ms$/);
    await figure('utilization', /^\d+\.\d %$/);
    await figure('messagesIn', /^0$/);

    const paths = await ada
      .locator('.tile path.line')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('d')));

    assert.strictEqual(paths.length, 8);
    for (const d of paths) assert.ok(/^M[\d.]+ [\d.]+L/.test(d), d);
  });

  it('fits on a phone', async () => {
    const page = await join('Ada', { viewport: PHONE, isMobile: true });

    await say(page, 'a-very-long-word'.repeat(40));
    await sees(page, 'a-very-long-word');
    assert.ok(
      await page.evaluate(
        () => document.documentElement.scrollWidth <= window.innerWidth
      )
    );

    for (const name of ['People and rooms', 'Live figures']) {
      const panel = page.getByRole('complementary', { name });
      const button = page.getByRole('button', { name });

      assert.strictEqual(await panel.isVisible(), false);
      await button.click();
      await panel.waitFor();
      assert.strictEqual(await button.getAttribute('aria-expanded'), 'true');
      await picture(page, `phone-${name.split(' ')[0].toLowerCase()}`);
      await page.keyboard.press('Escape');
      await panel.waitFor({ state: 'hidden' });
    }
  });
});
