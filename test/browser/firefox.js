'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const readline = require('readline');

const WebSocket = require('../..');

// Nothing but the pages of the tests.
const PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.proxy.type': 0,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.telemetry.server': 'data:,'
};

/**
 * A page of Firefox.
 */
class Page {
  /**
   * @param {Firefox} browser The browser
   * @param {string} context The name of its tab
   */
  constructor(browser, context) {
    this._browser = browser;
    this._context = context;
  }

  /**
   * Load another page.
   *
   * @param {string} url What to load
   * @returns {Promise<void>} Resolves when it is loaded
   */
  async goto(url) {
    await this._browser.command('browsingContext.navigate', {
      context: this._context,
      url,
      wait: 'complete'
    });
  }

  /**
   * Call a function in the page.
   *
   * @param {Function} fn The function; it sees nothing from outside
   * @param {*} [arg] Its argument, which JSON can express
   * @returns {Promise<*>} What it returns, which JSON can express
   * @throws {Error} If the function throws
   */
  async evaluate(fn, arg) {
    const answer = await this._browser.command('script.callFunction', {
      arguments: [{ type: 'string', value: JSON.stringify([arg]) }],
      awaitPromise: true,
      functionDeclaration: `async (json) =>
        JSON.stringify([await (${fn})(JSON.parse(json)[0])])`,
      target: { context: this._context }
    });

    if (answer.type === 'exception') {
      throw new Error(answer.exceptionDetails.text);
    }

    return JSON.parse(answer.result.value)[0] ?? undefined;
  }
}

/**
 * A Firefox with the methods that tests use of `Browser`. It is told what to do
 * by WebDriver BiDi: JSON over a WebSocket, one of this package.
 */
class Firefox {
  /**
   * Start the browser.
   *
   * @returns {Promise<Firefox>} The running browser
   * @throws {Error} If there is none at FIREFOX_PATH or /usr/bin/firefox-esr
   */
  static async launch() {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-firefox-'));

    fs.writeFileSync(
      path.join(profile, 'user.js'),
      Object.entries(PREFERENCES)
        .map(([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`)
        .join('\n')
    );

    const child = spawn(
      process.env.FIREFOX_PATH || '/usr/bin/firefox-esr',
      ['--headless', '--no-remote', '--profile', profile].concat(
        '--remote-debugging-port=0'
      ),
      {
        env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
        stdio: ['ignore', 'ignore', 'pipe']
      }
    );
    const browser = new Firefox(child, profile);

    await browser._connect();
    return browser;
  }

  /**
   * @param {ChildProcess} child The process
   * @param {string} profile The directory of its settings
   */
  constructor(child, profile) {
    this._child = child;
    this._contexts = [];
    this._errors = [];
    this._exited = once(child, 'exit');
    this._id = 0;
    this._pending = new Map();
    this._profile = profile;
    this._ws = undefined;
  }

  /**
   * Connect to the browser that has been started.
   *
   * @throws {Error} If it ends before it listens
   */
  async _connect() {
    const lines = readline.createInterface({ input: this._child.stderr });
    const said = [];
    let address;

    for await (const line of lines) {
      said.push(line);
      address = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
      if (address) break;
    }

    assert.ok(address, `Firefox does not listen:\n${said.join('\n')}`);
    this._child.stderr.resume();
    this._ws = new WebSocket(`${address}/session`);
    this._ws.on('message', (data) => this._receive(JSON.parse(data)));
    await once(this._ws, 'open');
    // Nobody knows the authority of the tests.
    await this.command('session.new', {
      capabilities: { alwaysMatch: { acceptInsecureCerts: true } }
    });
    await this.command('session.subscribe', { events: ['log.entryAdded'] });
  }

  /**
   * Take a message of the browser.
   *
   * @param {Object} message An answer or an event
   */
  _receive(message) {
    if (message.type === 'event') {
      const { level, text } = message.params;

      if (level === 'error') this._errors.push(text);
      return;
    }

    const { resolve, reject } = this._pending.get(message.id);

    this._pending.delete(message.id);
    if (message.type === 'success') resolve(message.result);
    else reject(new Error(`${message.error}: ${message.message}`));
  }

  /**
   * Tell the browser to do something.
   *
   * @param {string} method A command of WebDriver BiDi
   * @param {Object} params Its parameters
   * @returns {Promise<Object>} The result
   * @throws {Error} If it cannot be done
   */
  command(method, params) {
    const id = ++this._id;

    return new Promise((resolve, reject) => {
      this._pending.set(id, { resolve, reject });
      this._ws.send(JSON.stringify({ id, method, params }));
    });
  }

  /**
   * Open a page.
   *
   * @param {string} url What to load
   * @returns {Promise<Page>} The page
   */
  async open(url) {
    const { context } = await this.command('browsingContext.create', {
      type: 'tab'
    });
    const page = new Page(this, context);

    this._contexts.push(context);
    await page.goto(url);
    return page;
  }

  /**
   * Close all pages.
   *
   * @throws {AssertionError} If anything went wrong in one of them
   */
  async closePages() {
    for (const context of this._contexts.splice(0)) {
      await this.command('browsingContext.close', { context });
    }

    assert.deepStrictEqual(this._errors.splice(0), []);
  }

  /**
   * End the browser.
   */
  async close() {
    await this.command('browser.close', {});
    await this._exited;
    this._ws.terminate();
    fs.rmSync(this._profile, { recursive: true, maxRetries: 5 });
  }
}

module.exports = Firefox;
