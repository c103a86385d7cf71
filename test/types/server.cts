// A server as an application writes it, in CommonJS.

import WebSocket = require('beastws');
import diagnostics = require('diagnostics_channel');
import http = require('http');
import https = require('https');
import { type AddressInfo } from 'net';
import { type Duplex } from 'stream';
import { check, type Same } from './check.js';

class Client extends WebSocket {
  id = '';
}

class Request extends http.IncomingMessage {
  user = '';
}

export function construct() {
  new WebSocket.Server();
  new WebSocket.WebSocketServer({ port: 0 }, () => {});
  new WebSocket.Server({ server: http.createServer() });
  new WebSocket.Server({ server: https.createServer({}), path: '/chat' });
  new WebSocket.Server({ noServer: true, ioThread: false });

  const secure = new WebSocket.Server({
    port: 0,
    tls: { key: '', cert: '', requestCert: true, handshakeTimeout: 1000 }
  });

  secure.addContext('*.example', { key: '', cert: '' });
  secure.setSecureContext({ key: '', cert: '' });

  const wss: WebSocket.Server = new WebSocket.WebSocketServer({ port: 0 });
  const same: WebSocket.WebSocketServer = new WebSocket.Server({ port: 0 });
  const explicit = new WebSocket.Server<typeof Client, typeof Request>({
    port: 0
  });

  check<
    Same<
      typeof explicit.options,
      WebSocket.KeptServerOptions<typeof Client, typeof Request>
    >
  >();
  return { wss, same, explicit };
}

export function everyOption() {
  const options: WebSocket.ServerOptions = {
    allowSynchronousEvents: true,
    autoPong: true,
    backlog: 100,
    clientTracking: false,
    closeTimeout: 1000,
    handleProtocols(protocols, request) {
      check<Same<typeof protocols, Set<string>>>();
      check<Same<typeof request, http.IncomingMessage>>();
      return protocols.has('chat') ? 'chat' : false;
    },
    host: '127.0.0.1',
    autoPing: false,
    backpressurePolicy: 'drop',
    idleTimeout: 120000,
    ioThread: true,
    maxBackpressure: 1024 * 1024,
    maxBufferedChunks: 1024,
    maxFragments: 64,
    maxPayload: 1024,
    maxPendingAutoPongs: 10,
    noServer: false,
    path: '/chat',
    perMessageDeflate: { threshold: 0 },
    port: 0,
    server: undefined,
    skipUTF8Validation: true,
    verifyClient: ({ origin, secure, req }) => {
      check<Same<typeof origin, string>>();
      check<Same<typeof secure, boolean>>();
      check<Same<typeof req, http.IncomingMessage>>();
      return true;
    },
    WebSocket
  };

  new WebSocket.Server({
    noServer: true,
    verifyClient(info, callback) {
      check<Same<typeof info.req, http.IncomingMessage>>();
      callback(false, 403, 'Forbidden', { 'X-Reason': ['none'] });
      callback(true);
    }
  });
  new WebSocket.Server({
    noServer: true,
    handleProtocols: (protocols) => [...protocols][0] ?? false,
    verifyClient: (info: any, cb: any) => cb(info.secure)
  });

  const decide: WebSocket.VerifyClientCallbackSync = (info) => info.secure;
  const ask: WebSocket.VerifyClientCallbackAsync<Request> = (info, done) => {
    setImmediate(done, info.req.user !== '');
  };

  new WebSocket.Server({ port: 0, verifyClient: decide });
  new WebSocket.Server<typeof WebSocket, typeof Request>({
    server: http.createServer({ IncomingMessage: Request }),
    verifyClient: ask
  });

  return options;
}

