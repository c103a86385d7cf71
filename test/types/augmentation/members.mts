// A program adds members of its own to the interfaces of the package.

import WebSocket, { Server, WebSocketServer } from 'beastws';
import type { ClientOptions, WebSocket as Socket } from 'beastws';

declare module 'beastws' {
  interface ClientOptions {
    retries?: number;
  }

  interface Server {
    startedAt: Date;
  }

  interface WebSocket {
    isAlive: boolean;
  }
}

export function watch(wss: Server, options: ClientOptions) {
  wss.startedAt = new Date();
  wss.on('connection', (ws: Socket) => {
    ws.isAlive = true;
    ws.on('pong', () => (ws.isAlive = true));
  });
  for (const ws of wss.clients) ws.isAlive = false;

  return options.retries;
}

watch(new WebSocketServer({ port: 0 }), { retries: 1 });
new WebSocket('ws://127.0.0.1').isAlive = true;
