'use strict';

const zlib = require('node:zlib');

const Codec = require('./deflate-codec');
const paramReaders = require('./deflate-params');
const Limiter = require('./limiter');

/** The end of a flushed block; it is not sent with a message (RFC 7692). */
const TRAILER = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * Bounds how many zlib operations are under way. There is one for the process,
 * because all of them use the same thread pool and many at a time fragment the
 * memory.
 *
 * @type {(Limiter|undefined)}
 */
let limiter;

/**
 * The permessage-deflate extension (RFC 7692) of one connection: negotiates the
 * parameters, and compresses and decompresses messages.
 */
class PerMessageDeflate {
  #deflater = null;
  #inflater = null;
  #ownRole;
  #peerRole;
  #settings;

  /**
   * @param {Object} [options] Options
   * @param {(Boolean|Number)} [options.clientMaxWindowBits] The window of the
   *     client's compressor, 8 to 15; `false` refuses the parameter. A client
   *     offers the parameter without value by default
   * @param {Boolean} [options.clientNoContextTakeover] Whether the client must
   *     forget each message after compressing it; as client, `false` refuses that
   * @param {Number} [options.concurrencyLimit=10] How many operations may be
   *     under way in this process; the first instance decides
   * @param {Boolean} [options.isServer=false] Which side this is
   * @param {Number} [options.maxPayload=0] How many bytes a decompressed message
   *     may have; 0 stands for any number
   * @param {(Boolean|Number)} [options.serverMaxWindowBits] The window of the
   *     server's compressor, 8 to 15; as server, `false` refuses the parameter
   * @param {Boolean} [options.serverNoContextTakeover] Whether the server must
   *     forget each message after compressing it; as server, `false` refuses that
   * @param {Number} [options.threshold=1024] Messages with less bytes are not
   *     compressed if this side must forget each message
   * @param {Object} [options.zlibDeflateOptions] Options of zlib to compress with
   * @param {Object} [options.zlibInflateOptions] Options of zlib to decompress
   *     with
   */
  constructor(options) {
    this._options = options || {};

    const {
      concurrencyLimit = 10,
      threshold = 1024,
      zlibDeflateOptions
    } = this._options;
    // Whatever getters of the user's throw, they do so here.
    const { level, memLevel, strategy } = zlibDeflateOptions ?? {};

    this._isServer = !!this._options.isServer;
    this._maxPayload = this._options.maxPayload | 0;
    this._threshold = threshold;
    this.#settings = { level, memLevel, strategy };
    this.#ownRole = this._isServer ? 'server' : 'client';
    this.#peerRole = this._isServer ? 'client' : 'server';

    /** The negotiated parameters, `null` until they are. */
    this.params = null;

    limiter ??= new Limiter(concurrencyLimit);
  }

  /**
   * The name of the extension.
   *
   * @type {String}
   */
  static get extensionName() {
    return 'permessage-deflate';
  }

  /**
   * The stream that compresses, `null` while there is none.
   *
   * @type {?zlib.DeflateRaw}
   */
  get _deflate() {
    return this.#deflater?.stream ?? null;
  }

  /**
   * The stream that decompresses, `null` while there is none.
   *
   * @type {?zlib.InflateRaw}
   */
  get _inflate() {
    return this.#inflater?.stream ?? null;
  }

  /**
   * Makes a client's offer.
   *
   * @return {Object} The parameters of the offer
   */
  offer() {
    const {
      clientMaxWindowBits,
      clientNoContextTakeover,
      serverMaxWindowBits,
      serverNoContextTakeover
    } = this._options;
    const params = {};

    if (serverNoContextTakeover) params.server_no_context_takeover = true;
    if (clientNoContextTakeover) params.client_no_context_takeover = true;
    if (serverMaxWindowBits) {
      params.server_max_window_bits = serverMaxWindowBits;
    }
    if (clientMaxWindowBits ?? true) {
      params.client_max_window_bits = clientMaxWindowBits ?? true;
    }

    return params;
  }

