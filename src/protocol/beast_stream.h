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
// Beast masks four bytes at a time, in a pass of its own. So its streams only
// see frames without masks: clients' streams read, servers' streams write, and
// the memory that they work on masks while it copies.
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

  enum class Use { kReading, kWriting };

  BeastStream(Use use, StreamContext& context);
  ~BeastStream();

  // Shows Beast the header of the next frame, for the next ReadSome(), which
  // unmasks the payload when the header says so.
  void BeginFrame(const FrameHeader& header);

  // Reads from `input` (payload bytes of the frame that was begun, masked as
  // on the wire) into `out`, which may be the same memory. `input` must not
  // be empty unless the frame is an empty final one. `consumed` tells how much
  // of the input was taken.
  ReadResult ReadSome(Bytes input, MutableBytes out, size_t* consumed);

  // Writes one frame of a message, with a mask unless that is null. `loan` != 0
  // lends the payload: without a mask, a reference is queued instead of a copy.
  void WriteSome(Opcode opcode, bool fin, Bytes payload, Outbox::LoanId loan,
                 const uint8_t* mask, Outbox* outbox);

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
  std::unique_ptr<BeastStream> Take(BeastStream::Use use);
  // Only streams between messages may come back.
  void Give(BeastStream::Use use, std::unique_ptr<BeastStream> stream);

 private:
  using StreamList = std::vector<std::unique_ptr<BeastStream>>;

  // More than this are only needed while many messages are half read.
  static constexpr size_t kMaxIdle = 64;

  StreamList& List(BeastStream::Use use) {
    return use == BeastStream::Use::kReading ? readers_ : writers_;
  }

  // Declared first, gone last.
  std::unique_ptr<StreamContext> context_;
  StreamList readers_;
  StreamList writers_;
};

}  // namespace beastws
