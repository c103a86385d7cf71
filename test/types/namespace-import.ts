// Without `esModuleInterop` the whole module is imported, and is the class.

import * as WebSocket from 'beastws';

const wss = new WebSocket.Server({ port: 0 });

export const ws: WebSocket = new WebSocket('ws://127.0.0.1');

wss.on('connection', (client: WebSocket) => client.send('hello'));
