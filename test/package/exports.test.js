'use strict';

const assert = require('assert');
const { execFileSync } = require('child_process');
const path = require('path');
const ws = require('ws');

const beastws = require('beastws');

const ROOT = path.join(__dirname, '..', '..');

describe('The exports', () => {
  describe('for require()', () => {
    it('are the class itself', () => {
      assert.strictEqual(typeof beastws, 'function');
      assert.strictEqual(beastws.name, 'WebSocket');
      assert.strictEqual(beastws.length, ws.length);
      assert.strictEqual(beastws.WebSocket, beastws);
      assert.strictEqual(beastws.Server, beastws.WebSocketServer);
    });

    it('have every member that those of ws have', () => {
      for (const key of Object.keys(ws)) {
        assert.strictEqual(typeof beastws[key], typeof ws[key], key);
      }
    });

    it('have the methods and properties that the classes of ws have', () => {
      for (const name of ['WebSocket', 'WebSocketServer']) {
        const theirs = Object.getOwnPropertyNames(ws[name].prototype);
        const ours = new Set(
          Object.getOwnPropertyNames(beastws[name].prototype)
        );

        assert.deepStrictEqual(
          theirs.filter((key) => !ours.has(key)),
          [],
          name
        );
      }
    });

    it('have the functions of the helper objects', () => {
      for (const name of ['extension', 'subprotocol']) {
        assert.deepStrictEqual(
          Object.keys(beastws[name]).sort(),
          Object.keys(ws[name]).sort()
        );
      }
    });

    it('have read-only constants on the class and on its prototype', () => {
      for (const name of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']) {
        for (const which of ['class', 'prototype']) {
          const [ours, theirs] = [beastws, ws].map((WebSocket) =>
            Object.getOwnPropertyDescriptor(
              which === 'class' ? WebSocket : WebSocket.prototype,
              name
            )
          );

          assert.deepStrictEqual(ours, theirs, `${name} of the ${which}`);
        }
      }
    });

    it('hide the files of the package except package.json', () => {
      assert.strictEqual(require('beastws/package.json').name, 'beastws');
      assert.throws(() => require('beastws/lib/websocket'), {
        code: 'ERR_PACKAGE_PATH_NOT_EXPORTED'
      });
    });
  });

  describe('for import', () => {
    it('are the same class by default and by name', async () => {
      const ns = await import('beastws');

      assert.strictEqual(ns.default, beastws);
      assert.strictEqual(ns.WebSocket, beastws);
    });

    it('have every name that ws has, with the same values as require()', async () => {
      const ns = await import('beastws');
      const theirs = await import('ws');

      for (const name of Object.keys(theirs)) {
        if (name === 'default' || name === 'module.exports') continue;
        assert.ok(name in ns, name);
        assert.strictEqual(ns[name], beastws[name], name);
      }

      assert.strictEqual(ns.Server, beastws.WebSocketServer);
    });
  });

  describe('for a browser', () => {
    it('throw an error that says so when called', () => {
      const script = "require('beastws')()";
      const run = () =>
        execFileSync(process.execPath, ['-C', 'browser', '-e', script], {
          cwd: ROOT,
          encoding: 'utf8',
          stdio: 'pipe'
        });

      assert.throws(run, (err) => /does not run in a browser/.test(err.stderr));
    });
  });
});
