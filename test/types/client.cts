// A client as an application writes it, in CommonJS.

import WebSocket = require('beastws');
import http = require('http');
import https = require('https');
import net = require('net');
import stream = require('stream');
import tls = require('tls');
import { check, type Same } from './check.js';

export function construct() {
  new WebSocket('ws://127.0.0.1');
  new WebSocket(new URL('wss://example.com/chat?room=1'));
  new WebSocket('ws://127.0.0.1', 'chat');
  new WebSocket('ws://127.0.0.1', ['chat', 'superchat']);
  new WebSocket('ws://127.0.0.1', ['chat', 'superchat'] as const);
  new WebSocket('ws://127.0.0.1', undefined, { origin: 'http://localhost' });
  new WebSocket('ws://127.0.0.1', [], { protocols: 'unused' });
  new WebSocket('ws://127.0.0.1', { protocols: ['chat', 'superchat'] });
  new WebSocket('ws://127.0.0.1', { timeout: 5000, maxPayload: 1024 });
  new WebSocket('ws://127.0.0.1', { ioThread: false });
  new WebSocket(null);
  new WebSocket(null, undefined, { maxPayload: 0 });
  new WebSocket(null, undefined, new WebSocket.Server({ port: 0 }).options);

  const forwarded: ConstructorParameters<typeof WebSocket> = [
    'ws://127.0.0.1',
    'chat',
    { maxPayload: 1 }
  ];

  return new WebSocket(...forwarded);
}

export function everyOption() {
  const compression: WebSocket.PerMessageDeflateOptions = {
    serverNoContextTakeover: true,
    clientNoContextTakeover: false,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: true,
    zlibDeflateOptions: {
      chunkSize: 1024,
      dictionary: Buffer.from('words'),
      finishFlush: 2,
      flush: 2,
      info: false,
      level: 6,
      memLevel: 8,
      strategy: 0,
      windowBits: 15
    },
    zlibInflateOptions: { chunkSize: 10 * 1024 },
    threshold: 256,
    concurrencyLimit: 4
  };
  const own: WebSocket.ClientOptions = {
    allowSynchronousEvents: false,
    autoPong: false,
    closeTimeout: 1000,
    finishRequest(request, websocket) {
      check<Same<typeof request, http.ClientRequest>>();
      check<Same<typeof websocket, WebSocket.WebSocket>>();
      request.setHeader('X-Trace', websocket.url);
      request.end();
    },
    followRedirects: true,
    generateMask(mask) {
      check<Same<typeof mask, Buffer>>();
      mask.fill(0);
    },
    handshakeTimeout: 2000,
    autoPing: false,
    backpressurePolicy: 'drop',
    idleTimeout: 120000,
    ioThread: true,
    maxBackpressure: 1024 * 1024,
    maxBufferedChunks: 1024,
    maxFragments: 64,
    maxPayload: 1024 * 1024,
    maxPendingAutoPongs: 10,
    maxRedirects: 3,
    origin: 'https://example.com',
    perMessageDeflate: compression,
    protocols: 'chat',
    protocolVersion: 8,
    skipUTF8Validation: true
  };
  const http1: WebSocket.ClientOptions = {
    agent: new https.Agent({ keepAlive: true }),
    auth: 'user:password',
    createConnection: net.createConnection,
    defaultPort: 8080,
    family: 4,
    headers: { Authorization: 'Bearer token' },
    host: 'ignored',
    localAddress: '127.0.0.1',
    localPort: 0,
    lookup: (hostname, options, callback) => callback(null, hostname, 4),
    protocol: 'ignored:',
    setHost: true,
    signal: AbortSignal.timeout(1000)
  };
  const secure: WebSocket.ClientOptions = {
    ALPNProtocols: ['http/1.1'],
    ca: [Buffer.from('certificate')],
    cert: 'certificate',
    checkServerIdentity: (name, cert) => tls.checkServerIdentity(name, cert),
    key: 'key',
    minVersion: 'TLSv1.2',
    passphrase: 'secret',
    rejectUnauthorized: false,
    servername: 'example.com'
  };

  new WebSocket('wss://127.0.0.1', { ...own, ...http1, ...secure });
  new WebSocket('wss://127.0.0.1', undefined, secure);
  new WebSocket('ws://127.0.0.1', { perMessageDeflate: false, agent: false });
  new WebSocket('ws://127.0.0.1', {
    headers: { Cookie: ['a=1', 'b=2'], 'X-Number': 1 },
    perMessageDeflate: { serverMaxWindowBits: false, clientMaxWindowBits: 9 }
  });
  new WebSocket('ws://127.0.0.1', {
    createConnection: () => new stream.PassThrough(),
    maxPayload: 0
  });
  new WebSocket('wss://127.0.0.1', {
    checkServerIdentity(servername: string, cert: WebSocket.CertMeta): boolean {
      return servername.length + cert.length > 0;
    }
  });

  // Options that a program passes on may be there without a value.
  const wanted: { limit?: number; protocols?: string[] | undefined } = {};

  new WebSocket('ws://127.0.0.1', wanted.protocols, {
    maxPayload: wanted.limit,
    protocols: wanted.protocols,
    generateMask: (mask) => void mask.fill(1)
  });
}

