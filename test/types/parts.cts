// The parts of the protocol that are exported with the classes.

import WebSocket = require('beastws');
import stream = require('stream');
import { check, type Same } from './check.js';

export function headers() {
  const offers = WebSocket.extension.parse('permessage-deflate; a=1, b');
  const offer = offers['permessage-deflate']?.[0];
  const values = offer?.['client_max_window_bits'];

  check<Same<typeof values, (string | true)[] | undefined>>();
  check<Same<ReturnType<typeof WebSocket.subprotocol.parse>, Set<string>>>();

  return [
    WebSocket.extension.format(offers),
    WebSocket.extension.format({
      'permessage-deflate': [{ client_max_window_bits: 10, other: true }],
      foo: { bar: ['1', 2, true] }
    })
  ];
}

export function compression() {
  const { PerMessageDeflate } = WebSocket;
  const deflate = new PerMessageDeflate({
    isServer: true,
    maxPayload: 1024,
    threshold: 0,
    zlibDeflateOptions: { level: 3 }
  });
  const offered: WebSocket.PerMessageDeflateParams =
    new PerMessageDeflate().offer();
  const accepted = deflate.accept(
    WebSocket.extension.parse('permessage-deflate')[
      PerMessageDeflate.extensionName
    ] ?? []
  );

  check<Same<typeof PerMessageDeflate.extensionName, 'permessage-deflate'>>();
  check<
    Same<typeof deflate.params, WebSocket.PerMessageDeflateParams | null>
  >();
  deflate.compress('text', true, (err, compressed) => {
    check<Same<typeof err, Error | null>>();
    deflate.decompress(compressed, true, (error, data) => {
      check<Same<typeof error, Error | null>>();
      check<Same<typeof data, Buffer | undefined>>();
      deflate.cleanup();
    });
  });

  return [offered.client_max_window_bits, accepted.server_max_window_bits];
}

export function receiving() {
  const options: WebSocket.ReceiverOptions = {
    allowSynchronousEvents: true,
    binaryType: 'blob',
    extensions: { 'permessage-deflate': new WebSocket.PerMessageDeflate() },
    isServer: true,
    maxBufferedChunks: 1,
    maxFragments: 2,
    maxPayload: 3,
    skipUTF8Validation: false
  };
  const receiver: stream.Writable = new WebSocket.Receiver();

  new WebSocket.Receiver(options)
    .on('conclude', (code, reason) => {
      check<Same<typeof code, number>>();
      check<Same<typeof reason, Buffer>>();
    })
    .on('message', (data, isBinary) => {
      check<Same<typeof data, WebSocket.RawData>>();
      check<Same<typeof isBinary, boolean>>();
    })
    .once('ping', (data) => check<Same<typeof data, Buffer>>())
    .once('pong', (data) => check<Same<typeof data, Buffer>>())
    .on('error', (error) => check<Same<typeof error, Error>>())
    .on('drain', () => {})
    .write(Buffer.of(0x81, 0x00));

  return receiver;
}

export function sending() {
  const sender = new WebSocket.Sender(
    new stream.PassThrough(),
    { 'permessage-deflate': undefined },
    (mask) => check<Same<typeof mask, Buffer>>()
  );
  const options: WebSocket.FrameOptions = {
    fin: true,
    generateMask: (mask) => void mask.fill(0),
    mask: true,
    maskBuffer: Buffer.alloc(4),
    opcode: 2,
    readOnly: true,
    rsv1: false
  };
  const list = WebSocket.Sender.frame(Buffer.alloc(1), options);

  check<Same<typeof list, (string | Buffer)[]>>();
  new WebSocket.Sender(new stream.PassThrough(), {});
  sender.sendFrame(list);
  sender.sendFrame(WebSocket.Sender.frame('', { opcode: 9 }), () => {});
  sender.send('text', { compress: true, fin: true }, (err) => {
    check<Same<typeof err, Error | null | undefined>>();
  });
  sender.ping(Buffer.alloc(1), true, () => {});
  sender.pong('data');
  sender.close(1000, 'reason', true, () => {});
  sender.close();
}