  /**
   * Negotiates: as server takes the first offer that can be accepted, as client
   * checks what the server has accepted.
   *
   * @param {Object[]} configurations The offers or the response, as parsed from
   *     the header. The objects are changed
   * @return {Object} The negotiated parameters, also found in `params`
   * @throws {Error} If there is nothing that can be accepted
   * @throws {TypeError} If a parameter has an invalid value
   */
  accept(configurations) {
    const normalized = this.normalizeParams(configurations);

    this.params = this._isServer
      ? this.acceptAsServer(normalized)
      : this.acceptAsClient(normalized);

    return this.params;
  }

  /**
   * Takes the first of a client's offers that can be accepted.
   *
   * @param {Object[]} offers The offers, with normalized parameters
   * @return {Object} The offer, changed into the response
   * @throws {Error} If none of them can be accepted
   */
  acceptAsServer(offers) {
    const {
      clientMaxWindowBits,
      clientNoContextTakeover,
      serverMaxWindowBits,
      serverNoContextTakeover
    } = this._options;
    const params = offers.find((offer) => this.#isAcceptable(offer));

    if (params === undefined) {
      throw new Error('None of the extension offers can be accepted');
    }

    if (serverNoContextTakeover) params.server_no_context_takeover = true;
    if (clientNoContextTakeover) params.client_no_context_takeover = true;
    if (typeof serverMaxWindowBits === 'number') {
      params.server_max_window_bits = serverMaxWindowBits;
    }

    if (typeof clientMaxWindowBits === 'number') {
      params.client_max_window_bits = clientMaxWindowBits;
    } else if (
      clientMaxWindowBits === false ||
      params.client_max_window_bits === true
    ) {
      delete params.client_max_window_bits;
    }

    return params;
  }

  /**
   * Tells whether the options allow a server to accept an offer.
   *
   * @param {Object} offer The offer, with normalized parameters
   * @return {Boolean} `true` if it can be accepted, else `false`
   */
  #isAcceptable(offer) {
    const { clientMaxWindowBits, serverMaxWindowBits } = this._options;

    if (
      offer.server_no_context_takeover &&
      this._options.serverNoContextTakeover === false
    ) {
      return false;
    }

    if (offer.server_max_window_bits) {
      if (serverMaxWindowBits === false) return false;
      if (
        typeof serverMaxWindowBits === 'number' &&
        offer.server_max_window_bits < serverMaxWindowBits
      ) {
        return false;
      }
    }

    if (typeof clientMaxWindowBits !== 'number') return true;

    // The client must understand the parameter, and its limit, if it gives one,
    // must not be below ours.
    return typeof offer.client_max_window_bits === 'number'
      ? offer.client_max_window_bits >= clientMaxWindowBits
      : !!offer.client_max_window_bits;
  }

  /**
   * Checks what a server has accepted.
   *
   * @param {Object[]} response The response, with normalized parameters
   * @return {Object} The negotiated parameters
   * @throws {Error} If the server must not have given this response
   */
  acceptAsClient(response) {
    const { clientMaxWindowBits, clientNoContextTakeover } = this._options;
    const [params] = response;

    if (
      params.client_no_context_takeover &&
      clientNoContextTakeover === false
    ) {
      throw new Error('Unexpected parameter "client_no_context_takeover"');
    }

    const hasLimit = typeof clientMaxWindowBits === 'number';

    if (!params.client_max_window_bits) {
      if (hasLimit) params.client_max_window_bits = clientMaxWindowBits;
    } else if (
      clientMaxWindowBits === false ||
      (hasLimit && params.client_max_window_bits > clientMaxWindowBits)
    ) {
      throw new Error(
        'Unexpected or invalid parameter "client_max_window_bits"'
      );
    }

    return params;
  }

  /**
   * Puts values in place of the lists of strings that come from the header.
   *
   * @param {Object[]} configurations The offers or the response. The objects are
   *     changed
   * @return {Object[]} `configurations`
   * @throws {Error} If a parameter is unknown or is there more than once
   * @throws {TypeError} If a parameter has an invalid value
   */
  normalizeParams(configurations) {
    for (const params of configurations) {
      for (const [key, values] of Object.entries(params)) {
        if (values.length > 1) {
          throw new Error(`Parameter "${key}" must have only a single value`);
        }

        const read = paramReaders[key];
        if (read === undefined) throw new Error(`Unknown parameter "${key}"`);

        const [value] = values;
        const isHint =
          this._isServer && key === 'client_max_window_bits' && value === true;

        params[key] = isHint || read(key, value);
      }
    }

    return configurations;
  }

