/// <reference types="node" />

import { EventEmitter } from 'events';
import {
  Agent,
  ClientRequest,
  ClientRequestArgs,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server as HttpServer
} from 'http';
import { Server as HttpsServer } from 'https';
import { createConnection } from 'net';
import { Duplex, DuplexOptions, Writable } from 'stream';
import { ConnectionOptions, SecureContext, SecureContextOptions } from 'tls';
import { URL } from 'url';
import { ZlibOptions } from 'zlib';

/**
 * One end of a WebSocket connection: a client when it is constructed with an
 * address, the server's end when a `WebSocketServer` hands it over.
 *
 * The Node events are listed in `WebSocket.SocketEvents`, those of the browser
 * style listeners in `WebSocket.WebSocketEventMap`.
 */
declare class WebSocket extends EventEmitter {
  /** `readyState` before the handshake is through: 0. */
  static readonly CONNECTING: 0;
  /** `readyState` while messages can be sent: 1. */
  static readonly OPEN: 1;
  /** `readyState` from the start of the closing handshake: 2. */
  static readonly CLOSING: 2;
  /** `readyState` from just before the `'close'` event: 3. */
  static readonly CLOSED: 3;

  /** The same as `WebSocket.CONNECTING`: 0. */
  readonly CONNECTING: 0;
  /** The same as `WebSocket.OPEN`: 1. */
  readonly OPEN: 1;
  /** The same as `WebSocket.CLOSING`: 2. */
  readonly CLOSING: 2;
  /** The same as `WebSocket.CLOSED`: 3. */
  readonly CLOSED: 3;

  /**
   * How binary messages are handed over: `'nodebuffer'` (the default) as one
   * `Buffer`, `'arraybuffer'` as an `ArrayBuffer`, `'fragments'` as the list of
   * `Buffer`s that arrived, `'blob'` as a `Blob`. A change holds from the next
   * message on; an unknown value is ignored.
   *
   * `'blob'` is missing from the type that is read, and `Blob` from `RawData`
   * and `Data`, as they are in `@types/ws`: programs which never ask for it
   * need not handle it. Where it is set, annotate the listener:
   * `(data: Blob) => {}`.
   */
  get binaryType(): 'nodebuffer' | 'arraybuffer' | 'fragments';
  set binaryType(type: 'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob');

  /**
   * The number of bytes that were accepted for sending and have not been given
   * to the operating system. After the connection has started to close it also
   * counts what `send()`, `ping()` and `pong()` refused.
   */
  readonly bufferedAmount: number;

  /** The extensions in use: `'permessage-deflate'` or the empty string. */
  readonly extensions: string;

  /** Whether `pause()` is in force. */
  readonly isPaused: boolean;

  /** The subprotocol that the server chose, or the empty string. */
  readonly protocol: string;

  /** The state of the connection: one of the four constants of the class. */
  readonly readyState:
    | typeof WebSocket.CONNECTING
    | typeof WebSocket.OPEN
    | typeof WebSocket.CLOSING
    | typeof WebSocket.CLOSED;

  /**
   * The URL that a client connects to, the latest one after redirects. Not set
   * at a server's end.
   */
  readonly url: string;

  /** The one `'open'` listener that is set by assignment; `null` removes it. */
  onopen: ((event: WebSocket.Event) => void) | null;
  /**
   * The one `'error'` listener that is set by assignment; `null` removes it.
   */
  onerror: ((event: WebSocket.ErrorEvent) => void) | null;
  /**
   * The one `'close'` listener that is set by assignment; `null` removes it.
   */
  onclose: ((event: WebSocket.CloseEvent) => void) | null;
  /**
   * The one `'message'` listener that is set by assignment; `null` removes it.
   */
  onmessage: ((event: WebSocket.MessageEvent) => void) | null;

  /**
   * Makes the server's end of a connection, as a `WebSocketServer` does for the
   * class in its option `WebSocket`. Without a socket it stays `CONNECTING`.
   *
   * @param address `null`
   * @param protocols Nothing
   * @param options The options of the server
   */
  constructor(
    address: null,
    protocols?: undefined,
    options?: WebSocket.ServerOptions<any, any>
  );
  /**
   * Connects to a server without asking for a subprotocol, unless the option
   * `protocols` names some.
   *
   * @param address The URL: `ws:`, `wss:`, `http:`, `https:` or `ws+unix:`
   * @param options Options of this package and of `http.request()` or
   *     `https.request()`
   * @throws {SyntaxError} If the URL or a subprotocol is not valid
   * @throws {RangeError} If `protocolVersion` is neither 8 nor 13
   */
  constructor(
    address: string | URL,
    options?: WebSocket.ClientOptions | ClientRequestArgs
  );
  /**
   * Connects to a server. What fails later than the checks named here is
   * reported by the events `'error'` and `'close'`.
   *
   * @param address The URL: `ws:`, `wss:`, `http:`, `https:` or `ws+unix:`
   * @param protocols The subprotocols to ask for, the preferred one first;
   *     they take precedence over the option of that name
   * @param options Options of this package and of `http.request()` or
   *     `https.request()`
   * @throws {SyntaxError} If the URL or a subprotocol is not valid
   * @throws {RangeError} If `protocolVersion` is neither 8 nor 13
   */
  constructor(
    address: string | URL,
    protocols?: string | readonly string[],
    options?: WebSocket.ClientOptions | ClientRequestArgs
  );

  /**
   * Starts the closing handshake, or gives up a handshake that is under way.
   * Data that was sent before is delivered, data that still arrives is emitted.
   * Does nothing once the connection is closed.
   *
   * @param code 1000 to 1014 without 1004, 1005 and 1006, or 3000 to 4999;
   *     without it the close frame is empty and the other side sees 1005
   * @param data The reason, at most 123 bytes of UTF-8; ignored without a code
   * @throws {TypeError} If the code may not be sent or the reason is neither a
   *     string nor bytes
   * @throws {RangeError} If the reason is too long
   */
  close(code?: number, data?: string | Uint8Array): void;

  /**
   * Sends a ping. `ping(cb)` and `ping(data, cb)` are allowed too.
   *
   * @param data What `send()` takes, at most 125 bytes; empty by default
   * @param mask Whether to mask the frame; by default a client does and a
   *     server does not
   * @param cb Called when the frame was handed to the operating system, without
   *     an error then, or could not be
   * @throws {Error} If the connection is not open yet
   * @throws {RangeError} If the data is too long
   */
  ping(
    data?: any,
    mask?: boolean | ((err: Error) => void),
    cb?: (err: Error) => void
  ): void;

