// The ES module hands out the CommonJS module's classes, so its declarations
// are the same ones under the names that it exports.
import WebSocket = require('./index.js');

export default WebSocket;
export { WebSocket };

export import createWebSocketStream = WebSocket.createWebSocketStream;
export import extension = WebSocket.extension;
export import metrics = WebSocket.metrics;
export import PerMessageDeflate = WebSocket.PerMessageDeflate;
export import Receiver = WebSocket.Receiver;
export import Sender = WebSocket.Sender;
export import Server = WebSocket.Server;
export import subprotocol = WebSocket.subprotocol;
export import WebSocketServer = WebSocket.WebSocketServer;

export import AddressInfo = WebSocket.AddressInfo;
export import CertMeta = WebSocket.CertMeta;
export import ClientOptions = WebSocket.ClientOptions;
export import CloseEvent = WebSocket.CloseEvent;
export import CloseMessage = WebSocket.CloseMessage;
export import ConnectionMetrics = WebSocket.ConnectionMetrics;
export import Data = WebSocket.Data;
export import DeflateOptions = WebSocket.DeflateOptions;
export import ErrorEvent = WebSocket.ErrorEvent;
export import ErrorMessage = WebSocket.ErrorMessage;
export import Event = WebSocket.Event;
export import EventListenerOptions = WebSocket.EventListenerOptions;
export import ExtensionParams = WebSocket.ExtensionParams;
export import Extensions = WebSocket.Extensions;
export import FinishRequestCallback = WebSocket.FinishRequestCallback;
export import FrameOptions = WebSocket.FrameOptions;
export import KeptServerOptions = WebSocket.KeptServerOptions;
export import MessageEvent = WebSocket.MessageEvent;
export import Metrics = WebSocket.Metrics;
export import OpenMessage = WebSocket.OpenMessage;
export import PerMessageDeflateOptions = WebSocket.PerMessageDeflateOptions;
export import PerMessageDeflateParams = WebSocket.PerMessageDeflateParams;
export import Publishable = WebSocket.Publishable;
export import PublishOptions = WebSocket.PublishOptions;
export import RawData = WebSocket.RawData;
export import ReceiverEvents = WebSocket.ReceiverEvents;
export import ReceiverOptions = WebSocket.ReceiverOptions;
export import Sendable = WebSocket.Sendable;
export import SendOptions = WebSocket.SendOptions;
export import ServerEvents = WebSocket.ServerEvents;
export import ServerMetrics = WebSocket.ServerMetrics;
export import ServerOptions = WebSocket.ServerOptions;
export import SocketEvents = WebSocket.SocketEvents;
export import Subscriber = WebSocket.Subscriber;
export import VerifyClientCallbackAsync = WebSocket.VerifyClientCallbackAsync;
export import VerifyClientCallbackSync = WebSocket.VerifyClientCallbackSync;
export import VerifyClientDone = WebSocket.VerifyClientDone;
export import VerifyClientInfo = WebSocket.VerifyClientInfo;
export import WebSocketEventMap = WebSocket.WebSocketEventMap;