export function events() {
  const server = http.createServer({ IncomingMessage: Request });
  const wss = new WebSocket.Server({ server, WebSocket: Client });

  wss
    .on('connection', function (ws, request) {
      check<Same<typeof ws, Client & WebSocket.Subscriber>>();
      check<Same<typeof request, Request>>();
      check<Same<typeof this, WebSocket.Server<typeof Client>>>();
      ws.id = request.user;
    })
    .once('headers', (headers, request) => {
      check<Same<typeof headers, string[]>>();
      check<Same<typeof request, Request>>();
      headers.push('X-Server: 1');
    })
    .off('wsClientError', (error, socket, request) => {
      check<Same<typeof error, Error>>();
      check<Same<typeof socket, Duplex>>();
      check<Same<typeof request, Request>>();
    })
    .addListener('error', (error) => check<Same<typeof error, Error>>())
    .removeListener('connection', (ws) =>
      check<Same<typeof ws, Client & WebSocket.Subscriber>>()
    )
    .on('listening', () => {})
    .on('close', () => {})
    .on('mine', (...args) => check<Same<typeof args, any[]>>());

  const plain = new WebSocket.Server({ port: 0 });

  plain.on('connection', (ws, request) => {
    check<Same<typeof ws, WebSocket & WebSocket.Subscriber>>();
    check<Same<typeof request, http.IncomingMessage>>();
  });
  plain.on('connection', async (ws: Client) => ws.id);
  plain.on('connection', (ws: WebSocket, req: http.IncomingMessage) => {
    ws.send(`${req.url} ${req.socket.remoteAddress}`);
  });

  const counts: Record<keyof WebSocket.ServerEvents, number> = {
    close: 0,
    connection: 0,
    error: 0,
    headers: 0,
    listening: 0,
    wsClientError: 0
  };

  return counts;
}

export function members() {
  const wss = new WebSocket.Server({ noServer: true, WebSocket: Client });

  check<Same<typeof wss.clients, Set<Client & WebSocket.Subscriber>>>();
  for (const client of wss.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(client.id);
  }

  wss.options.handleProtocols = () => 'chat';
  wss.options.maxPayload = 1;

  const address = wss.address();

  if (address !== null && typeof address !== 'string') {
    check<Same<typeof address, WebSocket.AddressInfo>>();
    const { port }: AddressInfo = address;

    port.toFixed();
  }

  http.createServer().on('upgrade', (request, socket, head) => {
    if (!wss.shouldHandle(request)) return socket.destroy();

    return wss.handleUpgrade(request, socket, head, (client, req) => {
      check<Same<typeof client, Client>>();
      check<Same<typeof req, http.IncomingMessage>>();
      wss.emit('connection', client, req);
    });
  });

  wss.close();
  wss.close((err) => check<Same<typeof err, Error | undefined>>());
}

/** A subclass that overrides what is made to be overridden. */
export class PickyServer extends WebSocket.Server<typeof Client> {
  override shouldHandle(request: http.IncomingMessage) {
    return request.url === '/' && super.shouldHandle(request) === true;
  }

  override handleUpgrade(
    request: http.IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (client: Client, request: http.IncomingMessage) => void
  ) {
    super.handleUpgrade(request, socket, head, callback);
  }
}

/** A subclass of a kind that is in use although the promise is not awaited. */
export class AsyncServer extends WebSocket.WebSocketServer {
  override async shouldHandle() {
    return true;
  }
}

export class Hub<T extends typeof WebSocket = typeof WebSocket> {
  readonly wss: WebSocket.Server<T>;

  constructor(WebSocketClass: T) {
    this.wss = new WebSocket.Server<T>({ port: 0, WebSocket: WebSocketClass });
  }

  broadcast(data: WebSocket.Data) {
    for (const client of this.wss.clients) client.send(data);
  }
}

export const hub = new Hub(Client);
export const inferred = { on: hub.wss.on, options: hub.wss.options };

export function observe(wss: WebSocket.Server): number {
  const all: WebSocket.Metrics = WebSocket.metrics();
  const own = wss.metrics();

  check<Same<typeof own, WebSocket.ServerMetrics>>();
  diagnostics.subscribe('beastws.connection.close', (message) => {
    const { code, role, websocket } = message as WebSocket.CloseMessage;

    check<Same<typeof role, 'server' | 'client'>>();
    websocket.removeAllListeners();
    process.exitCode = code;
  });
  return all.connections.server.open + own.connections.native;
}

export function topics(wss: WebSocket.Server, ws: WebSocket.Subscriber) {
  const options: WebSocket.PublishOptions = { binary: true, compress: false };
  const results = [
    ws.subscribe('a'),
    ws.publish('a', 'text'),
    ws.publish('a', new ArrayBuffer(3), true, false),
    wss.publish('a', Buffer.from('bytes'), options),
    wss.publish('a', 1, { maxBackpressure: 0 }),
    ws.isSubscribed('a'),
    ws.unsubscribe('a')
  ];

  check<Same<(typeof results)[number], boolean>>();
  check<Same<ReturnType<typeof wss.numSubscribers>, number>>();
  wss.on('connection', (one) => topics(wss, one));
  for (const one of wss.clients) topics(wss, one);
  return ws.getTopics();
}