  /**
   * Sends a pong that no ping has asked for. Pings are answered by themselves
   * unless the option `autoPong` is off. `pong(cb)` and `pong(data, cb)` are
   * allowed too.
   *
   * @param data What `send()` takes, at most 125 bytes; empty by default
   * @param mask Whether to mask the frame; by default a client does and a
   *     server does not
   * @param cb Called when the frame was handed to the operating system, without
   *     an error then, or could not be
   * @throws {Error} If the connection is not open yet
   * @throws {RangeError} If the data is too long
   */
  pong(
    data?: any,
    mask?: boolean | ((err: Error) => void),
    cb?: (err: Error) => void
  ): void;

  /**
   * Sends a message. Strings and numbers go as text, everything else as binary.
   * After the connection has started to close nothing is sent, and the callback
   * gets an error.
   *
   * @param data The payload; its memory must not be changed before the callback
   * @param cb Called when the message was handed to the operating system,
   *     without an error then, or could not be
   * @throws {Error} If the connection is not open yet
   * @throws {TypeError} If no bytes can be made of the data
   */
  send(data: WebSocket.Sendable, cb?: (err?: Error) => void): void;
  /**
   * Sends a message, or one fragment of a message, with options.
   *
   * @param data The payload; its memory must not be changed before the callback
   * @param options How to send it
   * @param cb Called when the message was handed to the operating system,
   *     without an error then, or could not be
   * @throws {Error} If the connection is not open yet
   * @throws {TypeError} If no bytes can be made of the data
   */
  send(
    data: WebSocket.Sendable,
    options: WebSocket.SendOptions,
    cb?: (err?: Error) => void
  ): void;

  /**
   * Destroys the connection without a closing handshake: `'close'` follows with
   * the code 1006. Does nothing once the connection is closed.
   */
  terminate(): void;

  /**
   * Stops reading, so that the sender is slowed down in the end. Messages that
   * have been read already may still be emitted, and the end of the connection
   * goes unnoticed until `resume()`. Does nothing while the connection is not
   * open yet or is closed.
   */
  pause(): void;

  /**
   * Goes on reading after `pause()`. Does nothing while the connection is not
   * open yet or is closed.
   */
  resume(): void;

  /**
   * Adds a browser style listener. Adding the same one twice has no effect, and
   * other types than the four of the map are ignored.
   *
   * @param type The type of the event
   * @param listener A function, or an object with a method `handleEvent`
   * @param options Whether the listener is called only once
   */
  addEventListener<K extends keyof WebSocket.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: WebSocket.WebSocketEventMap[K]) => void)
      | { handleEvent(event: WebSocket.WebSocketEventMap[K]): void },
    options?: WebSocket.EventListenerOptions
  ): void;

  /**
   * Removes a listener that `addEventListener()` added.
   *
   * @param type The type of the event
   * @param listener The function or the object that was added
   */
  removeEventListener<K extends keyof WebSocket.WebSocketEventMap>(
    type: K,
    listener:
      | ((event: WebSocket.WebSocketEventMap[K]) => void)
      | { handleEvent(event: WebSocket.WebSocketEventMap[K]): void }
  ): void;

  /**
   * Adds a listener.
   *
   * @param event The name of the event
   * @param listener Called with the values that `SocketEvents` lists
   */
  on<K extends keyof WebSocket.SocketEvents>(
    event: K,
    listener: (this: WebSocket, ...args: WebSocket.SocketEvents[K]) => void
  ): this;
  on(
    event: string | symbol,
    listener: (this: WebSocket, ...args: any[]) => void
  ): this;

  /**
   * Adds a listener that is removed before its first call.
   *
   * @param event The name of the event
   * @param listener Called with the values that `SocketEvents` lists
   */
  once<K extends keyof WebSocket.SocketEvents>(
    event: K,
    listener: (this: WebSocket, ...args: WebSocket.SocketEvents[K]) => void
  ): this;
  once(
    event: string | symbol,
    listener: (this: WebSocket, ...args: any[]) => void
  ): this;

  /**
   * Removes a listener.
   *
   * @param event The name of the event
   * @param listener The function that was added
   */
  off<K extends keyof WebSocket.SocketEvents>(
    event: K,
    listener: (this: WebSocket, ...args: WebSocket.SocketEvents[K]) => void
  ): this;
  off(
    event: string | symbol,
    listener: (this: WebSocket, ...args: any[]) => void
  ): this;

  /**
   * The same as `on()`.
   *
   * @param event The name of the event
   * @param listener Called with the values that `SocketEvents` lists
   */
  addListener<K extends keyof WebSocket.SocketEvents>(
    event: K,
    listener: (this: WebSocket, ...args: WebSocket.SocketEvents[K]) => void
  ): this;
  addListener(event: string | symbol, listener: (...args: any[]) => void): this;

  /**
   * The same as `off()`.
   *
   * @param event The name of the event
   * @param listener The function that was added
   */
  removeListener<K extends keyof WebSocket.SocketEvents>(
    event: K,
    listener: (this: WebSocket, ...args: WebSocket.SocketEvents[K]) => void
  ): this;
  removeListener(
    event: string | symbol,
    listener: (...args: any[]) => void
  ): this;
}

// Inside the namespace the name `WebSocket` means the member of that name, so
// the class needs a second name there.
declare const SocketClass: typeof WebSocket;
type SocketClass = WebSocket;

declare namespace WebSocket {
  // ----- Data ---------------------------------------------------------------

  /**
   * What a `'message'` listener gets: always a `Buffer` for text, and for
   * binary messages what `binaryType` asks for.
   */
  type RawData = Buffer | ArrayBuffer | Buffer[];

  /** What `MessageEvent.data` holds: as `RawData`, but text as a string. */
  type Data = string | Buffer | ArrayBuffer | Buffer[];

  /**
   * What `send()` takes: strings and numbers (sent as text), typed arrays,
   * `DataView`s, `ArrayBuffer`s, `Blob`s, arrays of bytes, and whatever else
   * `Buffer.from()` understands (all sent as binary).
   */
  type Sendable =
    | string
    | number
    | ArrayBufferView
    | ArrayBuffer
    | SharedArrayBuffer
    | Blob
    | readonly any[]
    | { type: 'Buffer'; data: readonly number[] }
    | {
        valueOf():
          | string
          | ArrayBuffer
          | SharedArrayBuffer
          | Uint8Array
          | readonly number[];
      }
    | { [Symbol.toPrimitive](hint: string): string };

