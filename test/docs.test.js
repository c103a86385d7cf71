'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');
const ts = require('typescript');

const { WebSocketServer } = require('..');
const { SCRIPTS, ...code } = require('./docs/code');
const { parseMarkdown, rowsBelow } = require('./docs/markdown');

const ROOT = path.join(__dirname, '..');

/** Languages of blocks that are no code of ours: output, other programs. */
const PROSE = new Set(['text', 'http', 'nginx', 'caddyfile', 'html', 'diff']);

/** Languages with a check of their own. */
const CHECKS = {
  bash: code.checkShell,
  json: code.checkJson,
  sh: code.checkShell
};

/**
 * Reads a file of the project.
 *
 * @param {String} name Its path from the root
 * @return {String} What is in it
 */
function read(name) {
  return fs.readFileSync(path.join(ROOT, name), 'utf8');
}

/**
 * @return {String[]} The names of the files of the library, without those of the
 *     command line
 */
function librarySources() {
  return fs
    .readdirSync(path.join(ROOT, 'lib'))
    .filter((name) => name.endsWith('.js'));
}

/** The documents, by name, with their text and what is in it. */
const documents = new Map(
  ['.', 'doc', 'bench', 'examples', 'fuzz']
    .filter((directory) => fs.existsSync(path.join(ROOT, directory)))
    .flatMap((directory) =>
      fs
        .readdirSync(path.join(ROOT, directory))
        .filter((name) => name.endsWith('.md'))
        .map((name) => path.posix.join(directory, name))
    )
    .map((name) => [name, { text: read(name), ...parseMarkdown(read(name)) }])
);

/** Those whose code is checked. */
const manuals = [...documents].filter(
  ([name]) => name === 'README.md' || name.startsWith('doc/')
);

/**
 * The names in code that begin the first cells of tables.
 *
 * @param {String} name The document
 * @param {String} heading The heading in front of the tables
 * @return {Map<String, String[]>} The other cells by these names
 */
