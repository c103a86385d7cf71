'use strict';

// Loaded with --require in front of a program, as tracing tools are: it patches
// http and ws when they are loaded, and follows requests with async_hooks. At
// the end it prints its spans as JSON.

const asyncHooks = require('async_hooks');
const Module = require('module');

const spans = [];
const stores = new Map();
const runs = new Map();
const original = Module.prototype.require;
const patched = new WeakSet();

asyncHooks
  .createHook({
    init(id, type, trigger) {
      stores.set(id, stores.get(asyncHooks.executionAsyncId()) ?? trigger);
    },
    before: (id) => runs.set(id, (runs.get(id) ?? 0) + 1),
    after: (id) => runs.get(id),
    destroy: (id) => stores.delete(id)
  })
  .enable();

const storage = new asyncHooks.AsyncLocalStorage();

/**
 * Replaces a method by one that is called with it.
 *
 * @param {Object} target The object
 * @param {string} name The method
 * @param {Function} wrap Gets the method, returns the new one
 */
function wrap(target, name, wrap) {
  target[name] = wrap(target[name]);
}

/**
 * @param {Function} WebSocket What the module exports
 */
function patch(WebSocket) {
  wrap(WebSocket.prototype, 'send', (send) => {
    return function tracedSend(data, ...args) {
      spans.push(`send ${data} in ${storage.getStore()}`);
      return send.call(this, data, ...args);
    };
  });
  wrap(WebSocket.WebSocketServer.prototype, 'handleUpgrade', (upgrade) => {
    return function tracedUpgrade(req, socket, head, callback) {
      return storage.run(req.url, () =>
        upgrade.call(this, req, socket, head, (ws, request) => {
          wrap(ws, 'on', (on) => {
            return function tracedOn(event, listener) {
              return on.call(
                this,
                event,
                asyncHooks.AsyncResource.bind(listener)
              );
            };
          });
          callback(ws, request);
        })
      );
    };
  });
}

Module.prototype.require = function tracedRequire(id) {
  const exports = original.call(this, id);

  if (id === 'ws' && !patched.has(exports)) {
    patched.add(exports);
    patch(exports);
  }
  return exports;
};

process.on('uncaughtException', (err) => spans.push(err.message));
process.on('exit', () => console.log(JSON.stringify(spans)));