  /** How one message is sent. */
  interface SendOptions {
    /** Whether it is binary; by default all but strings and numbers are. */
    binary?: boolean | undefined;
    /**
     * Whether to compress it, true by default; without effect where
     * permessage-deflate was not negotiated.
     */
    compress?: boolean | undefined;
    /**
     * Whether this is the last fragment of the message, true by default. After
     * a fragment with `false` the next `send()` continues the message.
     */
    fin?: boolean | undefined;
    /** Whether to mask it; by default a client does and a server does not. */
    mask?: boolean | undefined;
  }

  /** A certificate or a key, or several. */
  type CertMeta = string | string[] | Buffer | Buffer[];

  // ----- Events of a WebSocket ----------------------------------------------

  /** The Node style events of a `WebSocket` and what their listeners get. */
  interface SocketEvents {
    /**
     * The connection is closed; always the last event. The code and the reason
     * are the other side's, 1005 if it gave none and 1006 if there was no close
     * frame at all.
     */
    close: [code: number, reason: Buffer];
    /** A message was not sent, because `maxBackpressure` did not allow it. */
    drop: [data: any, isBinary: boolean];
    /**
     * The handshake or the connection has failed; `'close'` follows. Protocol
     * errors carry a `code` that starts with `WS_ERR_`. Without a listener the
     * error is thrown.
     */
    error: [error: Error];
    /** A message has arrived; see `RawData`. */
    message: [data: RawData, isBinary: boolean];
    /** The handshake is through. */
    open: [];
    /** A ping has arrived, at most 125 bytes. */
    ping: [data: Buffer];
    /** A pong has arrived, at most 125 bytes. */
    pong: [data: Buffer];
    /**
     * A client follows a redirect to the URL; the request has not been sent
     * yet. While somebody listens, no header is dropped from it.
     */
    redirect: [url: string, request: ClientRequest];
    /**
     * The server did not answer with 101. Who listens must end the request or
     * the `WebSocket`; without a listener it fails with an error.
     */
    'unexpected-response': [request: ClientRequest, response: IncomingMessage];
    /** The server's 101 response has arrived and has not been checked yet. */
    upgrade: [response: IncomingMessage];
  }

  /** What every browser style listener gets. */
  interface Event {
    /** The type of the event, as in `addEventListener()`. */
    type: string;
    /** The `WebSocket` that emitted it. */
    target: WebSocket;
  }

  /** The event of an `'error'` listener. */
  interface ErrorEvent {
    /** The error itself. */
    error: any;
    /** The message of the error. */
    message: string;
    /** `'error'` */
    type: string;
    /** The `WebSocket` that emitted it. */
    target: WebSocket;
  }

  /** The event of a `'close'` listener. */
  interface CloseEvent {
    /** Whether a close frame went in both directions. */
    wasClean: boolean;
    /** The close code, 1005 if none was given, 1006 without a close frame. */
    code: number;
    /** The reason, or the empty string. */
    reason: string;
    /** `'close'` */
    type: string;
    /** The `WebSocket` that emitted it. */
    target: WebSocket;
  }

  /** The event of a `'message'` listener. */
  interface MessageEvent {
    /** The message: a string for text, else what `binaryType` asks for. */
    data: Data;
    /** `'message'` */
    type: string;
    /** The `WebSocket` that emitted it. */
    target: WebSocket;
  }

  /** The browser style events and what their listeners get. */
  interface WebSocketEventMap {
    /** The handshake is through. */
    open: Event;
    /** The handshake or the connection has failed. */
    error: ErrorEvent;
    /** The connection is closed. */
    close: CloseEvent;
    /** A message has arrived. */
    message: MessageEvent;
  }

  /** The options of `addEventListener()`. */
  interface EventListenerOptions {
    /** Whether to remove the listener before its first call; false. */
    once?: boolean | undefined;
  }

  // ----- Options ------------------------------------------------------------

  /** The options for zlib when it compresses. */
  interface DeflateOptions extends Omit<ZlibOptions, 'dictionary'> {
    /**
     * Bytes that the messages are likely to contain; the other side needs the
     * same ones. An array is in the type only for programs that were written
     * with it: zlib refuses it.
     */
    dictionary?: ZlibOptions['dictionary'] | Buffer[];
  }

  /** The options of permessage-deflate, for clients and servers. */
  interface PerMessageDeflateOptions {
    /**
     * Whether the server starts every message with an empty window. `false`
     * refuses a peer that asks for it.
     */
    serverNoContextTakeover?: boolean | undefined;
    /**
     * Whether the client starts every message with an empty window. `false`
     * refuses a peer that asks for it.
     */
    clientNoContextTakeover?: boolean | undefined;
    /**
     * The size of the server's window, 8 to 15, as a power of two in bytes.
     * `false` refuses a client that asks for a limit.
     */
    serverMaxWindowBits?: number | false | undefined;
    /**
     * The size of the client's window, 8 to 15, as a power of two in bytes. A
     * client offers to accept a limit by default, or with `true`, and with
     * `false` does not.
     */
    clientMaxWindowBits?: number | boolean | undefined;
    /** Options for zlib when it compresses; `windowBits` is overridden. */
    zlibDeflateOptions?: DeflateOptions | undefined;
    /** Options for zlib when it decompresses; `windowBits` is overridden. */
    zlibInflateOptions?: ZlibOptions | undefined;
    /**
     * The size in bytes below which a message is not compressed, 1024 by
     * default. It counts only where the sender's context takeover is off.
     */
    threshold?: number | undefined;
    /**
     * How many calls to zlib may run at a time, 10 by default. One limit for
     * the whole process, set by the first connection that uses it.
     */
    concurrencyLimit?: number | undefined;
  }

  /**
   * Changes a request of the client's handshake before it is sent, and then
   * has to call `request.end()`. Called again for each redirect.
   */
  type FinishRequestCallback = (
    request: ClientRequest,
    websocket: WebSocket
  ) => void;