interface Settings extends WebSocket.ClientOptions {
  retries: number;
}

export function extendedOptions(settings: Settings) {
  settings.headers = {
    ...settings.headers,
    'X-Retries': `${settings.retries}`
  };
  const trace: string | undefined = settings.headers['X-Trace'];
  settings.agent?.destroy();
  return [new WebSocket('ws://127.0.0.1', settings), trace] as const;
}

export function properties(ws: WebSocket) {
  check<Same<typeof ws.bufferedAmount, number>>();
  check<Same<typeof ws.extensions, string>>();
  check<Same<typeof ws.isPaused, boolean>>();
  check<Same<typeof ws.protocol, string>>();
  check<Same<typeof ws.readyState, 0 | 1 | 2 | 3>>();
  check<Same<typeof ws.url, string>>();
  check<Same<typeof WebSocket.CONNECTING, 0>>();
  check<Same<typeof WebSocket.OPEN, 1>>();
  check<Same<typeof WebSocket.CLOSING, 2>>();
  check<Same<typeof WebSocket.CLOSED, 3>>();

  ws.binaryType = 'nodebuffer';
  ws.binaryType = 'arraybuffer';
  ws.binaryType = 'fragments';
  ws.binaryType = 'blob';

  const type: 'nodebuffer' | 'arraybuffer' | 'fragments' = ws.binaryType;

  switch (ws.readyState) {
    case ws.CONNECTING:
      return check<Same<typeof ws.readyState, 0>>();
    case WebSocket.OPEN:
      return check<Same<typeof ws.readyState, 1>>();
    case ws.CLOSING:
      return check<Same<typeof ws.readyState, 2>>();
    case WebSocket.CLOSED:
      return check<Same<typeof ws.readyState, 3>>();
    default:
      check<Same<typeof ws.readyState, never>>();
      return type;
  }
}

export function nodeEvents(ws: WebSocket) {
  ws.on('close', function (code, reason) {
    check<Same<typeof code, number>>();
    check<Same<typeof reason, Buffer>>();
    check<Same<typeof this, WebSocket>>();
  })
    .once('error', (error) => check<Same<typeof error, Error>>())
    .off('message', (data, isBinary) => {
      check<Same<typeof data, Buffer | ArrayBuffer | Buffer[]>>();
      check<Same<typeof data, WebSocket.RawData>>();
      check<Same<typeof isBinary, boolean>>();
    })
    .addListener('open', () => ws.send('hello'))
    .removeListener('ping', (data) => check<Same<typeof data, Buffer>>())
    .on('pong', (data) => check<Same<typeof data, Buffer>>())
    .on('drop', (data, isBinary) => {
      check<Same<typeof isBinary, boolean>>();
      console.log(data);
    })
    .once('redirect', (url, request) => {
      check<Same<typeof url, string>>();
      check<Same<typeof request, http.ClientRequest>>();
    })
    .off('unexpected-response', (request, response) => {
      check<Same<typeof request, http.ClientRequest>>();
      check<Same<typeof response, http.IncomingMessage>>();
    })
    .addListener('upgrade', (response) => {
      check<Same<typeof response, http.IncomingMessage>>();
    })
    .on('my-event', (...args) => check<Same<typeof args, any[]>>())
    .on(Symbol('mine'), (first) => check<Same<typeof first, any>>())
    .removeAllListeners('close');

  // Listeners may expect less, or what only the program knows.
  ws.on('message', (data: Buffer) => data.toString('utf8'));
  ws.on('message', (data: Blob, isBinary: boolean) => [data.size, isBinary]);
  ws.on('message', async (data: any) => JSON.parse(data));
  ws.on('message', function message(data) {
    if (this.readyState === this.OPEN) this.send(data);
  });
  ws.addListener('close', function (this: { name: string }, code: number) {
    return [this.name, code];
  });
  ws.on('ping' as 'ping' | 'pong', (data) => data.length);

  const later: Parameters<typeof ws.once>[1] = () => {};

  for (const name of ['open', 'close']) ws.off(name, later);
  ws.emit('error', new Error('made up'));

  const counts: Record<keyof WebSocket.SocketEvents, number> = {
    close: ws.listenerCount('close'),
    drop: 0,
    error: 0,
    message: 0,
    open: 0,
    ping: 0,
    pong: 0,
    redirect: 0,
    'unexpected-response': 0,
    upgrade: 0
  };

  return counts;
}

export function toBuffer(data: WebSocket.RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return data;
}

