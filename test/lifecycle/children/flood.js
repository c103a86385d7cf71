'use strict';

// Peers that send messages as fast as they are taken. Arguments: the port, how
// many peers, the size of a message in bytes, 'tls' if by TLS.

const { frame } = require('../../integration/support/frames');
const { connect, pour, repeat, requestFor } = require('../../attacks/sockets');
const { answer } = require('./answer');

const [, , port, count, size, tls] = process.argv;
const bytes = frame(2, Buffer.alloc(+size), { mask: true });

answer({
  /** Send until all are disconnected. */
  async flood() {
    await repeat(+count, +count, async () => {
      const socket = await connect(+port, tls === 'tls');

      socket.write(requestFor('/'));
      await pour(socket, bytes);
      socket.destroy();
      await socket.gone;
    });
  }
});
