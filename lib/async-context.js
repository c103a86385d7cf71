'use strict';

const { AsyncResource } = require('node:async_hooks');

/**
 * What an AsyncResource has under symbols in any case. What else it has there
 * are the values of AsyncLocalStorage (under names that change with Node).
 */
const ID_SYMBOLS = new Set(['async_id_symbol', 'trigger_async_id_symbol']);

/**
 * Captures the async context of the caller.
 *
 * @return {(AsyncResource|null)} What runs functions in it; `null` if nobody
 *     has stored anything there, which saves the detour for each message
 */
function captureContext() {
  const resource = new AsyncResource('WEBSOCKET');

  return Object.getOwnPropertySymbols(resource).some(
    (symbol) =>
      !ID_SYMBOLS.has(symbol.description) && resource[symbol] !== undefined
  )
    ? resource
    : null;
}

module.exports = captureContext;
