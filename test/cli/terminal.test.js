'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { WebSocket } = require('../..');
const Display = require('./support/display');
const { cliScope, received } = require('./support/open');
const { KEYS, Pty } = require('./support/pty');

/** What a peer may send to play tricks with a terminal, and what is shown. */
const TRICKS = [
  ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
  ['\x1bP+q544e\x1b\\', '\\x1bP+q544e\\x1b\\'],
  ['\x9b31m\x85', '\\x9b31m\\x85'],
  ['safe\rOWNED\b\b\x7f\0', 'safe\\rOWNED\\x08\\x08\\x7f\\x00'],
  ['\u202eabc\u2066\u200f', '\\u{202e}abc\\u{2066}\\u{200f}'],
  ['a\u2028b\ufeff\u{e0041}', 'a\\u{2028}b\\u{feff}\\u{e0041}']
];

describe('In a terminal', function () {
  this.timeout(30000);

  const scope = cliScope();

  /**
   * Start the program in a terminal.
   *
   * @param {string[]} args Its arguments
   * @param {Object} [options] Options of `Pty`
   * @returns {Pty} The terminal
   */
  function open(args, options) {
    const pty = new Pty(args, options);

    scope.defer(() => pty.stop());
    return pty;
  }

  /**
   * Start `beastws connect` in a terminal.
   *
   * @param {string[]} [args] More arguments
   * @param {Object} [options] Options of `Pty`
   * @returns {Promise<Object>} `pty`, and `ws`, the server's end, with what it
   *     has received in `received`
   */
  async function connect(args = [], options) {
    const { wss, url } = await scope.listen(() => {});
    const connection = once(wss, 'connection');
    const pty = open(['connect', url, ...args], options);
    const [ws] = await connection;

    ws.received = [];
    ws.on('message', (data, isBinary) => {
      ws.received.push(isBinary ? data : `${data}`);
      ws.emit('received');
    });
    await pty.shows(['>']);
    return { pty, ws };
  }

  describe('the display of these tests', () => {
    it('refuses what the program has no use for', () => {
      for (const text of [
        '\x1b[2J          ',
        '\x1b]0;x\x07          ',
        '\x07',
        '\x9b'
      ]) {
        assert.throws(() => new Display(80).write(text), /would obey/);
      }
    });

    it('wraps, moves and erases', () => {
      const display = new Display(4);

      display.write('abcdef\r\ngh\x1b[1A\x1b[2GX\x1b[0K\n\ri\x1b');
      display.write('[2Aj');
      assert.deepStrictEqual(display.lines(), ['ajcd', 'eX', 'ih']);
    });
  });

  describe('beastws connect', () => {
    it('sends what is typed and prints what comes', async () => {
      const { pty, ws } = await connect();

      pty.type('hello 😀', KEYS.enter);
      assert.deepStrictEqual(await received(ws, 1), ['hello 😀']);
      ws.send('hello yourself');
      await pty.shows(['> hello 😀', '< hello yourself', '>']);
      ws.close(1000, 'bye');
      await pty.shows(['Closed by the server: 1000 bye']);
      assert.strictEqual(await pty.end(), 0);
      assert.doesNotMatch(pty.lines().at(-1), />/);
    });

    it('leaves what is being typed where it is', async () => {
      const { pty, ws } = await connect([], { columns: 40 });
      const long = 'a line that is longer than the terminal is wide';

      pty.type(long);
      await pty.shows([`> ${long}`.slice(0, 40), `> ${long}`.slice(40)]);
      ws.send('one\ntwo');
      ws.send('three');
      await pty.shows([
        '< one',
        '  two',
        '< three',
        `> ${long}`.slice(0, 40),
        `> ${long}`.slice(40)
      ]);

      // The cursor is where it was: two columns before the end.
      pty.type(KEYS.left, KEYS.left, 'X');
      ws.send('four');
      await pty.shows(/< four\n> a line.*\n.*Xde$/);
      pty.type(KEYS.enter);
      assert.deepStrictEqual(await received(ws, 1), [
        `${long.slice(0, -2)}X${long.slice(-2)}`
      ]);
      assert.deepStrictEqual(
        pty.lines().filter((line) => line.startsWith('<')),
        ['< one', '< three', '< four']
      );
    });

    it('keeps the line in a flood', async () => {
      const { pty, ws } = await connect();

      pty.type('not yet sent');
      await pty.shows(['> not yet sent']);
      for (let i = 0; i < 20000; i++) ws.send(`${i}`);
      await pty.shows(['< 19999', '> not yet sent']);
      assert.deepStrictEqual(
        pty.lines().filter((line) => line.startsWith('<')),
        Array.from({ length: 20000 }, (_, i) => `< ${i}`)
      );
    });

    it('brings back former lines', async () => {
      const { pty, ws } = await connect();

      pty.type('first', KEYS.enter, 'second', KEYS.enter);
      await received(ws, 2);
      pty.type(KEYS.up);
      await pty.shows(['> second', '> second']);
      pty.type(KEYS.up);
      await pty.shows(['> second', '> first']);
      pty.type(KEYS.down, KEYS.up, '!', KEYS.enter);
      assert.deepStrictEqual(await received(ws, 3), [
        'first',
        'second',
        'first!'
      ]);
    });

    it('keeps them in a file, where that is wanted', async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-state-'));
      const file = path.join(folder, 'beastws', 'history');
      const env = { XDG_STATE_HOME: folder };

      scope.defer(() => fs.rmSync(folder, { recursive: true }));

      const first = await connect(['--history'], { env });

      first.pty.type('kept', KEYS.enter, ' secret', KEYS.enter);
      await received(first.ws, 2);
      first.pty.type(KEYS.ctrlD);
      assert.strictEqual(await first.pty.end(), 0);
      assert.strictEqual(fs.readFileSync(file, 'utf8'), 'kept\n');
      assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600);

      const second = await connect(['--history'], { env });

      second.pty.type(KEYS.up, KEYS.enter);
      assert.deepStrictEqual(await received(second.ws, 1), ['kept']);

      const third = await connect([], { env });

      third.pty.type(KEYS.up, 'not kept', KEYS.enter);
      assert.deepStrictEqual(await received(third.ws, 1), ['not kept']);
      assert.doesNotMatch(fs.readFileSync(file, 'utf8'), /not kept/);
    });

    it('obeys slash commands', async () => {
      const { pty, ws } = await connect();
      const pings = [];

      ws.on('ping', (data) => pings.push(`${data}`));
      pty.type('/ping abc', KEYS.enter);
      await pty.shows(/\npong abc after [\d.]+ ms\n>$/);
      assert.deepStrictEqual(pings, ['abc']);
      pty.type('/binary de ad', KEYS.enter, '//binary', KEYS.enter);
      assert.deepStrictEqual(await received(ws, 2), [
        Buffer.from([0xde, 0xad]),
        '/binary'
      ]);
      pty.type('/nope', KEYS.enter);
      await pty.shows([
        "unknown command '/nope', see /help; // sends a literal slash",
        '>'
      ]);
      pty.type('/close 5', KEYS.enter);
      await pty.shows(/the code of \/close is a number/);
      pty.type('/help', KEYS.enter);
      await pty.shows(/^\/help +print this\n>$/m);
      ws.send(Buffer.from('binary'));
      await pty.shows(['< (binary, 6 bytes) 62 69 6e 61 72 79', '>']);

      const closed = once(ws, 'close');

      pty.type('/close 4001 that is all', KEYS.enter);
      const [code, reason] = await closed;
      assert.strictEqual(code, 4001);
      assert.strictEqual(`${reason}`, 'that is all');
      assert.strictEqual(await pty.end(), 0);
    });

    it('takes and shows bytes with --binary', async () => {
      const { pty, ws } = await connect(['--binary']);

      pty.type('00 ff', KEYS.enter);
      assert.deepStrictEqual(await received(ws, 1), [Buffer.from([0, 255])]);
      pty.type('text', KEYS.enter);
      await pty.shows(/\nnot bytes in hexadecimal, as in "de ad be ef"\n>$/);
      ws.send(Buffer.from('\x1b[2J'));
      await pty.shows(/\n< \(binary, 4 bytes\)\n {2}00000000 {2}1b 5b 32 4a /);
    });

    it('drops the line at ctrl-c, then closes', async () => {
      const { pty, ws } = await connect();
      const closed = once(ws, 'close');

      pty.type('a slip', KEYS.ctrlC);
      await pty.shows(['> a slip^C', '>']);
      pty.type('right', KEYS.enter);
      assert.deepStrictEqual(await received(ws, 1), ['right']);
      pty.type(KEYS.ctrlC);
      assert.strictEqual((await closed)[0], 1000);
      assert.strictEqual(await pty.end(), 0);
    });

    it('gives up at one more ctrl-c', async () => {
      const { pty, ws } = await connect();

      ws.pause();
      pty.type(KEYS.ctrlC, KEYS.ctrlC);
      assert.strictEqual(await pty.end(), 1);
    });

    it('closes at ctrl-d', async () => {
      const { pty, ws } = await connect();
      const closed = once(ws, 'close');

      pty.type(KEYS.ctrlD);
      assert.strictEqual((await closed)[0], 1000);
      await pty.shows(['Closed: 1000']);
      assert.strictEqual(await pty.end(), 0);
    });

    it('lets nothing of a peer control the terminal', async () => {
      const { pty, ws } = await connect(['-v']);

      for (const [trick, shown] of TRICKS) {
        ws.send(trick);
        await pty.shows([`< ${shown}`, '>']);
        ws.ping(trick);
        await pty.shows([`ping ${shown}`, '>']);
      }
      ws.send('x\nClosed by the server: 1000\n> rm -rf');
      await pty.shows([
        '< x',
        '  Closed by the server: 1000',
        '  > rm -rf',
        '>'
      ]);
      ws.close(4000, TRICKS[0][0]);
      await pty.shows([`Closed by the server: 4000 ${TRICKS[0][1]}`]);
    });

    it('lets nothing of a handshake control the terminal', async () => {
      const { wss, url } = await scope.listen((ws) => ws.send('hello'));

      wss.on('headers', (headers) => headers.push('X-Trick: \x9b2J'));
      const pty = open(['connect', '-v', url]);

      await pty.shows(/^X-Trick: \xc2\\x9b2J$/m);
      await pty.shows(['< hello', '>']);
    });

    it('prints no messages to the terminal when they go elsewhere', async () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-out-'));
      const file = path.join(folder, 'out');

      scope.defer(() => fs.rmSync(folder, { recursive: true }));

      const { pty, ws } = await connect([], { redirect: `> '${file}'` });

      ws.send('into the file \x1b');
      pty.type('typed', KEYS.enter);
      await received(ws, 1);
      pty.type(KEYS.ctrlD);
      assert.strictEqual(await pty.end(), 0);
      assert.strictEqual(fs.readFileSync(file, 'utf8'), 'into the file \x1b\n');
      assert.doesNotMatch(pty.output.text, /into the file/);
    });

    it('uses colours where they are wanted', async () => {
      for (const [args, env, expected] of [
        [[], {}, true],
        [['--no-color'], {}, false],
        [[], { NO_COLOR: '1' }, false]
      ]) {
        const { pty, ws } = await connect(args, {
          env: { NO_COLOR: '', ...env }
        });

        ws.send('x');
        await pty.shows(['< x', '>']);
        assert.strictEqual(pty.output.text.includes('\x1b[36m< '), expected);
        ws.terminate();
        await pty.end();
      }
    });
  });

  describe('beastws listen', () => {
    it('talks to all, and tells who is there', async () => {
      const pty = open(['listen', '0']);
      const [, port] = await pty.output.until(/Listening on ws:\S+:(\d+)\//);
      const url = `ws://127.0.0.1:${port}`;
      const one = await scope.connect(`${url}/one`);
      const two = await scope.connect(`${url}/two`);

      await pty.shows(/\n#2 connected from 127\.0\.0\.1:\d+ to \/two\n>$/);
      pty.type('to all', KEYS.enter);
      assert.deepStrictEqual(await received(one, 1), ['to all']);
      assert.deepStrictEqual(await received(two, 1), ['to all']);
      two.send('b\nc');
      await pty.shows(['#2 < b', '     c', '>']);
      for (const [trick, shown] of TRICKS) {
        one.send(trick);
        await pty.shows([`#1 < ${shown}`, '>']);
      }
      pty.type('/list', KEYS.enter);
      await pty.shows(/\n#1 127\.0\.0\.1:\d+\n#2 127\.0\.0\.1:\d+\n>$/);
      two.close(4000, TRICKS[0][0]);
      await pty.shows([`#2 closed: 4000 ${TRICKS[0][1]}`, '>']);
      pty.type('/close 4002 all of you', KEYS.enter);
      assert.deepStrictEqual(await one.closed, [4002, 'all of you']);
      pty.type(KEYS.ctrlD);
      assert.strictEqual(await pty.end(), 0);
    });

    it('ends at ctrl-c', async () => {
      const pty = open(['listen', '0']);
      const [, port] = await pty.output.until(/Listening on ws:\S+:(\d+)\//);
      const ws = await scope.connect(`ws://127.0.0.1:${port}`);

      await pty.shows(/connected from/);
      pty.type(KEYS.ctrlC);
      assert.deepStrictEqual(await ws.closed, [1001, '']);
      assert.strictEqual(await pty.end(), 0);
      assert.strictEqual(ws.readyState, WebSocket.CLOSED);
    });
  });
});