  /**
   * Gives the negotiated parameters and the compression options as the native
   * core takes them.
   *
   * @return {{
   *   serverNoContextTakeover: Boolean,
   *   clientNoContextTakeover: Boolean,
   *   serverMaxWindowBits: Number,
   *   clientMaxWindowBits: Number,
   *   level: (Number|undefined),
   *   memLevel: (Number|undefined),
   *   strategy: (Number|undefined),
   *   threshold: Number
   * }} The parameters; windows as base-2 logarithms of bytes (8 to 15), the
   *     threshold in bytes
   * @throws {Error} If nothing was negotiated yet
   */
  nativeParams() {
    if (this.params === null) {
      throw new Error('The extension parameters were not negotiated yet');
    }

    return {
      ...this.#settings,
      serverNoContextTakeover: !!this.params.server_no_context_takeover,
      clientNoContextTakeover: !!this.params.client_no_context_takeover,
      serverMaxWindowBits: this.#windowBits('server'),
      clientMaxWindowBits: this.#windowBits('client'),
      threshold: this._threshold
    };
  }

  /**
   * Frees what the streams use. Operations that are under way end with an error.
   */
  cleanup() {
    this.#inflater?.close();
    this.#deflater?.close();
  }

  /**
   * Decompresses a message or a fragment of one.
   *
   * @param {Buffer} data The compressed data
   * @param {Boolean} fin Whether this is the end of the message
   * @param {Function} callback Called with an error or `null`, and with the
   *     decompressed data
   */
  decompress(data, fin, callback) {
    this.#inflater ??= new Codec('inflate', () =>
      zlib.createInflateRaw({
        ...this._options.zlibInflateOptions,
        windowBits: this.#windowBits(this.#peerRole)
      })
    );

    this.#run(this.#inflater, {
      inputs: fin ? [data, TRAILER] : [data],
      maxLength: this._maxPayload,
      resets: fin && this.#forgets(this.#peerRole),
      callback
    });
  }

  /**
   * Compresses a message or a fragment of one.
   *
   * @param {(Buffer|String)} data The data
   * @param {Boolean} fin Whether this is the end of the message
   * @param {Function} callback Called with an error or `null`, and with the
   *     compressed data
   */
  compress(data, fin, callback) {
    this.#deflater ??= new Codec('deflate', () =>
      zlib.createDeflateRaw({
        ...this._options.zlibDeflateOptions,
        windowBits: this.#windowBits(this.#ownRole)
      })
    );

    this.#run(this.#deflater, {
      inputs: [data],
      maxLength: 0,
      resets: fin && this.#forgets(this.#ownRole),
      callback: (err, output) => {
        if (err) callback(err);
        else callback(null, fin ? output.subarray(0, -TRAILER.length) : output);
      }
    });
  }

  /**
   * Runs an operation as soon as the limiter lets it.
   *
   * @param {Codec} codec What to run it with
   * @param {Object} operation The operation
   */
  #run(codec, operation) {
    limiter.add((done) => {
      const { callback } = operation;

      try {
        codec.run({
          ...operation,
          callback(err, result) {
            done();
            callback(err, result);
          }
        });
      } catch (err) {
        done();
        throw err;
      }
    });
  }

  /**
   * Tells whether a side forgets each message after compressing it.
   *
   * @param {String} role The side
   * @return {Boolean} `true` if it does, else `false`
   */
  #forgets(role) {
    return !!this.params[`${role}_no_context_takeover`];
  }

  /**
   * Gives the negotiated window of a side's compressor.
   *
   * @param {String} role The side
   * @return {Number} The base-2 logarithm of its size in bytes
   */
  #windowBits(role) {
    const bits = this.params[`${role}_max_window_bits`];

    return typeof bits === 'number'
      ? bits
      : zlib.constants.Z_DEFAULT_WINDOWBITS;
  }
}

module.exports = PerMessageDeflate;