  /**
   * The options of a client. Besides those listed here the constructor takes
   * every option of `http.request()` and `https.request()`, except that the
   * host, the port, the path and the method always follow from the URL, and
   * `timeout` from `handshakeTimeout`.
   */
  interface ClientOptions
    extends
      SecureContextOptions,
      Pick<
        ClientRequestArgs,
        'auth' | 'defaultPort' | 'localPort' | 'lookup' | 'setHost' | 'signal'
      >,
      Pick<
        ConnectionOptions,
        'ALPNProtocols' | 'minDHSize' | 'pskCallback' | 'servername' | 'session'
      > {
    /** The agent that makes the connection; the global one by default. */
    agent?: Agent | undefined;
    /**
     * Whether several messages that arrive together may be emitted in the same
     * turn of the event loop; true. `false` lets promise callbacks run between
     * them, at the price of speed.
     */
    allowSynchronousEvents?: boolean | undefined;
    /** Whether a peer that is silent is sent a ping, with `idleTimeout`; true. */
    autoPing?: boolean | undefined;
    /** Whether pings are answered; true. */
    autoPong?: boolean | undefined;
    /**
     * What `send()` does above `maxBackpressure`: 'terminate' the connection, or
     * 'drop' the message; 'terminate'.
     */
    backpressurePolicy?: 'terminate' | 'drop' | undefined;
    /**
     * Checks the name of the server's certificate, a `tls.PeerCertificate`, and
     * returns an error to refuse it.
     */
    checkServerIdentity?(
      servername: string,
      cert: any
    ): boolean | Error | undefined;
    /**
     * How long `close()` waits for the closing handshake before the connection
     * is destroyed, in milliseconds; 30000.
     */
    closeTimeout?: number | undefined;
    /** Makes the connection in place of `net.connect()` or `tls.connect()`. */
    createConnection?:
      typeof createConnection | ClientRequestArgs['createConnection'];
    /** The IP version to use for a host name, 4 or 6; both by default. */
    family?: number | undefined;
    /** Changes and ends the requests of the handshake. */
    finishRequest?: FinishRequestCallback | undefined;
    /** Whether to follow redirects; false. */
    followRedirects?: boolean | undefined;
    /**
     * Writes the masking key of a frame, 4 bytes, into the buffer. By default
     * it comes from a cryptographic random generator.
     */
    generateMask?(mask: Buffer): void;
    /**
     * How long the handshake may take, in milliseconds, started again by each
     * redirect; without a limit by default.
     */
    handshakeTimeout?: number | undefined;
    /** More headers for the request. */
    headers?: { [key: string]: string } | undefined;
    /** Without effect: the URL names the host. */
    host?: string | undefined;
    /**
     * How long the peer may be silent before the connection is terminated, in
     * milliseconds; 0 for any time.
     */
    idleTimeout?: number | undefined;
    /**
     * Whether the connection is served by the native I/O thread where that is
     * possible; true. With `false` the protocol runs on the JavaScript thread.
     */
    ioThread?: boolean | undefined;
    /**
     * Whether TLS is done on the native I/O thread, too, for `wss:` and where
     * that is possible; false.
     */
    native?: boolean | undefined;
    /** The local address to connect from. */
    localAddress?: string | undefined;
    /**
     * Up to how many bytes `bufferedAmount` may grow by `send()`; 0 for any
     * number.
     */
    maxBackpressure?: number | undefined;
    /**
     * How many pieces of received data may wait for the rest of their frame;
     * 262144, 0 for no limit. More close the connection with 1008.
     */
    maxBufferedChunks?: number | undefined;
    /**
     * How many fragments a message may have; 16384, 0 for no limit. More close
     * the connection with 1008.
     */
    maxFragments?: number | undefined;
    /**
     * How long a received message may be, in bytes after decompression;
     * 104857600 (100 MiB), 0 for no limit. More close the connection with 1009.
     */
    maxPayload?: number | undefined;
    /**
     * How many automatic pongs may wait to be written; 60, 0 for no limit. One
     * more ping then terminates the connection.
     */
    maxPendingAutoPongs?: number | undefined;
    /** How many redirects to follow before the handshake fails; 10. */
    maxRedirects?: number | undefined;
    /** The header `Origin`, or `Sec-WebSocket-Origin` in version 8. */
    origin?: string | undefined;
    /** Whether and how to offer compression; true. */
    perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
    /** Without effect: the URL names the protocol. */
    protocol?: string | undefined;
    /**
     * The subprotocols to ask for, used where the constructor was called
     * without any.
     */
    protocols?: string | readonly string[] | undefined;
    /** The version of the protocol, 8 or 13; 13. */
    protocolVersion?: number | undefined;
    /** Whether to refuse a certificate that cannot be verified; true. */
    rejectUnauthorized?: boolean | undefined;
    /**
     * Whether to leave out the UTF-8 check of received text; false. Only for
     * peers that are trusted to send valid text.
     */
    skipUTF8Validation?: boolean | undefined;
  }

  /** What is known of a handshake that is to be accepted or refused. */
  interface VerifyClientInfo<
    Request extends IncomingMessage = IncomingMessage
  > {
    /**
     * The header `Origin`, or `Sec-WebSocket-Origin` in version 8; not set if
     * the request has none.
     */
    origin: string;
    /** Whether the request came over TLS. */
    secure: boolean;
    /** The request. */
    req: Request;
  }

  /**
   * What an asynchronous decision is given to, once: `true` accepts the
   * handshake. `false` refuses it with the status code (401), the body (the
   * text of the status) and more headers.
   */
  type VerifyClientDone = (
    res: boolean,
    code?: number,
    message?: string,
    headers?: OutgoingHttpHeaders
  ) => void;

  /** Decides about a handshake at once: `false` refuses it with 401. */
  type VerifyClientCallbackSync<
    Request extends IncomingMessage = IncomingMessage
  > = (info: VerifyClientInfo<Request>) => boolean;

  /** Decides about a handshake when it calls back, whatever it returns. */
  type VerifyClientCallbackAsync<
    Request extends IncomingMessage = IncomingMessage
  > = (info: VerifyClientInfo<Request>, callback: VerifyClientDone) => void;

  /**
   * How a native listener does TLS. Options that are not named are refused.
   */
  type ServerTlsOptions = Pick<
    SecureContextOptions,
    | 'ca'
    | 'cert'
    | 'ciphers'
    | 'crl'
    | 'dhparam'
    | 'ecdhCurve'
    | 'honorCipherOrder'
    | 'key'
    | 'maxVersion'
    | 'minVersion'
    | 'passphrase'
    | 'pfx'
    | 'secureOptions'
    | 'secureProtocol'
    | 'sessionIdContext'
    | 'sessionTimeout'
    | 'sigalgs'
    | 'ticketKeys'
  > & {
    /** The protocols for ALPN; `['http/1.1']`. */
    ALPNProtocols?: string[] | Uint8Array | undefined;
    /** Whether chains may end with a certificate of `ca` that is no root. */
    allowPartialTrustChain?: boolean | undefined;
    /** How long the handshake of TLS may take, in milliseconds; 10000. */
    handshakeTimeout?: number | undefined;
    /** Whether clients without a good certificate are refused; true. */
    rejectUnauthorized?: boolean | undefined;
    /** Whether clients are asked for a certificate; false. */
    requestCert?: boolean | undefined;
  };

