// Other packages are typed against ws: what this package makes has to fit in
// their parameters, and what they declare has to fit in ours.

import * as beastws from 'beastws';
import * as ws from 'ws';
import { check, type Same } from './check.js';

declare function accept<T>(value: T): void;

export function give(
  socket: beastws.WebSocket,
  wss: beastws.WebSocketServer,
  data: beastws.RawData
) {
  accept<ws.WebSocket>(socket);
  accept<ws.WebSocket>(new beastws.default('ws://127.0.0.1'));
  accept<ws.WebSocketServer>(wss);
  accept<ws.Server>(new beastws.Server({ port: 0 }));
  accept<typeof ws.WebSocket>(beastws.WebSocket);
  accept<ws.RawData>(data);
  ws.createWebSocketStream(socket);
}

export function take(
  socket: ws.WebSocket,
  data: ws.Data,
  client: ws.ClientOptions,
  server: ws.ServerOptions
) {
  accept<beastws.WebSocket>(socket);
  accept<beastws.Data>(data);
  accept<beastws.ClientOptions>(client);
  accept<Omit<beastws.ServerOptions, 'WebSocket'>>(server);
  new beastws.WebSocket('ws://127.0.0.1', client);
  beastws.createWebSocketStream(socket);
}

export function listeners(socket: beastws.WebSocket, old: ws.WebSocket) {
  const onMessage = (event: ws.MessageEvent) => event.target.send(event.data);

  socket.onmessage = onMessage;
  socket.addEventListener('message', onMessage);
  old.onclose = (event: beastws.CloseEvent) => event.target.terminate();
}

// Every type that ws declares has its namesake here, and each stands in for the
// other.
type Theirs = {
  addressInfo: ws.AddressInfo;
  certMeta: ws.CertMeta;
  client: ws.ClientOptions;
  closeEvent: ws.CloseEvent;
  compression: ws.PerMessageDeflateOptions;
  data: ws.Data;
  errorEvent: ws.ErrorEvent;
  event: ws.Event;
  finishRequest: ws.FinishRequestCallback;
  listener: ws.EventListenerOptions;
  messageEvent: ws.MessageEvent;
  rawData: ws.RawData;
  verifyAsync: ws.VerifyClientCallbackAsync;
  verifySync: ws.VerifyClientCallbackSync;
};

type Ours = {
  addressInfo: beastws.AddressInfo;
  certMeta: beastws.CertMeta;
  client: beastws.ClientOptions;
  closeEvent: beastws.CloseEvent;
  compression: beastws.PerMessageDeflateOptions;
  data: beastws.Data;
  errorEvent: beastws.ErrorEvent;
  event: beastws.Event;
  finishRequest: beastws.FinishRequestCallback;
  listener: beastws.EventListenerOptions;
  messageEvent: beastws.MessageEvent;
  rawData: beastws.RawData;
  verifyAsync: beastws.VerifyClientCallbackAsync;
  verifySync: beastws.VerifyClientCallbackSync;
};

export function everyType(theirs: Theirs, ours: Ours) {
  accept<Ours>(theirs);
  // Options can be more here than there.
  accept<Omit<Theirs, 'client' | 'compression'>>(ours);
}

// What ws exports is exported here.
check<Same<Exclude<keyof typeof ws, keyof typeof beastws>, never>>();

export function everyListener(socket: beastws.WebSocket, wss: beastws.Server) {
  for (const method of [
    'addListener',
    'off',
    'on',
    'once',
    'removeListener'
  ] as const) {
    accept<ws.WebSocket[typeof method]>(socket[method]);
    accept<ws.Server[typeof method]>(wss[method]);
  }
}
