// One copy of the classes serves both module systems, so `instanceof` holds
// between a program's CommonJS and ES module parts.
import WebSocket from './index.js';

export const {
  createWebSocketStream,
  extension,
  metrics,
  PerMessageDeflate,
  Receiver,
  Sender,
  Server,
  subprotocol,
  WebSocketServer
} = WebSocket;

export { WebSocket };
export default WebSocket;