  /**
   * The options of a server. Exactly one of `port`, `server` and `noServer` is
   * needed.
   */
  interface ServerOptions<
    U extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    V extends typeof IncomingMessage = typeof IncomingMessage
  > {
    /**
     * Whether several messages that arrive together may be emitted in the same
     * turn of the event loop; true. `false` lets promise callbacks run between
     * them, at the price of speed.
     */
    allowSynchronousEvents?: boolean | undefined;
    /** Whether a peer that is silent is sent a ping, with `idleTimeout`; true. */
    autoPing?: boolean | undefined;
    /** Whether pings are answered; true. */
    autoPong?: boolean | undefined;
    /** How many connections may wait to be accepted, with `port`; 511. */
    backlog?: number | undefined;
    /**
     * What `send()` does above `maxBackpressure`: 'terminate' the connection, or
     * 'drop' the message; 'terminate'.
     */
    backpressurePolicy?: 'terminate' | 'drop' | undefined;
    /** Whether to keep the set `clients`; true. */
    clientTracking?: boolean | undefined;
    /**
     * How long `close()` of a connection waits for the closing handshake before
     * the connection is destroyed, in milliseconds; 30000.
     */
    closeTimeout?: number | undefined;
    /**
     * Chooses one of the subprotocols that the client asked for, or none by
     * `false`. By default the first one is taken.
     */
    handleProtocols?: (
      protocols: Set<string>,
      request: InstanceType<V>
    ) => string | false;
    /**
     * How long a connection to a native listener may take to ask for an
     * upgrade, in milliseconds; 10000.
     */
    handshakeTimeout?: number | undefined;
    /** The host name or address to listen on, with `port`; all of them. */
    host?: string | undefined;
    /**
     * How long the peer may be silent before the connection is terminated, in
     * milliseconds; 0 for any time.
     */
    idleTimeout?: number | undefined;
    /**
     * Whether connections are served by the native I/O thread where that is
     * possible; true. With `false` the protocol runs on the JavaScript thread.
     */
    ioThread?: boolean | undefined;
    /**
     * How many I/O threads share the connections, from 1 (the default) to the
     * number of processors.
     */
    ioThreads?: number | undefined;
    /**
     * Up to how many bytes `bufferedAmount` may grow by `send()`; 0 for any
     * number.
     */
    maxBackpressure?: number | undefined;
    /**
     * How many pieces of received data may wait for the rest of their frame;
     * 262144, 0 for no limit. More close the connection with 1008.
     */
    maxBufferedChunks?: number | undefined;
    /**
     * How many fragments a message may have; 16384, 0 for no limit. More close
     * the connection with 1008.
     */
    maxFragments?: number | undefined;
    /**
     * How many connections to a native listener may be about to ask for an
     * upgrade; 16384. One more makes the oldest of them go.
     */
    maxHandshakes?: number | undefined;
    /**
     * How long the head of a request to a native listener may be, in bytes;
     * `http.maxHeaderSize`.
     */
    maxHeaderSize?: number | undefined;
    /**
     * How long a received message may be, in bytes after decompression;
     * 104857600 (100 MiB), 0 for no limit. More close the connection with 1009.
     */
    maxPayload?: number | undefined;
    /**
     * How many automatic pongs may wait to be written; 60, 0 for no limit. One
     * more ping then terminates the connection.
     */
    maxPendingAutoPongs?: number | undefined;
    /**
     * Whether the native I/O thread accepts the connections and reads the
     * requests, with `port`; false.
     */
    native?: boolean | undefined;
    /**
     * Whether the program calls `handleUpgrade()` itself and the server listens
     * nowhere; false.
     */
    noServer?: boolean | undefined;
    /** The only path to accept, compared without the query; all of them. */
    path?: string | undefined;
    /** Whether and how to accept compression; false. */
    perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
    /** The port to listen on with an HTTP server of its own; 0 picks one. */
    port?: number | undefined;
    /**
     * Whether several native listeners may share a port; false.
     */
    reusePort?: boolean | undefined;
    /** The HTTP or HTTPS server whose upgrade requests to take. */
    server?: HttpServer<V> | HttpsServer<V> | undefined;
    /**
     * Whether to leave out the UTF-8 check of received text; false. Only for
     * peers that are trusted to send valid text.
     */
    skipUTF8Validation?: boolean | undefined;
    /**
     * Has the native I/O thread listen and do TLS, with `port`.
     */
    tls?: ServerTlsOptions | undefined;
    /**
     * Accepts or refuses handshakes: a `VerifyClientCallbackAsync` if it has
     * two parameters, else a `VerifyClientCallbackSync`.
     */
    // The second parameter of the latter is there so that TypeScript can tell
    // the types of the parameters of a function that is written in place.
    verifyClient?:
      | VerifyClientCallbackAsync<InstanceType<V>>
      | ((
          info: VerifyClientInfo<InstanceType<V>>,
          callback: VerifyClientDone
        ) => boolean)
      | undefined;
    /** The class of the connections: `WebSocket`, or one that extends it. */
    WebSocket?: U | undefined;
  }

  // ----- Server -------------------------------------------------------------

  /** Where a server listens. */
  interface AddressInfo {
    /** The IP address. */
    address: string;
    /** `'IPv4'` or `'IPv6'` */
    family: string;
    /** The port number. */
    port: number;
  }

  /**
   * The options that a server keeps. The compression reads as narrowly as it
   * does in `@types/ws`, so that a server fits where one of `ws` is expected.
   */
  type KeptServerOptions<
    U extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    V extends typeof IncomingMessage = typeof IncomingMessage
  > = ServerOptions<U, V> & {
    perMessageDeflate?:
      | boolean
      | {
          serverMaxWindowBits?: number | undefined;
          clientMaxWindowBits?: number | undefined;
          zlibDeflateOptions?:
            { dictionary?: Buffer | DataView | undefined } | undefined;
        }
      | undefined;
  };

  /** The events of a `WebSocketServer` and what their listeners get. */
  interface ServerEvents<
    T extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    U extends typeof IncomingMessage = typeof IncomingMessage
  > {
    /** The server is closed. */
    close: [];
    /** A client has connected; its `WebSocket` is open. */
    connection: [
      websocket: InstanceType<T> & Subscriber,
      request: InstanceType<U>
    ];
    /** The HTTP server has failed, for example to listen. */
    error: [error: Error];
    /**
     * The 101 response is about to be written. The first line is the status
     * line; lines that are added to the array are sent with it.
     */
    headers: [headers: string[], request: InstanceType<U>];
    /** The HTTP server listens. */
    listening: [];
    /**
     * A handshake was not valid. Nothing is answered while somebody listens,
     * who has to answer and to end the socket.
     */
    wsClientError: [error: Error, socket: Duplex, request: InstanceType<U>];
  }

