'use strict';

const assert = require('assert');
const { chromium } = require('playwright-core');

// A page that finds no server says so on the console, whatever it does.
const HARMLESS = /net::ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET/;

/**
 * One browser for the tests of a file. What goes wrong in its pages is
 * collected.
 */
class Browser {
  /**
   * Start the browser.
   *
   * @returns {Promise<Browser>} The running browser
   * @throws {Error} If there is none at CHROMIUM_PATH or /usr/bin/chromium
   */
  static async launch() {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking']
    });

    return new Browser(browser);
  }

  /**
   * @param {Object} browser Playwright's browser
   */
  constructor(browser) {
    this._browser = browser;
    this._contexts = [];
    this._errors = [];
  }

  /**
   * Open a page with cookies and storage of its own.
   *
   * @param {string} url What to load
   * @param {Object} [options] Playwright's options of a context
   * @returns {Promise<Object>} Playwright's page
   */
  async open(url, options) {
    const context = await this._browser.newContext(options);
    const page = await context.newPage();

    this._contexts.push(context);
    page.on('pageerror', (err) => this._errors.push(String(err)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !HARMLESS.test(message.text())) {
        this._errors.push(message.text());
      }
    });
    await page.goto(url);

    return page;
  }

  /**
   * Close all pages.
   *
   * @throws {AssertionError} If anything went wrong in one of them
   */
  async closePages() {
    for (const context of this._contexts) await context.close();
    this._contexts = [];
    assert.deepStrictEqual(this._errors.splice(0), []);
  }

  /**
   * End the browser.
   */
  async close() {
    await this._browser.close();
  }
}

module.exports = Browser;