function entriesBelow(name, heading) {
  return new Map(
    rowsBelow(documents.get(name).text, heading).flatMap(([first, ...rest]) =>
      [...first.matchAll(/`([^`]+)`/g)].map((match) => [match[1], rest])
    )
  );
}

/**
 * The names of the members of an interface in the declarations.
 *
 * @param {String} name The interface
 * @return {String[]} The names
 */
function membersOf(name) {
  const source = ts.createSourceFile('d.ts', read('index.d.ts'), 99, true);
  let found;

  (function visit(node) {
    if (ts.isInterfaceDeclaration(node) && node.name.text === name) {
      found ??= node.members.map((member) => member.name.text);
    }
    ts.forEachChild(node, visit);
  })(source);

  return found;
}

/**
 * Makes a block, as if it were in a document.
 *
 * @param {String} text The code
 * @param {String} [language] Its language
 * @return {Object} The block
 */
function blockOf(text, language = 'js') {
  return { code: text, language, line: 0 };
}

/** Options that clients and servers have with defaults of their own. */
const DIFFERENT_DEFAULTS = new Set(['handshakeTimeout', 'perMessageDeflate']);

describe('The documents', function () {
  this.timeout(60000);

  describe('are read by checks that', () => {
    it('find blocks, headings and links', () => {
      const { anchors, blocks, links } = parseMarkdown(
        [
          '# A `b()`, c',
          '[one](x.md#y) `[no](z.md)` [two](<a/b>)',
          '```js run',
          '# no [heading](no)',
          '```',
          '## A b, c',
          '[three]: http://x.org'
        ].join('\n')
      );

      assert.deepStrictEqual([...anchors], ['a-b-c', 'a-b-c-1']);
      assert.deepStrictEqual(
        links.map(({ target }) => target),
        ['x.md#y', 'a/b', 'http://x.org']
      );
      assert.deepStrictEqual(
        blocks.map((block) => [block.code, block.language, block.line]),
        [['# no [heading](no)\n', 'js', 3]]
      );
      assert.ok(blocks[0].flags.has('run'));
      assert.throws(() => parseMarkdown('```js\n'), /line 1: never closed/);
    });

    it('notice wrong programs', () => {
      const load = "const { WebSocketServer } = require('beastws');\n";
      const complaints = code.checkScripts(
        [
          'const a = ;',
          `${load}new WebSocketServer({ port: 0, nope: 1 });`,
          "const { WebSocketServr } = require('beastws');",
          "import { WebSocketServr } from 'beastws';",
          "ws.send('x', { compres: true });",
          "ws.close('1000');",
          `${load}new WebSocketServer({ port: 0 }).close();`,
          "import express from 'express';\nfragment(express, ws.id);"
        ].map((text) => blockOf(text))
      );

      assert.deepStrictEqual(
        complaints.map((text) => text !== ''),
        [true, true, true, true, true, true, false, false]
      );
    });

    it('notice programs that fail, and see what is printed', async () => {
      assert.strictEqual(
        await code.runScript(blockOf("console.log(typeof require('beastws'))")),
        'function\n'
      );
      await assert.rejects(
        code.runScript(blockOf('await Promise.reject(new Error("x"))', 'mjs')),
        /ended by 1/
      );
      assert.throws(() => code.checkShell(blockOf('if true; then', 'sh')));
      assert.throws(() => code.checkJson(blockOf('{ a: 1 }', 'json')));
    });
  });

  describe('their code', () => {
    for (const [name, { blocks }] of manuals) {
      for (const [index, block] of blocks.entries()) {
        const { flags, language, line } = block;
        const title = `${name}:${line}`;

        if (PROSE.has(language)) continue;

        if (flags.has('run')) {
          const next = blocks[index + 1];
          const expected = next?.flags.has('output') ? next.code : null;

          for (const env of [{}, { BEASTWS_NO_IO_THREAD: '1' }]) {
            it(`runs: ${[title, ...Object.keys(env)].join(', ')}`, async () => {
              const output = await code.runScript(block, env);

              if (expected !== null) assert.strictEqual(output, expected);
            });
          }
        } else if (!(language in SCRIPTS)) {
          it(`is right: ${title}`, () => {
            assert.ok(CHECKS[language], `nothing checks "${language}"`);
            CHECKS[language](block);
          });
        }
      }
    }

    it('fits the declarations', () => {
      const scripts = manuals.flatMap(([name, { blocks }]) =>
        blocks
          .filter(({ language }) => language in SCRIPTS)
          .map((block) => ({ ...block, name }))
      );
      const complaints = code
        .checkScripts(scripts)
        .flatMap((text, index) => (text ? [scripts[index].name, text] : []));

      assert.ok(scripts.length > 0);
      assert.deepStrictEqual(complaints, []);
    });

    it('names scripts and files that exist', () => {
      const { scripts } = JSON.parse(read('package.json'));

      for (const [name, { blocks }] of manuals) {
        for (const { code: text, language, line } of blocks) {
          if (!(language in CHECKS) || language === 'json') continue;

          for (const [, script] of text.matchAll(/\bnpm run ([\w:-]+)/g)) {
            const known = script in scripts || script === 'bench';

            assert.ok(known, `${name}:${line}: npm run ${script}`);
          }
          for (const [, file] of text.matchAll(
            /(?:^|\s)(?:\.\/|node )((?:scripts|examples)\/\S+)/g
          )) {
            const there = fs.existsSync(path.join(ROOT, file));

            assert.ok(there, `${name}:${line}: ${file}`);
          }
        }
      }
    });
  });

  describe('their links', () => {
    for (const [name, { links }] of documents) {
      it(`of ${name} lead somewhere`, () => {
        for (const { target, line } of links) {
          const place = `${name}:${line}: ${target}`;

          if (/^(https?|mailto|wss?):/.test(target)) {
            assert.ok(URL.canParse(target), place);
            continue;
          }

          const [file, anchor] = decodeURIComponent(target).split('#');
          const to = file
            ? path.posix.join(path.posix.dirname(name), file)
            : name;

          assert.ok(fs.existsSync(path.join(ROOT, to)), place);
          if (anchor !== undefined) {
            const { anchors } = documents.get(to) ?? parseMarkdown(read(to));

            assert.ok(anchors.has(anchor), place);
          }
        }
      });
    }
  });

  describe('the compatibility', () => {
    const { text } = documents.get('doc/compatibility.md');
    const headings = [
      'Writing',
      'Reading',
      'Delivery',
      'Threads and processes',
      'The socket',
      'The server'
    ];
    const rows = headings.flatMap((heading) => rowsBelow(text, heading));

    it('counts what can break', () => {
      assert.deepStrictEqual(
        rows.map(([what]) => parseInt(what, 10)),
        rows.map((_, index) => index + 1)
      );
    });

    for (const [what, where] of rows) {
      it(`points to tests: ${what}`, () => {
        const parts = where.split(/\[[^\]]+\]\(([^)]+\.test\.js)\)/).slice(1);

        assert.ok(parts.length >= 2, 'no test at all');
        for (let i = 0; i < parts.length; i += 2) {
          const source = read(path.posix.join('doc', parts[i]));
          // Titles end with the sentence; what follows is a remark.
          const [titles] = parts[i + 1].split(/\.(?:\s|$)/);

          for (const [, title] of titles.matchAll(/`([^`]+)`/g)) {
            assert.ok(source.includes(title), `${parts[i]}: ${title}`);
          }
        }
      });
    }
  });

  describe('the API', () => {
    const server = 'new WebSocketServer(options[, callback])';
    const client = 'new WebSocket(address[, protocols][, options])';

    it('has every option of the server with its default', () => {
      const entries = entriesBelow('doc/api.md', server);
      const { options } = new WebSocketServer({ noServer: true });

      options.noServer = false;
      for (const [name, value] of Object.entries(options)) {
        const text = typeof value === 'function' ? value.name : `${value}`;

        assert.strictEqual(entries.get(name)?.[0], `\`${text}\``, name);
      }
      assert.deepStrictEqual(
        membersOf('ServerOptions').filter((name) => !entries.has(name)),
        []
      );
    });

    it('has every option of the client', () => {
      const entries = entriesBelow('doc/api.md', client);
      const common = entriesBelow('doc/api.md', server);
      const { text } = documents.get('doc/api.md');

      for (const name of membersOf('ClientOptions')) {
        assert.ok(text.includes(`\`${name}\``), name);
        assert.ok(entries.has(name) || !common.has(name) || name === 'host');
      }
      for (const [name, [value]] of entries) {
        if (DIFFERENT_DEFAULTS.has(name) || !common.has(name)) continue;
        assert.strictEqual(value, common.get(name)[0], name);
      }
    });

    it('has every option of the compression and of send()', () => {
      for (const [heading, name] of [
        ['Options of permessage-deflate', 'PerMessageDeflateOptions'],
        ['ws.send(data[, options][, callback])', 'SendOptions']
      ]) {
        const entries = entriesBelow('doc/api.md', heading);

        assert.deepStrictEqual(
          membersOf(name).filter((member) => !entries.has(member)),
          []
        );
      }
    });

    it('has every event', () => {
      const headings = documents
        .get('doc/api.md')
        .text.split('\n')
        .filter((line) => line.startsWith('### Event: '));

      for (const name of [
        ...membersOf('SocketEvents'),
        ...membersOf('ServerEvents')
      ]) {
        assert.ok(
          headings.some((heading) => heading.includes(`'${name}'`)),
          name
        );
      }
    });

    it('has every code of an error', () => {
      const { text } = documents.get('doc/api.md');
      const codes = librarySources().flatMap((name) =>
        [...read(`lib/${name}`).matchAll(/'((?:WS_)?ERR_\w+|Z_\w+)'/g)].map(
          (match) => match[1]
        )
      );

      assert.ok(codes.length > 10);
      for (const name of codes) assert.ok(text.includes(`\`${name}\``), name);
    });

    it('has every environment variable', () => {
      const entries = entriesBelow('doc/api.md', 'Environment variables');
      const used = librarySources().flatMap((name) =>
        [...read(`lib/${name}`).matchAll(/process\.env\.(\w+)/g)].map(
          (match) => match[1]
        )
      );

      assert.deepStrictEqual(
        [...entries.keys()].sort(),
        [...new Set(used)].sort()
      );
    });
  });
});
