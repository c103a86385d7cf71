#pragma once

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/outbox.h"
#include "protocol/frame.h"

namespace beastws {

// What Beast's streams need to be constructed; nothing ever runs on it.
struct StreamContext;

// One boost::beast::websocket::stream over memory, opened by replaying a
// handshake. Between messages an uncompressed stream holds no state of its
// connection, so that a few of them serve all connections of a thread.
//
// This is the only class that Beast's websocket hides behind: the stream is
// instantiated in beast_stream.cc and nowhere else.
class BeastStream {
 public:
  enum class ReadStatus { kOk, kMessageDone, kInvalidUtf8, kRefused };
  struct ReadResult {
    size_t size = 0;
    ReadStatus status = ReadStatus::kOk;
  };

  BeastStream(Role role, StreamContext& context);
  ~BeastStream();

  // Shows Beast the header of the next frame, for the next ReadSome().
  void BeginFrame(const FrameHeader& header);

  // Reads from `input` (payload bytes of the frame that was begun, masked as
  // on the wire) into `out`, which may be the same memory. `input` must not
  // be empty unless the frame is an empty final one. `consumed` tells how much
  // of the input was taken.
  ReadResult ReadSome(Bytes input, MutableBytes out, size_t* consumed);

  // Writes one frame of a message. `loan` != 0 lends the payload: a server's
  // stream then queues a reference instead of a copy.
  void WriteSome(Opcode opcode, bool fin, Bytes payload, Outbox::LoanId loan,
                 Outbox* outbox);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The idle streams of one thread. Outlives every session that takes from it.
class StreamPool {
 public:
  StreamPool();
  ~StreamPool();

  // Does at once what else the first Take() does, which may fail: it costs
  // three descriptors.
  void Prepare();
  std::unique_ptr<BeastStream> Take(Role role);
  // Only streams between messages may come back.
  void Give(Role role, std::unique_ptr<BeastStream> stream);

 private:
  using StreamList = std::vector<std::unique_ptr<BeastStream>>;

  // More than this are only needed while many messages are half read.
  static constexpr size_t kMaxIdle = 64;

  StreamList& List(Role role) {
    return role == Role::kServer ? servers_ : clients_;
  }

  // Declared first, gone last.
  std::unique_ptr<StreamContext> context_;
  StreamList servers_;
  StreamList clients_;
};

}  // namespace beastws
