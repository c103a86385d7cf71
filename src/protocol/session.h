#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/outbox.h"
#include "protocol/beast_stream.h"
#include "protocol/deflate_params.h"
#include "protocol/frame.h"
#include "protocol/frame_gate.h"
#include "protocol/mask_source.h"
#include "protocol/permessage_deflate.h"
#include "protocol/session_events.h"

namespace beastws {

// What all sessions of one thread share.
struct SessionPools {
  StreamPool streams;
  MaskSource masks;
  // Memory for the length of a call, and for a small message in several calls.
  ByteBuffer scratch;
  ByteBuffer message;
  Outbox::Pool outboxes;
};

// Messages of this size and more get memory of their own, which is then lent
// to JavaScript; smaller ones are gathered in a batch and copied.
constexpr size_t kOwnMemoryMin = 32 * 1024;

// What a thread keeps of each of the buffers that its sessions share.
constexpr size_t kMaxScratch = kOwnMemoryMin;

// One end of a websocket connection after its handshake, without a socket, a
// thread or an opinion: bytes go in, events come out; messages go in, bytes
// come out. Control frames are passed on, not answered: ws decides what a ping
// or a close is worth, in JavaScript.
class Session {
 public:
  struct Options {
    Role role = Role::kServer;
    std::optional<DeflateParams> deflate;
    ReceiveLimits limits;
  };

  // An outgoing data frame.
  struct OutgoingFrame {
    // kContinuation goes on with a message, also one that was begun elsewhere.
    Opcode opcode = Opcode::kBinary;
    bool fin = true;
    bool compress = false;  // decided by the first frame of a message
    bool masked = false;
    Bytes payload;
    // Not 0: the payload stays valid until the outbox reports this loan. It is
    // referred to when it goes out as it is, and copied otherwise.
    Outbox::LoanId loan = 0;
    const uint8_t* mask = nullptr;  // 4 bytes instead of a random key
  };

  Session(SessionPools& pools, const Options& options);
  ~Session();

  // Takes bytes from the peer, in the pieces that one read has filled. After an
  // error or a close frame all further bytes are ignored.
  void Receive(std::initializer_list<Bytes> pieces, SessionEvents& events);
  void Receive(Bytes bytes, SessionEvents& events) { Receive({bytes}, events); }

  // Where the payload of a large message under way may be received straight
  // away, at least `min_size` bytes; empty when that is not possible. What was
  // put there is passed to Receive() as it is.
  MutableBytes DirectBuffer(size_t min_size, size_t max_size);

  // After a large message the next one is expected to be like it: how long its
  // header and its payload would be, 0 and 0 without an expectation.
  struct Forecast {
    size_t header = 0;
    size_t payload = 0;
  };
  Forecast NextMessage() const;
  // Like Receive(), for a read that put the header's bytes into `header` and
  // the first `size` bytes of the payload into `memory`, which is taken when
  // they are what was expected.
  void ReceiveForecast(Bytes header, ByteBuffer* memory, size_t size,
                       Bytes rest, SessionEvents& events);

  void set_limits(const ReceiveLimits& limits) { limits_ = limits; }
  const ReceiveLimits& limits() const { return limits_; }

  Role role() const { return role_; }
  const std::optional<DeflateParams>& deflate_params() const {
    return deflate_params_;
  }
  // Starts with an empty window again: the peer's has got something from
  // elsewhere. Not in the middle of a message.
  void ForgetWindow() { deflater_.reset(); }

  // Nothing more will be read: a close frame or an error came.
  bool finished() const { return phase_ == Phase::kFinished; }

  void SendData(const OutgoingFrame& frame, Outbox* outbox);
  void SendControl(Opcode opcode, Bytes payload, bool masked,
                   const uint8_t* mask, Outbox* outbox);

 private:
  enum class Phase : uint8_t { kHeader, kControl, kData, kFinished };

  size_t ReadPart(Bytes bytes, SessionEvents& events);
  size_t ReadHeader(Bytes bytes, SessionEvents& events);
  void StashHeader(Bytes bytes);
  size_t ReadControl(Bytes bytes, SessionEvents& events);
  size_t ReadData(Bytes bytes, SessionEvents& events);
  void BeginDataFrame();
  void ShowFrameToBeast();
  bool ReadWholeMessage(Bytes bytes, SessionEvents& events);
  bool ReadPlain(Bytes bytes, SessionEvents& events);
  bool ReadCompressed(Bytes bytes, SessionEvents& events);
  void EndDataFrame(SessionEvents& events);
  void HandleControl(Bytes payload, SessionEvents& events);
  void Fail(ProtocolError error, SessionEvents& events);
  void Finish();

  void SendPlain(const OutgoingFrame& frame, Outbox* outbox);
  void SendCompressed(const OutgoingFrame& frame, Outbox* outbox);
  const uint8_t* ChooseMask(bool masked, const uint8_t* given,
                            uint8_t random[4]);
  void WriteFrame(FrameHeader header, Bytes payload, Outbox::LoanId loan,
                  const uint8_t* mask, Outbox* outbox);
  Inflater& inflater();
  Deflater& deflater(size_t message);

  SessionPools& pools_;
  const Role role_;
  const std::optional<DeflateParams> deflate_params_;
  ReceiveLimits limits_;
  FrameGate gate_;

  // Reading.
  Phase phase_ = Phase::kHeader;
  bool text_ = false;            // of the message under way
  bool shown_to_beast_ = false;  // its first frame was
  bool frame_pending_ = false;   // this frame's header was not shown yet
  bool writing_compressed_ = false;
  uint32_t last_size_ = 0;  // of the last message, if it was large and whole
  uint32_t chunks_ = 0;     // reads that the unfinished part spans
  FrameHeader frame_;
  uint64_t remaining_ = 0;     // payload bytes of the frame still to come
  size_t fragment_start_ = 0;  // where it began in message_
  ByteBuffer stash_;           // a header or control frame cut by a read
  ByteBuffer message_;
  ByteBuffer expected_;  // holds the payload of the next message already
  std::vector<uint32_t> fragments_;
  // In the middle of a message each, otherwise none. Two, because one side may
  // be abandoned half way while the other goes on.
  std::unique_ptr<BeastStream> reader_;
  std::unique_ptr<BeastStream> writer_;
  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;
};

}  // namespace beastws
