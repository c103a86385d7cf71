'use strict';

const assert = require('assert');
const { once } = require('events');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const {
  HEADER,
  isRight,
  makeFrame,
  readMessage,
  sign,
  writeMessage
} = require('./support/humblenet');
const { HOST, closed } = require('./support/net');

const SECRET = 'known to the game and the server';

/** Messages as `flatc` writes them with HumbleNet's schema. */
const WRITTEN_BY_FLATC = {
  HelloServer:
    '0c00000008000e000700080008000000000000011800000000001200180000000700' +
    '08000c00100000001400120000000000000188000000780000006800000004000000' +
    '020000003400000004000000dcffffff100000000400000001000000310000000900' +
    '000074696d657374616d7000000008000c0004000800080000001400000004000000' +
    '050000006c696e757800000008000000706c6174666f726d00000000070000006772' +
    'c3b6c39f65000400000061623132000000000400000067616d6500000000',
  HelloClient:
    '0c00000008000e000700080008000000000000021000000000000a000c0004000000' +
    '08000a00000000286bee04000000020000005c000000100000000c00140007000800' +
    '0c0010000c0000000000000220000000140000000400000006000000736563726574' +
    '00000300000061646100100000007475726e2e6578616d706c652e6f726700000000' +
    '08000800000004000800000004000000100000007374756e2e6578616d706c652e6f' +
    '726700000000',
  P2PRelayData:
    '0c00000008000c000700080008000000000000100c00000008000c00040008000800' +
    '000007000000040000000400000001ff007f'
};

/** What is in them. */
const CONTENTS = {
  HelloServer: {
    version: 0,
    flags: 1,
    gameToken: 'game',
    gameSignature: 'ab12',
    authToken: 'größe',
    attributes: [
      { key: 'platform', value: 'linux' },
      { key: 'timestamp', value: '1' }
    ]
  },
  HelloClient: {
    peerId: 4000000000,
    iceServers: [
      { type: 1, server: 'stun.example.org' },
      {
        type: 2,
        server: 'turn.example.org',
        username: 'ada',
        password: 'secret'
      }
    ]
  },
  P2PRelayData: { peerId: 7, data: Buffer.from([1, 255, 0, 127]) }
};

/**
 * Send a message.
 *
 * @param {WebSocket} ws Where to
 * @param {string} name Its name
 * @param {Object} values Its fields
 */
function send(ws, name, values) {
  ws.send(makeFrame(writeMessage(name, values)));
}

/**
 * Wait for a message.
 *
 * @param {WebSocket} ws Where it comes from
 * @returns {Promise<Object>} Its `name` and its `values`
 */
async function receive(ws) {
  const [frame, isBinary] = await once(ws, 'message');

  assert.ok(isBinary);
  assert.ok(isRight(frame));
  return readMessage(frame.subarray(HEADER));
}

/**
 * As much of HumbleNet's peer server as two peers need: it checks who they are,
 * gives them numbers and passes on what they have for each other.
 *
 * @param {WebSocketServer} wss Takes its connections
 */
function signal(wss) {
  const peers = new Map();

  wss.on('connection', (ws) => {
    let id = 0;

    ws.on('message', (frame) => {
      const body = frame.subarray(HEADER);

      if (!isRight(frame)) return ws.close(4000, 'not right');

      const { name, values } = readMessage(body);

      if (id !== 0) {
        const other = peers.get(values.peerId);

        // The other one is told where it comes from.
        if (other) return send(other, name, { ...values, peerId: id });
        return send(ws, 'P2PReject', { peerId: values.peerId, reason: 1 });
      }
      if (
        name !== 'HelloServer' ||
        values.gameSignature !== sign(SECRET, values)
      ) {
        return ws.close(4001, 'who are you?');
      }

      id = peers.size + 1;
      peers.set(id, ws);
      return send(ws, 'HelloClient', {
        ...CONTENTS.HelloClient,
        peerId: id
      });
    });
  });
}

describe("HumbleNet's messages", () => {
  const defer = cleanup();

  /**
   * Serve peers.
   *
   * @param {Object} options Options of our server
   * @returns {Promise<Function>} Connects a peer, as `(secret)`
   */
  async function serve(options) {
    const wss = new WebSocket.Server({
      host: HOST,
      port: 0,
      handleProtocols: (protocols) =>
        protocols.has('humblepeer') && 'humblepeer',
      ...options
    });

    signal(wss);
    defer(() => new Promise((resolve) => wss.close(resolve)));
    await once(wss, 'listening');
    return async (secret) => {
      const ws = new WebSocket(
        `ws://${HOST}:${wss.address().port}`,
        'humblepeer'
      );

      defer(() => ws.terminate());
      await once(ws, 'open');
      assert.strictEqual(ws.protocol, 'humblepeer');

      const { gameSignature, ...hello } = CONTENTS.HelloServer;

      assert.notStrictEqual(gameSignature, sign(secret, hello));
      send(ws, 'HelloServer', { ...hello, gameSignature: sign(secret, hello) });
      return ws;
    };
  }

  for (const [name, hex] of Object.entries(WRITTEN_BY_FLATC)) {
    it(`${name} is read as flatc writes it`, () => {
      const values = CONTENTS[name];

      assert.deepStrictEqual(readMessage(Buffer.from(hex, 'hex')), {
        name,
        values
      });
      assert.deepStrictEqual(readMessage(writeMessage(name, values)), {
        name,
        values
      });
    });
  }

  for (const perMessageDeflate of [false, true]) {
    const how = perMessageDeflate ? 'compressed' : 'uncompressed';

    it(`signal between two peers through our server, ${how}`, async () => {
      const connect = await serve({ perMessageDeflate });
      const one = await connect(SECRET);

      assert.strictEqual(
        one.extensions,
        perMessageDeflate ? 'permessage-deflate' : ''
      );
      assert.deepStrictEqual(await receive(one), {
        name: 'HelloClient',
        values: { ...CONTENTS.HelloClient, peerId: 1 }
      });

      const two = await connect(SECRET);

      assert.strictEqual((await receive(two)).values.peerId, 2);

      for (const [from, to, name, values] of [
        [one, two, 'P2POffer', { flags: 1, offer: 'v=0\r\n'.repeat(500) }],
        [two, one, 'P2PAnswer', { offer: 'v=0' }],
        [one, two, 'P2PRelayData', { data: Buffer.alloc(65535, 'beast') }],
        [two, one, 'P2PRelayData', { data: Buffer.alloc(0) }]
      ]) {
        const peerId = to === two ? 2 : 1;

        send(from, name, { ...values, peerId });
        assert.deepStrictEqual(await receive(to), {
          name,
          values: { ...values, peerId: 3 - peerId }
        });
      }

      send(one, 'P2POffer', { peerId: 99, offer: 'anybody?' });
      assert.deepStrictEqual(await receive(one), {
        name: 'P2PReject',
        values: { peerId: 99, reason: 1 }
      });
    });
  }

  it('are refused with a wrong signature, or a wrong CRC-32', async () => {
    const connect = await serve();

    assert.deepStrictEqual(await closed(await connect('guessed')), [
      4001,
      'who are you?'
    ]);

    const ws = await connect(SECRET);
    const frame = makeFrame(Buffer.from(WRITTEN_BY_FLATC.HelloServer, 'hex'));

    await receive(ws);
    frame[HEADER] ^= 1;
    ws.send(frame);
    assert.deepStrictEqual(await closed(ws), [4000, 'not right']);
  });
});
