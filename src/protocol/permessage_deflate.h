#pragma once

#include <memory>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "protocol/deflate_params.h"
#include "protocol/frame.h"
#include "protocol/protocol_error.h"

namespace beastws {

// The inflating half of permessage-deflate (RFC 7692, section 7.2.2) on
// Beast's zlib. The window lives as long as the connection, or for one
// message when the peer gave up context takeover.
class Inflater {
 public:
  explicit Inflater(int window_bits);
  ~Inflater();

  // Appends to `out` what `in` inflates to; `fin` ends the message. At most
  // `max_size` bytes may be in `out` afterwards (0: no limit).
  ProtocolError Write(Bytes in, bool fin, uint64_t max_size, ByteBuffer* out);

  // Forgets the window, for the next message.
  void Clear();

 private:
  ProtocolError Run(Bytes in, uint64_t max_size, ByteBuffer* out);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The deflating half (RFC 7692, section 7.2.1).
class Deflater {
 public:
  // zlib's words for how much it remembers: 2^window_bits bytes of what came
  // before, 2^(memory_level + 7) places to find something in them.
  struct Size {
    int window_bits;
    int memory_level;
  };

  // What is worth its memory for a message of so many bytes, at most a window
  // of 2^max_window_bits. Memory level 0 stands for a choice: compressors of
  // many connections take turns, and what one has to look at is then in no
  // cache, so that small messages take twice as long with zlib's usual 256 KiB
  // as with a fifth of that.
  static Size SizeFor(size_t message, int max_window_bits, int memory_level);

  Deflater(Size size, int level);
  ~Deflater();

  Size size() const { return size_; }

  // Appends the compressed form of `in` to `out`, flushed to a byte border;
  // the last fragment (`fin`) loses its 00 00 ff ff.
  void Write(Bytes in, bool fin, ByteBuffer* out);

  void Clear();

 private:
  struct Impl;
  const Size size_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace beastws
