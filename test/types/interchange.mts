// Other packages are typed against ws: what this package makes has to fit in
// their parameters, and what they declare has to fit in ours.

import * as beastws from 'beastws';
import * as ws from 'ws';

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
