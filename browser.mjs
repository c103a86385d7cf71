// The same stand-in, under every name that the package exports.
import beastws from './browser.js';

export {
  beastws as default,
  beastws as createWebSocketStream,
  beastws as extension,
  beastws as PerMessageDeflate,
  beastws as Receiver,
  beastws as Sender,
  beastws as Server,
  beastws as subprotocol,
  beastws as WebSocket,
  beastws as WebSocketServer
};
