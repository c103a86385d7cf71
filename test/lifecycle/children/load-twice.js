'use strict';

// Loads the package in several ways in one process, lets all copies talk with
// each other and ends by itself. Arguments: the index of the kind, the way.

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const Module = require('module');
const os = require('os');
const path = require('path');
const vm = require('vm');

const { kinds, modulePath } = require('../../integration/kinds');
const { Party } = require('../../integration/support/party');
const { noise, receive } = require('../../integration/support/messages');

const { options } = kinds[process.argv[2]];
const way = process.argv[3];

/**
 * Copy what the package consists of at run time.
 *
 * @returns {string} The copy's directory, removed at the end
 */
function copy() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-'));

  for (const name of [
    'package.json',
    'index.js',
    'lib',
    'prebuilds',
    path.join('build', 'Release', 'beastws.node')
  ]) {
    const from = path.join(modulePath, name);

    if (fs.existsSync(from)) {
      fs.cpSync(from, path.join(directory, name), { recursive: true });
    }
  }
  process.on('exit', () => fs.rmSync(directory, { recursive: true }));
  return directory;
}

/**
 * Load the package inside of a context of its own, as test runners do.
 *
 * @returns {Function} Its `WebSocket`
 */
function loadInContext() {
  const context = vm.createContext({
    AbortController,
    ArrayBuffer,
    Blob,
    Buffer,
    clearImmediate,
    clearTimeout,
    console,
    process,
    queueMicrotask,
    setImmediate,
    setTimeout,
    Uint8Array,
    URL
  });
  const cache = new Map();

  /**
   * Load a file into the context.
   *
   * @param {string} file Its absolute path
   * @returns {*} Its exports
   */
  const load = (file) => {
    if (!file.endsWith('.js')) return require(file);
    if (cache.has(file)) return cache.get(file).exports;

    const module = { exports: {} };
    const resolve = Module.createRequire(file).resolve;
    const compiled = vm.runInContext(
      Module.wrap(fs.readFileSync(file, 'utf8')),
      context,
      { filename: file }
    );
    const requireHere = (name) => {
      const found = resolve(name);

      return path.isAbsolute(found) ? load(found) : require(found);
    };

    requireHere.resolve = resolve;
    cache.set(file, module);
    compiled.call(
      module.exports,
      module.exports,
      requireHere,
      module,
      file,
      path.dirname(file)
    );
    return module.exports;
  };

  return load(require.resolve(modulePath));
}

/**
 * Load the package once more after everything was forgotten.
 *
 * @returns {Function} Its `WebSocket`
 */
function loadAgain() {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(modulePath + path.sep) && !file.includes('test')) {
      delete require.cache[file];
    }
  }
  return require(modulePath);
}

const ways = {
  copies: () => [require(copy()), require(copy()), require(modulePath)],
  contexts: () => [loadInContext(), loadInContext(), require(modulePath)],
  again: () => [require(modulePath), loadAgain(), loadAgain()]
};

/**
 * Let a client talk with a server.
 *
 * @param {Party} client The client's module
 * @param {Party} server The server's module
 */
async function talk(client, server) {
  const wss = await server.listen({ perMessageDeflate: true });

  wss.on('connection', (ws) => {
    ws.on('message', (data, binary) => ws.send(data, { binary }));
  });

  for (const perMessageDeflate of [false, true]) {
    const ws = client.connect(wss, { perMessageDeflate });

    await once(ws, 'open');
    for (const binaryType of ['nodebuffer', 'arraybuffer', 'fragments']) {
      ws.binaryType = binaryType;

      const echoed = receive(ws, 101);
      const bytes = noise(70000);

      for (let i = 0; i < 100; i++) ws.send(`${i}`);
      ws.send(bytes);

      const messages = await echoed;
      const { data } = messages.pop();

      messages.forEach(({ data }, i) => assert.strictEqual(`${data}`, `${i}`));
      if (binaryType === 'arraybuffer') assert.ok(data instanceof ArrayBuffer);
      assert.ok(
        Buffer.concat([].concat(data).map((part) => Buffer.from(part))).equals(
          bytes
        )
      );
    }
    ws.close(4000, 'done');

    const [code, reason] = await once(ws, 'close');

    assert.strictEqual(code, 4000);
    assert.strictEqual(`${reason}`, 'done');
  }
  await new Promise((resolve) => wss.close(resolve));
}

(async () => {
  const classes = ways[way]();

  assert.strictEqual(new Set(classes).size, 3);

  const parties = classes.map((WebSocket) => new Party('', WebSocket, options));

  for (const [i, client] of parties.entries()) {
    await talk(client, client);
    await talk(client, parties[(i + 1) % 3]);
  }
  await Promise.all(
    parties.map((client, i) => talk(client, parties[(i + 1) % 3]))
  );
  console.log('"done"');
})();
