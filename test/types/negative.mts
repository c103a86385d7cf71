// What must not compile. Each mark names the error of the line below it, and
// types.test.js compiles this file once more without the marks to compare.

import WebSocket, {
  createWebSocketStream,
  extension,
  PerMessageDeflate,
  Receiver,
  Sender,
  subprotocol,
  WebSocketServer
} from 'beastws';

const ws = new WebSocket('ws://127.0.0.1');
const wss = new WebSocketServer({ port: 0 });

// Construction

// @ts-expect-error 2554: an address is needed
new WebSocket();
// @ts-expect-error 2769: an address is not a number
new WebSocket(80);
// @ts-expect-error 2769: a subprotocol is a string
new WebSocket('ws://127.0.0.1', [1]);
// @ts-expect-error 2769: the server's end has no subprotocols to ask for
new WebSocket(null, 'chat');
// @ts-expect-error 2769: the options come once
new WebSocket('ws://127.0.0.1', {}, {});
// @ts-expect-error 2348: a class is not a function
WebSocket('ws://127.0.0.1');
// @ts-expect-error 2540: a constant of the class
WebSocket.OPEN = 1;

// Options of a client

// @ts-expect-error 2769: an unknown option
new WebSocket('ws://127.0.0.1', { maxPayloads: 1 });
// @ts-expect-error 2769: a number
new WebSocket('ws://127.0.0.1', { maxPayload: '1' });
// @ts-expect-error 2769: a boolean
new WebSocket('ws://127.0.0.1', { ioThread: 'no' });
// @ts-expect-error 2769: a boolean or options
new WebSocket('ws://127.0.0.1', { perMessageDeflate: 'yes' });
// @ts-expect-error 2769: strings
new WebSocket('ws://127.0.0.1', { protocols: [1] });
// @ts-expect-error 2769: a function
new WebSocket('ws://127.0.0.1', { finishRequest: true });
// @ts-expect-error 2769: milliseconds
new WebSocket('ws://127.0.0.1', { closeTimeout: '1s' });

// Properties

// @ts-expect-error 2540: read only
ws.readyState = ws.OPEN;
// @ts-expect-error 2540: read only
ws.bufferedAmount = 0;
// @ts-expect-error 2540: read only
ws.extensions = '';
// @ts-expect-error 2540: read only
ws.isPaused = true;
// @ts-expect-error 2540: read only
ws.protocol = 'chat';
// @ts-expect-error 2540: read only
ws.url = 'ws://127.0.0.1';
// @ts-expect-error 2540: read only
ws.CONNECTING = 0;
// @ts-expect-error 2322: not a type of binary data
ws.binaryType = 'text';
// @ts-expect-error 2367: not a state
ws.readyState === 4;
// @ts-expect-error 2339: not a part of the API
ws._socket;
// @ts-expect-error 2322: not a function
ws.onmessage = 'message';
// @ts-expect-error 2322: another event's listener
ws.onclose = (event: WebSocket.MessageEvent) => event.data;

// Methods

// @ts-expect-error 2554: nothing to send
ws.send();
// @ts-expect-error 2353: no bytes can be made of it
ws.send({ hello: 'world' });
// @ts-expect-error 2345: no bytes can be made of it
ws.send(true);
// @ts-expect-error 2345: no bytes can be made of it
ws.send(null);
// @ts-expect-error 2769: an unknown option
ws.send('text', { compressed: true });
// @ts-expect-error 2345: a boolean
ws.ping('data', 'mask');
// @ts-expect-error 2345: a function
ws.pong('data', true, 1);
// @ts-expect-error 2345: a number
ws.close('1000');
// @ts-expect-error 2345: a string or bytes
ws.close(1000, 1);
// @ts-expect-error 2554: no code
ws.terminate(1006);
// @ts-expect-error 2345: not an event of the browser's
ws.addEventListener('ping', () => {});
// @ts-expect-error 2345: not an event of the browser's
ws.removeEventListener('upgrade', () => {});
// @ts-expect-error 2345: no listener
ws.addEventListener('open', {});
// @ts-expect-error 2353: an unknown option
ws.addEventListener('open', () => {}, { capture: true });

// Events

// @ts-expect-error 2769: no listener
ws.on('open', 'listener');
// @ts-expect-error 2769: an event has a name
ws.once(1, () => {});
// @ts-expect-error 2551: not a property of what has arrived
ws.on('close', (code) => code.toFixde());
// @ts-expect-error 2339: not a property of what has arrived
ws.on('message', (data) => data.size);
// @ts-expect-error 2339: not a property of the server
wss.on('connection', () => wss.missing);
// @ts-expect-error 2339: not a property of the connection
wss.on('connection', (client) => client.id);
// @ts-expect-error 2554: a listener is needed
wss.off('connection');

// Options of a server

// @ts-expect-error 2353: an unknown option
new WebSocketServer({ prot: 0 });
// @ts-expect-error 2322: a number
new WebSocketServer({ port: '80' });
// @ts-expect-error 2322: a boolean
new WebSocketServer({ port: 0, ioThread: 1 });
// @ts-expect-error 2740: a class that extends WebSocket
new WebSocketServer({ port: 0, WebSocket: Array });
// @ts-expect-error 2322: a string or false
new WebSocketServer({ port: 0, handleProtocols: () => true });
// @ts-expect-error 2554: the result comes first
new WebSocketServer({ port: 0, verifyClient: (info, cb) => cb() });
// @ts-expect-error 2345: a function
new WebSocketServer({ port: 0 }, 'listening');

// Members of a server

// @ts-expect-error 2554: a request, a socket, the head and a callback
wss.handleUpgrade();
// @ts-expect-error 2345: a function
wss.close(1000);
// @ts-expect-error 2531: null before it listens
wss.address().toString();
// @ts-expect-error 2339: it may be a string
wss.address()?.port;
// @ts-expect-error 2345: not a connection
wss.clients.add('client');
// @ts-expect-error 2339: not a part of the API
wss._server;
// @ts-expect-error 2345: a topic is a string
wss.publish(1, 'x');
// @ts-expect-error 2345: a Blob cannot be published
wss.publish('a', new Blob([]));
// @ts-expect-error 2345: a topic is a string
wss.on('connection', (one) => one.subscribe(/a/));
// @ts-expect-error 2339: only a server's connections have topics
ws.subscribe('a');

// Parts

// @ts-expect-error 2345: not a connection
createWebSocketStream('ws://127.0.0.1');
// @ts-expect-error 2345: not a header
extension.parse(1);
// @ts-expect-error 2339: only read
subprotocol.format(['chat']);
// @ts-expect-error 2540: read only
PerMessageDeflate.extensionName = 'permessage-deflate';
// @ts-expect-error 2322: a number of bits or false
new PerMessageDeflate({ serverMaxWindowBits: true });
// @ts-expect-error 2353: an unknown option
new PerMessageDeflate({ side: 'server' });
// @ts-expect-error 2322: not a type of binary data
new Receiver({ binaryType: 'text' });
// @ts-expect-error 2345: a frame has an opcode
Sender.frame(Buffer.alloc(0), {});
// @ts-expect-error 2554: a stream is needed
new Sender();