  /**
   * A WebSocket server: with a port of its own, beside the other requests of an
   * HTTP or HTTPS server, or with neither for programs that call
   * `handleUpgrade()` themselves. Also known as `WebSocketServer`.
   */
  class Server<
    T extends typeof WebSocket.WebSocket = typeof WebSocket.WebSocket,
    U extends typeof IncomingMessage = typeof IncomingMessage
  > extends EventEmitter {
    /**
     * The options with their defaults. They are read again for every handshake,
     * so that changes hold from the next one on.
     */
    options: KeptServerOptions<T, U>;

    /**
     * @deprecated Not set at run time: `options.path` is. Only the name is kept
     *     for programs that mention it.
     */
    path: string;

    /** The open connections; not set if the option `clientTracking` is off. */
    clients: Set<InstanceType<T> & Subscriber>;

    /**
     * Makes a server, and lets it listen if there is a `port`.
     *
     * @param options One of `port`, `server` and `noServer`, and the rest
     * @param callback Called when the server listens on its `port`
     * @throws {TypeError} Unless exactly one of the three is given
     */
    constructor(options?: ServerOptions<T, U>, callback?: () => void);

    /**
     * Tells where the HTTP server listens: a string for a pipe or a Unix domain
     * socket, `null` if it does not listen.
     *
     * @throws {Error} With the option `noServer`
     */
    address(): AddressInfo | string | null;

    /**
     * Publishes a message to all subscribers of a topic.
     *
     * @param topic The topic
     * @param data The message
     * @param options How to send it, or whether it is binary
     * @param compress As the option of that name, if `options` is a boolean
     * @returns Whether there are any
     */
    publish(
      topic: string,
      data: Publishable,
      options?: PublishOptions | boolean,
      compress?: boolean
    ): boolean;

    /**
     * Counts the subscribers of a topic.
     *
     * @param topic The topic
     */
    numSubscribers(topic: string): number;

    /**
     * Counts the connections of this server, and the errors of them.
     */
    metrics(): ServerMetrics;

    /**
     * Stops accepting connections. Open connections stay open; the server is
     * closed, and emits `'close'`, when the last of them is, or at once where
     * they are not known: without `port` and without `clientTracking`. An HTTP
     * server that was made for `port` is closed too, one that was given is not.
     *
     * @param cb Called with `'close'`, with an error if the server had been
     *     closed before
     */
    close(cb?: (err?: Error) => void): void;

    /**
     * Does the handshake for an upgrade request. A request that is not
     * acceptable is answered and its socket is ended, and the callback is not
     * called.
     *
     * @param request The request
     * @param socket Its socket, which belongs to the server from now on
     * @param upgradeHead What was read after the request
     * @param callback Called with the open `WebSocket` and the request
     * @throws {Error} If the socket was given to a server before
     */
    handleUpgrade(
      request: InstanceType<U>,
      socket: Duplex,
      upgradeHead: Buffer,
      callback: (client: InstanceType<T>, request: InstanceType<U>) => void
    ): void;

    /**
     * Tells whether a request is for this server: by default whether its path
     * is the one in the options. Made to be overridden; the result is not
     * awaited, so that a promise accepts every request.
     *
     * @param request The request
     */
    shouldHandle(request: InstanceType<U>): boolean | Promise<boolean>;

    /**
     * Has connections that come from now on see other certificates.
     *
     * @param options The certificates, their keys, and how TLS is done
     * @throws If they are wrong, or the server does no TLS
     */
    setSecureContext(options: SecureContextOptions): void;

    /**
     * Has those who ask for a certain host name see other certificates.
     *
     * @param hostname The name; `*` stands for a label or a part of it
     * @param context The certificates and their keys
     * @throws If that cannot be, or the server does no TLS
     */
    addContext(
      hostname: string,
      context: SecureContext | SecureContextOptions
    ): void;

    /**
     * Adds a listener.
     *
     * @param event The name of the event
     * @param listener Called with the values that `ServerEvents` lists
     */
    on<K extends keyof ServerEvents>(
      event: K,
      listener: (this: Server<T>, ...args: ServerEvents<T, U>[K]) => void
    ): this;
    on(
      event: string | symbol,
      listener: (this: Server<T>, ...args: any[]) => void
    ): this;

    /**
     * Adds a listener that is removed before its first call.
     *
     * @param event The name of the event
     * @param listener Called with the values that `ServerEvents` lists
     */
    once<K extends keyof ServerEvents>(
      event: K,
      listener: (this: Server<T>, ...args: ServerEvents<T, U>[K]) => void
    ): this;
    once(
      event: string | symbol,
      listener: (this: Server<T>, ...args: any[]) => void
    ): this;

    /**
     * Removes a listener.
     *
     * @param event The name of the event
     * @param listener The function that was added
     */
    off<K extends keyof ServerEvents>(
      event: K,
      listener: (this: Server<T>, ...args: ServerEvents<T, U>[K]) => void
    ): this;
    off(
      event: string | symbol,
      listener: (this: Server<T>, ...args: any[]) => void
    ): this;

    /**
     * The same as `on()`.
     *
     * @param event The name of the event
     * @param listener Called with the values that `ServerEvents` lists
     */
    addListener<K extends keyof ServerEvents>(
      event: K,
      listener: (this: Server<T>, ...args: ServerEvents<T, U>[K]) => void
    ): this;
    addListener(
      event: string | symbol,
      listener: (...args: any[]) => void
    ): this;

    /**
     * The same as `off()`.
     *
     * @param event The name of the event
     * @param listener The function that was added
     */
    removeListener<K extends keyof ServerEvents>(
      event: K,
      listener: (this: Server<T>, ...args: ServerEvents<T, U>[K]) => void
    ): this;
    removeListener(
      event: string | symbol,
      listener: (...args: any[]) => void
    ): this;
  }

  /** The class `Server` under its usual name. */
  const WebSocketServer: typeof Server;
  /** A `Server` of the default classes. */
  interface WebSocketServer extends Server {}

  /** The class itself, for imports by name. */
  const WebSocket: typeof SocketClass;
  /** One end of a WebSocket connection. */
  interface WebSocket extends SocketClass {}

  // ----- Topics -------------------------------------------------------------

  /** What can be published: what `send()` takes, but for a `Blob`. */
  type Publishable =
    string | number | ArrayBufferLike | ArrayBufferView | readonly number[];

  /**
   * What connections of a server can do besides: they are subscribed to topics
   * of the server. Not a part of `WebSocket`, so that this type and that of
   * `@types/ws` can stand for each other; of another connection these methods
   * throw.
   */
  interface Subscriber {
    /**
     * Subscribes to a topic of the server.
     *
     * @param topic The topic: any string, compared as it is
     * @returns `false` if the connection is not open
     */
    subscribe(topic: string): boolean;

