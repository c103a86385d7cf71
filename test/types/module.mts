// What an ES module imports, in every way it can be written.

import WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  Server,
  subprotocol,
  type Subscriber,
  WebSocketServer,
  WebSocket as NamedWebSocket
} from 'beastws';
import * as beastws from 'beastws';
import { once } from 'node:events';
import type {
  AddressInfo,
  CertMeta,
  ClientOptions,
  CloseEvent,
  Data,
  ErrorEvent,
  Event,
  EventListenerOptions,
  ExtensionParams,
  Extensions,
  FinishRequestCallback,
  FrameOptions,
  MessageEvent,
  PerMessageDeflateOptions,
  PerMessageDeflateParams,
  RawData,
  ReceiverEvents,
  ReceiverOptions,
  Sendable,
  SendOptions,
  ServerEvents,
  ServerOptions,
  SocketEvents,
  VerifyClientCallbackAsync,
  VerifyClientCallbackSync,
  WebSocketEventMap
} from 'beastws';
import type { IncomingMessage } from 'node:http';
import { check, type Same } from './check.js';

// One set of classes: the names differ, the things do not.
check<Same<typeof WebSocket, typeof NamedWebSocket>>();
check<Same<typeof WebSocket, typeof beastws.default>>();
check<Same<typeof WebSocket, typeof WebSocket.WebSocket>>();
check<Same<typeof WebSocketServer, typeof Server>>();
check<Same<typeof WebSocketServer, typeof beastws.WebSocketServer>>();
check<Same<typeof WebSocketServer, typeof WebSocket.Server>>();
check<Same<typeof WebSocketServer, typeof WebSocket.WebSocketServer>>();
check<
  Same<typeof createWebSocketStream, typeof WebSocket.createWebSocketStream>
>();
check<Same<typeof extension, typeof WebSocket.extension>>();
check<Same<typeof PerMessageDeflate, typeof WebSocket.PerMessageDeflate>>();
check<Same<typeof Receiver, typeof WebSocket.Receiver>>();
check<Same<typeof Sender, typeof WebSocket.Sender>>();
check<Same<typeof subprotocol, typeof WebSocket.subprotocol>>();

// The types have the same names with and without the class in front.
check<Same<AddressInfo, WebSocket.AddressInfo>>();
check<Same<CertMeta, WebSocket.CertMeta>>();
check<Same<ClientOptions, WebSocket.ClientOptions>>();
check<Same<CloseEvent, WebSocket.CloseEvent>>();
check<Same<Data, WebSocket.Data>>();
check<Same<ErrorEvent, WebSocket.ErrorEvent>>();
check<Same<Event, WebSocket.Event>>();
check<Same<EventListenerOptions, WebSocket.EventListenerOptions>>();
check<Same<ExtensionParams, WebSocket.ExtensionParams>>();
check<Same<Extensions, WebSocket.Extensions>>();
check<Same<FinishRequestCallback, WebSocket.FinishRequestCallback>>();
check<Same<FrameOptions, WebSocket.FrameOptions>>();
check<Same<MessageEvent, WebSocket.MessageEvent>>();
check<Same<PerMessageDeflateOptions, WebSocket.PerMessageDeflateOptions>>();
check<Same<PerMessageDeflateParams, WebSocket.PerMessageDeflateParams>>();
check<Same<RawData, WebSocket.RawData>>();
check<Same<ReceiverEvents, WebSocket.ReceiverEvents>>();
check<Same<ReceiverOptions, WebSocket.ReceiverOptions>>();
check<Same<Sendable, WebSocket.Sendable>>();
check<Same<SendOptions, WebSocket.SendOptions>>();
check<Same<ServerEvents, WebSocket.ServerEvents>>();
check<Same<ServerOptions, WebSocket.ServerOptions>>();
check<Same<SocketEvents, WebSocket.SocketEvents>>();
check<Same<VerifyClientCallbackAsync, WebSocket.VerifyClientCallbackAsync>>();
check<Same<VerifyClientCallbackSync, WebSocket.VerifyClientCallbackSync>>();
check<Same<WebSocketEventMap, WebSocket.WebSocketEventMap>>();

class Client extends NamedWebSocket {
  id?: string;
}

export async function serve(): Promise<WebSocketServer> {
  const wss = new WebSocketServer({ port: 0, WebSocket: Client });

  wss.on('connection', (ws, request) => {
    check<Same<typeof ws, Client & Subscriber>>();
    check<Same<typeof request, IncomingMessage>>();
    ws.on('message', (data) => check<Same<typeof data, RawData>>());
  });

  await once(wss, 'listening');

  const { port } = wss.address() as AddressInfo;
  const ws: beastws.WebSocket = new beastws.WebSocket(`ws://127.0.0.1:${port}`);
  const ended = AbortSignal.timeout(1000);

  await once(ws, 'open', { signal: ended });

  const [message]: [Buffer] = (await once(ws, 'message')) as [Buffer];
  const duplex = createWebSocketStream(ws);

  duplex.end(message);

  const plain: WebSocketServer = new beastws.Server({ noServer: true });
  const servers: Server[] = [plain, new WebSocketServer({ noServer: true })];

  return servers[0] ?? plain;
}
