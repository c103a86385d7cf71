'use strict';

const assert = require('assert');
const { execFile } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { promisify } = require('util');

const { parseMarkdown } = require('../docs/markdown');
const { cliScope } = require('./support/open');

const manifest = require('../../package.json');

const ROOT = path.join(__dirname, '../..');
const COMMANDS = ['connect', 'listen', 'exec', 'bench'];

/**
 * Finds the options in a text.
 *
 * @param {string} text The text
 * @returns {string[]} Their long names, sorted
 */
function optionsIn(text) {
  const names = [...text.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)];

  return [...new Set(names.map((match) => match[1]))].sort();
}

/**
 * Finds a chapter of the manual.
 *
 * @param {string} heading Its heading, without number signs
 * @returns {string} The text up to the next heading of that rank
 */
function chapter(heading) {
  const manual = fs.readFileSync(path.join(ROOT, 'doc/cli.md'), 'utf8');
  const start = manual.indexOf(`\n## ${heading}\n`);

  assert.notStrictEqual(start, -1, heading);

  const end = manual.indexOf('\n## ', start + 1);

  return manual.slice(start, end === -1 ? undefined : end);
}

describe('The program beastws', function () {
  this.timeout(60000);

  const scope = cliScope();

  it('prints its help and its version', async () => {
    for (const args of [['--help'], ['-h'], ['help']]) {
      const { code, stdout, stderr } = await scope.run(args);

      assert.strictEqual(code, 0);
      assert.strictEqual(stderr, '');
      for (const name of COMMANDS) {
        assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
      }
    }
    for (const flag of ['--version', '-V']) {
      const { code, stdout } = await scope.run([flag]);

      assert.strictEqual(code, 0);
      assert.strictEqual(stdout, `${manifest.version}\n`);
    }
  });

  for (const name of COMMANDS) {
    it(`prints the help of ${name}, with what the manual has`, async () => {
      const { code, stdout, stderr } = await scope.run([name, '--help']);
      const other = await scope.run(['help', name]);

      assert.strictEqual(code, 0);
      assert.strictEqual(stderr, '');
      assert.strictEqual(stdout, other.stdout);
      assert.ok(stdout.split('\n').every((line) => line.length < 80));
      assert.ok(stdout.endsWith('.\n'));

      const [, options] = stdout.split('\nOptions:\n');
      const table = chapter(`beastws ${name}`)
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => line.split('|')[1])
        .join('\n');

      assert.deepStrictEqual(
        optionsIn(table),
        optionsIn(
          options
            .split('\n')
            .map((line) => line.slice(0, 40))
            .filter((line) => /^ {2,6}-/.test(line))
            .join('\n')
        ).filter((option) => option !== 'help')
      );
    });
  }

  it('refuses a wrong command line in one line, with 2', async () => {
    for (const [args, message] of [
      [['nope'], "unknown command 'nope'"],
      [['toString'], "unknown command 'toString'"],
      [['--nope'], "unknown option '--nope'"],
      [['connect'], 'URL is missing'],
      [['connect', '--nope', 'x'], "unknown option '--nope'"],
      [['connect', 'a', 'b'], "unexpected argument 'b'"],
      [['connect', 'ws://[', '-x', ''], 'Invalid URL: ws://['],
      [['connect', 'ftp://x'], /^The URL's protocol must be one of/],
      [['connect', 'x', '--max-redirects', '-1'], /ambiguous|must be/],
      [['connect', 'x', '-w', 'soon'], /--wait must be a number/],
      [['connect', 'x', '-H', 'no header'], "not a header: 'no header'"],
      [['connect', 'x', '--ca', '/no/file'], /cannot read --ca .*ENOENT/],
      [['connect', 'x', '--cert', __filename], /come together/],
      [['connect', 'x', '--compress', '--no-compress'], /exclude each other/],
      [['connect', 'x', '-s', 'a', '-s', 'a'], /duplicated subprotocol/],
      [['listen'], 'PORT is missing'],
      [['listen', '65536'], /the port must be a whole number from 0 to 65535/],
      [['listen', '80 '], /the port must be/],
      [['exec'], 'the COMMAND is missing'],
      [['exec', '--max-line', '0', '--', 'cat'], /--max-line must be/],
      [['exec', '--nope', 'cat'], "unknown option '--nope'"],
      [['bench', 'x', '-c', '1e9'], /--connections must be a whole number/],
      [['bench', 'x', '-d', '0'], /--duration must be/],
      [['bench', 'x', '-c', '9999', '-s', '9999999'], /more than 1 GiB/],
      [['bench', 'x', '--text', '--binary'], /exclude each other/]
    ]) {
      const { code, stdout, stderr } = await scope.run(args);
      const match = /^beastws: (.*) \(see beastws --help\)\n$/.exec(stderr);

      assert.ok(match, `${args}: ${stderr}`);
      if (message instanceof RegExp) assert.match(match[1], message);
      else assert.strictEqual(match[1], message);
      assert.strictEqual(code, 2, `${args}`);
      assert.strictEqual(stdout, '');
    }

    const nothing = await scope.run([]);

    assert.strictEqual(nothing.code, 2);
    assert.match(nothing.stderr, /^Usage: beastws COMMAND/);
  });

  it('passes no control characters of its arguments on', async () => {
    const { stderr } = await scope.run(['\x1b[31mred\x07']);

    assert.match(stderr, /unknown command '\\x1b\[31mred\\x07'/);
  });

  it('tells its help without the native binary', async () => {
    const env = { BEASTWS_BINDING: '/no/such/file.node' };

    assert.strictEqual((await scope.run(['exec', '-h'], { env })).code, 0);

    const { code, stderr } = await scope.run(['connect', 'x'], { env });

    assert.strictEqual(code, 1);
    assert.match(stderr, /^beastws: .*file\.node/);
    assert.strictEqual(stderr.split('\n').length, 2);
  });

  it('is the command of the package', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-bin-'));

    scope.defer(() => fs.rmSync(folder, { recursive: true }));
    assert.deepStrictEqual(Object.keys(manifest.bin), ['beastws']);

    // As npm does: a link in a directory of the path.
    const file = path.join(ROOT, manifest.bin.beastws);
    const link = path.join(folder, 'beastws');

    fs.symlinkSync(file, link);
    const { stdout } = await promisify(execFile)(link, ['--version']);

    assert.strictEqual(stdout, `${manifest.version}\n`);
    assert.ok(manifest.files.includes('bin/'));
  });

  it('has a manual with these chapters and no others', () => {
    const manual = fs.readFileSync(path.join(ROOT, 'doc/cli.md'), 'utf8');
    const { anchors } = parseMarkdown(manual);

    assert.deepStrictEqual(
      [...anchors].filter((name) => name.startsWith('beastws-')),
      COMMANDS.map((name) => `beastws-${name}`)
    );
  });
});
