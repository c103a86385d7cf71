'use strict';

// With BEASTWS_NO_IO_THREAD: a native listener whose connections live on
// JavaScript's thread, and a client. Argument: the "tls" option as JSON, or
// nothing. Writes what the sender knows of bytes that nobody reads.

const { once } = require('events');

const { WebSocket } = require('../../integration/kinds');

/** More than the buffers of the kernel take. */
const SIZE = 32 * 1024 * 1024;

/**
 * Sends to a client that does not read for a while.
 */
async function main() {
  const tls = process.argv[2] ? JSON.parse(process.argv[2]) : undefined;
  const server = new WebSocket.Server({
    native: true,
    port: 0,
    ...(tls && { tls })
  });

  await once(server, 'listening');

  const client = new WebSocket(
    `${tls ? 'wss' : 'ws'}://localhost:${server.address().port}`,
    { native: true, maxPayload: 0, rejectUnauthorized: false }
  );
  const [[ws]] = await Promise.all([
    once(server, 'connection'),
    once(client, 'open')
  ]);

  client.pause();

  let called = false;
  const sent = new Promise((resolve) => {
    ws.send(Buffer.alloc(SIZE), () => {
      called = true;
      resolve();
    });
  });

  // So that the kernel has had its share.
  await new Promise((resolve) => setTimeout(resolve, 200));

  const result = {
    client: client._socket.constructor.name,
    buffered: ws.bufferedAmount,
    called
  };

  client.resume();
  await Promise.all([once(client, 'message'), sent]);
  result.left = ws.bufferedAmount;
  client.close();
  await once(client, 'close');
  server.close();
  process.stdout.write(JSON.stringify(result));
}

main();