export function browserEvents(ws: WebSocket) {
  ws.onopen = (event) => check<Same<typeof event, WebSocket.Event>>();
  ws.onerror = (event) => check<Same<typeof event, WebSocket.ErrorEvent>>();
  ws.onclose = (event) => check<Same<typeof event, WebSocket.CloseEvent>>();
  ws.onmessage = (event) => check<Same<typeof event, WebSocket.MessageEvent>>();
  ws.onopen = ws.onerror = ws.onclose = ws.onmessage = null;

  ws.addEventListener('open', ({ type, target }) => {
    check<Same<typeof type, string>>();
    check<Same<typeof target, WebSocket.WebSocket>>();
    target.close();
  });
  ws.addEventListener('error', (event: WebSocket.ErrorEvent) => {
    check<Same<typeof event.error, any>>();
    check<Same<typeof event.message, string>>();
  });
  ws.addEventListener(
    'close',
    ({ code, reason, wasClean }) => {
      check<Same<typeof code, number>>();
      check<Same<typeof reason, string>>();
      check<Same<typeof wasClean, boolean>>();
    },
    { once: true }
  );

  const handler = {
    handleEvent({ data }: WebSocket.MessageEvent) {
      check<Same<typeof data, string | Buffer | ArrayBuffer | Buffer[]>>();
      check<Same<typeof data, WebSocket.Data>>();
    }
  };
  const once: WebSocket.EventListenerOptions = { once: true };

  ws.addEventListener('message', handler, once);
  ws.removeEventListener('message', handler);

  let type: keyof WebSocket.WebSocketEventMap;

  for (type of ['open', 'error', 'close', 'message'] as const) {
    ws.addEventListener(type, console.log);
    ws.removeEventListener(type, console.log);
  }
}

export function methods(ws: WebSocket) {
  const done = (err?: Error) => void err;
  const failed = (err: Error) => void err;
  const boxed: { valueOf(): string } = new String('text');
  const sendables: WebSocket.Sendable[] = [
    'text',
    7,
    Buffer.from('a'),
    new Uint8Array(1),
    new Float32Array(1),
    new DataView(new ArrayBuffer(1)),
    new ArrayBuffer(1),
    new SharedArrayBuffer(1),
    new Blob(['a']),
    [1, 2, 3],
    [1, 2, 3] as const,
    { type: 'Buffer', data: [1, 2] },
    { [Symbol.toPrimitive]: () => 'text' },
    boxed
  ];
  const wrapped = {} as
    | { valueOf(): ArrayBuffer }
    | { valueOf(): Uint8Array }
    | { valueOf(): readonly number[] };
  const options: WebSocket.SendOptions = {
    binary: true,
    compress: false,
    fin: true,
    mask: undefined
  };

  for (const data of sendables) ws.send(data, options, done);
  ws.send(wrapped);
  ws.send('text');
  ws.send('text', done);
  ws.send('text', (err) => check<Same<typeof err, Error | undefined>>());
  ws.send(Buffer.alloc(1), { fin: false });
  ws.send('text', {}, () => {});

  ws.ping();
  ws.ping(failed);
  ws.ping('data', failed);
  ws.ping('data', false, failed);
  ws.ping(null, undefined, done);
  ws.ping('data', true, (err) => check<Same<typeof err, Error>>());
  ws.ping('data', (err) => check<Same<typeof err, Error>>());
  ws.pong();
  ws.pong(done);
  ws.pong(Buffer.alloc(1), done);
  ws.pong(1, true, failed);

  ws.pause();
  ws.resume();
  ws.close();
  ws.close(1000);
  ws.close(1001, 'going away');
  ws.close(4000, Buffer.from('because'));
  ws.close(4000, new Uint8Array(1));
  ws.terminate();
}

export function streams(ws: WebSocket) {
  const duplex = WebSocket.createWebSocketStream(ws);

  check<Same<typeof duplex, stream.Duplex>>();
  WebSocket.createWebSocketStream(new WebSocket.WebSocket('ws://127.0.0.1'), {
    allowHalfOpen: true,
    encoding: 'utf8',
    readableObjectMode: true
  }).pipe(duplex);
}

/** A subclass with the signatures that programs have always used. */
export class LoggingSocket extends WebSocket {
  readonly log: string[] = [];

  constructor(
    address: any,
    protocols?: string | string[],
    options?: WebSocket.ClientOptions | http.ClientRequestArgs
  ) {
    super(address, protocols, options);
  }

  override ping(data?: any, mask?: boolean, cb?: (err: Error) => void) {
    this.log.push('ping');
    super.ping(data, mask, cb);
  }

  override close(code?: number, data?: string | Buffer) {
    super.close(code, data);
  }

  override send(data: any, options?: any, cb?: any) {
    super.send(data, options, cb);
  }

  override on(
    event: string | symbol,
    listener: (this: WebSocket, ...args: any[]) => void
  ) {
    this.log.push(String(event));
    return super.on(event, listener);
  }
}

export const inferred = {
  on: WebSocket.prototype.on,
  send: WebSocket.prototype.send,
  socket: () => new WebSocket('ws://127.0.0.1')
};