    /**
     * Ends a subscription.
     *
     * @param topic The topic
     * @returns Whether there was one
     */
    unsubscribe(topic: string): boolean;

    /**
     * Tells whether the connection is subscribed to a topic.
     *
     * @param topic The topic
     */
    isSubscribed(topic: string): boolean;

    /** The topics that the connection is subscribed to, the oldest one first. */
    getTopics(): string[];

    /**
     * Publishes a message to all subscribers of a topic but this connection.
     *
     * @param topic The topic
     * @param data The message, as for `publish()` of the server
     * @param options How to send it, or whether it is binary
     * @param compress As the option of that name, if `options` is a boolean
     * @returns Whether there are any
     */
    publish(
      topic: string,
      data: Publishable,
      options?: PublishOptions | boolean,
      compress?: boolean
    ): boolean;
  }

  /** How a message is published. */
  interface PublishOptions {
    /** Whether it is binary; by default a string is not. */
    binary?: boolean | undefined;
    /** Whether to compress it where that was negotiated; true. */
    compress?: boolean | undefined;
    /**
     * Subscribers for whom more bytes wait already do not get it; 16 MiB. 0
     * leaves nobody out.
     */
    maxBackpressure?: number | undefined;
  }

  // ----- Observation --------------------------------------------------------

  /** Connections of one role. */
  interface ConnectionMetrics {
    /** Those that are open: native and inline ones. */
    open: number;
    /** Open ones on the I/O thread. */
    native: number;
    /** Open ones on JavaScript's thread. */
    inline: number;
    /** How many there have been. */
    opened: number;
    /** How many of them are closed. */
    closed: number;
  }

  /** What a server has seen. */
  interface ServerMetrics {
    /** Its connections. */
    connections: ConnectionMetrics;
    /** How often there was which error, by its `code`. */
    errors: { [code: string]: number };
  }

  /** What all connections of an environment do and did. */
  interface Metrics {
    /** Connections by the end that is here. */
    connections: { server: ConnectionMetrics; client: ConnectionMetrics };
    /** Messages received, and the bytes of their payloads, decompressed. */
    received: { messages: number; bytes: number };
    /** Messages sent, and the bytes of their payloads, before compression. */
    sent: {
      messages: number;
      bytes: number;
      /** Published messages that slow subscribers did not get. */
      skipped: number;
    };
    /** Bytes that were sent and are not with the operating system yet. */
    pendingBytes: number;
    /** Batches that the I/O thread has handed over, and events in them. */
    batches: { count: number; events: number };
    /** How long batches were ready before JavaScript took them, in ms. */
    lag: {
      last: number;
      max: number;
      mean: number;
      /** Batches that waited `le` milliseconds or less. */
      buckets: { le: number; count: number }[];
    };
    /** How often there was which error, by its `code`. */
    errors: { [code: string]: number };
  }

  /**
   * Takes a picture of what the connections of this environment (the main
   * thread or a worker) do and did.
   */
  function metrics(): Metrics;

  /** What subscribers of `beastws.connection.open` get. */
  interface OpenMessage {
    /** The connection. */
    websocket: SocketClass;
    /** Which end of it is here. */
    role: 'server' | 'client';
    /** The request of its handshake, unless somebody else did that. */
    request: IncomingMessage | ClientRequest | undefined;
  }

  /** What subscribers of `beastws.connection.close` get. */
  interface CloseMessage {
    /** The connection. */
    websocket: SocketClass;
    /** Which end of it is here. */
    role: 'server' | 'client';
    /** The code, as the event `'close'` has it. */
    code: number;
    /** The reason. */
    reason: Buffer;
  }

  /** What subscribers of `beastws.connection.error` get. */
  interface ErrorMessage {
    /** The connection, or a client that could not connect. */
    websocket: SocketClass;
    /** Which end of it is here. */
    role: 'server' | 'client';
    /** What is wrong. */
    error: Error;
  }

  // ----- Stream -------------------------------------------------------------

  /**
   * Wraps a `WebSocket` in a duplex stream: each write is one message, each
   * message is one chunk, and backpressure goes both ways.
   *
   * @param websocket A `WebSocket`, which may still be connecting
   * @param options Options of the stream; `autoDestroy`, `emitClose`,
   *     `objectMode` and `writableObjectMode` are always off.
   *     `readableObjectMode` makes text messages strings
   */
  function createWebSocketStream(
    websocket: SocketClass,
    options?: DuplexOptions
  ): Duplex;

  // ----- Parts of the protocol ----------------------------------------------

  /** The extensions of a connection by their names. */
  interface Extensions {
    /** The compression in use. */
    'permessage-deflate'?: PerMessageDeflate | undefined;
  }

  /** The parameters of one offer of an extension, as they are parsed. */
  interface ExtensionParams {
    /** All values of one parameter; `true` stands for no value. */
    [name: string]: (string | true)[];
  }

  /** Reads and writes the header `Sec-WebSocket-Extensions`. */
  const extension: {
    /**
     * Parses the header.
     *
     * @param header The value of the header
     * @returns The parameters of all offers by the name of the extension
     * @throws {SyntaxError} If the header is not valid
     */
    parse(header: string): { [name: string]: ExtensionParams[] };
    /**
     * Makes the header.
     *
     * @param extensions The parameters, of one or several offers, by the name
     *     of the extension
     */
    format(extensions: {
      readonly [name: string]: object | readonly object[];
    }): string;
  };

  /** Reads the header `Sec-WebSocket-Protocol`. */
  const subprotocol: {
    /**
     * Parses the header.
     *
     * @param header The value of the header
     * @returns The names in their order
     * @throws {SyntaxError} If the header is not valid or names one twice
     */
    parse(header: string): Set<string>;
  };

  /** The parameters of permessage-deflate that two peers agreed on. */
  interface PerMessageDeflateParams {
    /** Whether the server starts every message with an empty window. */
    server_no_context_takeover?: true | undefined;
    /** Whether the client starts every message with an empty window. */
    client_no_context_takeover?: true | undefined;
    /** The size of the server's window, 8 to 15, as a power of two in bytes. */
    server_max_window_bits?: number | undefined;
    /**
     * The size of the client's window, 8 to 15, as a power of two in bytes;
     * in an offer `true` accepts any.
     */
    client_max_window_bits?: number | true | undefined;
  }

  /** permessage-deflate: its negotiation and its compression. */
  class PerMessageDeflate {
    /** `'permessage-deflate'` */
    static readonly extensionName: 'permessage-deflate';

    /** What was agreed on; `null` before `accept()`. */
    params: PerMessageDeflateParams | null;

    /**
     * @param options The options; `isServer` (false) is the side, `maxPayload`
     *     (0, no limit) the longest decompressed message in bytes
     */
    constructor(
      options?: PerMessageDeflateOptions & {
        isServer?: boolean | undefined;
        maxPayload?: number | undefined;
      }
    );

    /** Makes the parameters of a client's offer. */
    offer(): PerMessageDeflateParams;

    /**
     * Takes the first acceptable offer of a client, or a server's answer.
     *
     * @param configurations The parsed offers or the parsed answer
     * @returns What was agreed on
     * @throws {Error} If nothing is acceptable
     */
    accept(configurations: ExtensionParams[]): PerMessageDeflateParams;

    /** Gives back the memory. What is under way fails. */
    cleanup(): void;

    /**
     * Compresses a fragment.
     *
     * @param data The fragment
     * @param fin Whether it is the last one of its message
     * @param callback Called with the result
     */
    compress(
      data: string | Buffer,
      fin: boolean,
      callback: (err: Error | null, result: Buffer) => void
    ): void;

    /**
     * Decompresses a fragment.
     *
     * @param data The compressed fragment
     * @param fin Whether it is the last one of its message
     * @param callback Called with the result or with what is wrong with it
     */
    decompress(
      data: Buffer,
      fin: boolean,
      callback: (err: Error | null, result?: Buffer) => void
    ): void;
  }

  /** The options of a `Receiver`. */
  interface ReceiverOptions {
    /** Whether several messages may be emitted in the same turn; true. */
    allowSynchronousEvents?: boolean | undefined;
    /** How binary messages are handed over; `'nodebuffer'`. */
    binaryType?:
      'nodebuffer' | 'arraybuffer' | 'fragments' | 'blob' | undefined;
    /** The extensions that were negotiated; none. */
    extensions?: Extensions | undefined;
    /** Whether the frames come from a client and are masked; false. */
    isServer?: boolean | undefined;
    /** How many pieces may wait for the rest of their frame; 0, no limit. */
    maxBufferedChunks?: number | undefined;
    /** How many fragments a message may have; 0, no limit. */
    maxFragments?: number | undefined;
    /** How long a message may be, in bytes; 0, no limit. */
    maxPayload?: number | undefined;
    /** Whether to leave out the UTF-8 check of text; false. */
    skipUTF8Validation?: boolean | undefined;
  }

  /** The events of a `Receiver`, besides those of a stream. */
  interface ReceiverEvents {
    /** A close frame: its code, 1005 if it is empty, and its reason. */
    conclude: [code: number, reason: Buffer];
    /** What was written breaks the protocol. */
    error: [error: Error];
    /** A message is complete. */
    message: [data: RawData, isBinary: boolean];
    /** A ping frame. */
    ping: [data: Buffer];
    /** A pong frame. */
    pong: [data: Buffer];
  }

  /** A writable stream that takes a peer's bytes and emits what they say. */
  class Receiver extends Writable {
    /**
     * @param options The limits and what was negotiated
     */
    constructor(options?: ReceiverOptions);

    /**
     * Adds a listener.
     *
     * @param event The name of the event
     * @param listener Called with the values that `ReceiverEvents` lists
     */
    on<K extends keyof ReceiverEvents>(
      event: K,
      listener: (...args: ReceiverEvents[K]) => void
    ): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;

    /**
     * Adds a listener that is removed before its first call.
     *
     * @param event The name of the event
     * @param listener Called with the values that `ReceiverEvents` lists
     */
    once<K extends keyof ReceiverEvents>(
      event: K,
      listener: (...args: ReceiverEvents[K]) => void
    ): this;
    once(event: string | symbol, listener: (...args: any[]) => void): this;
  }

  /** What `Sender.frame()` has to know about a frame. */
  interface FrameOptions {
    /** 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
    opcode: number;
    /** Whether it is the last one of its message; false. */
    fin?: boolean | undefined;
    /** Whether to mask it; false. */
    mask?: boolean | undefined;
    /** Whether it is the first one of a compressed message; false. */
    rsv1?: boolean | undefined;
    /** Whether the payload must not be masked in place; false. */
    readOnly?: boolean | undefined;
    /** Writes the masking key; random by default. */
    generateMask?: ((mask: Buffer) => void) | undefined;
    /** Four bytes of memory for the masking key. */
    maskBuffer?: Buffer | undefined;
  }

  /** Frames what is sent and writes it to a stream. */
  class Sender {
    /**
     * Makes a frame.
     *
     * @param data The payload
     * @param options The fields of the header
     * @returns The pieces to write, in this order
     */
    static frame(
      data: string | Buffer,
      options: FrameOptions
    ): (string | Buffer)[];

    /**
     * @param socket The stream to write to
     * @param extensions The extensions that were negotiated; none
     * @param generateMask Writes the masking key; random by default
     */
    constructor(
      socket: Duplex,
      extensions?: Extensions,
      generateMask?: (mask: Buffer) => void
    );

    /**
     * Sends a close frame.
     *
     * @param code The code; without it the frame is empty
     * @param data The reason, at most 123 bytes
     * @param mask Whether to mask it; false
     * @param cb Called when it is written
     * @throws {TypeError} If the code may not be sent or the reason is neither
     *     a string nor bytes
     * @throws {RangeError} If the reason is too long
     */
    close(
      code?: number,
      data?: string | Uint8Array,
      mask?: boolean,
      cb?: (err?: Error | null) => void
    ): void;

    /**
     * Sends a ping frame.
     *
     * @param data The payload, at most 125 bytes
     * @param mask Whether to mask it; false
     * @param cb Called when it is written
     * @throws {RangeError} If the payload is too long
     */
    ping(
      data: Sendable,
      mask?: boolean,
      cb?: (err?: Error | null) => void
    ): void;

    /**
     * Sends a pong frame.
     *
     * @param data The payload, at most 125 bytes
     * @param mask Whether to mask it; false
     * @param cb Called when it is written
     * @throws {RangeError} If the payload is too long
     */
    pong(
      data: Sendable,
      mask?: boolean,
      cb?: (err?: Error | null) => void
    ): void;

    /**
     * Sends a data frame. Nothing is assumed here: what is left out is false.
     *
     * @param data The payload
     * @param options How to send it
     * @param cb Called when it is written
     */
    send(
      data: Sendable,
      options: SendOptions,
      cb?: (err?: Error | null) => void
    ): void;

    /**
     * Writes a finished frame.
     *
     * @param list The pieces that `Sender.frame()` returned
     * @param cb Called when it is written
     */
    sendFrame(
      list: readonly (string | Buffer)[],
      cb?: (err?: Error | null) => void
    ): void;
  }
}

export = WebSocket;
