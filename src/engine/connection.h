#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_buffer.h"
#include "base/outbox.h"
#include "base/traffic.h"
#include "bridge/command.h"
#include "bridge/event_writer.h"
#include "bridge/slot_table.h"
#include "engine/poll_target.h"
#include "protocol/session.h"
#include "transport/stream.h"

namespace beastws {

class Publication;
struct Topic;

// What a connection needs from the thread it lives on.
struct ConnectionHost {
  SessionPools* pools;
  EventBatch* batch;
  SlotTable* slots;
  Traffic* traffic;
  uint8_t* read_buffer;  // shared by all connections
  size_t read_buffer_size;
  TlsBuffers* tls_buffers;
  ByteBuffer* spare;  // where the next large message is expected, shared, too
};

// One websocket on the I/O thread: its socket, session and outbox. Knows
// nothing of close handshakes: it reports what comes and does as it is told,
// until JavaScript has it destroyed.
class Connection : public PollTarget {
 public:
  Connection(const ConnectionHost& host, uint32_t slot, AttachRequest& request);
  // One that has no session yet: what is read is reported as it is.
  Connection(const ConnectionHost& host, uint32_t slot, Stream&& stream,
             uint64_t bytes_read);
  ~Connection();

  // Begins TLS, as its client.
  void Connect(const AttachRequest& request);

  uint32_t slot() const { return slot_; }
  int descriptor() const { return stream_.descriptor(); }

  // Readiness, as the poller reports it.
  void MarkReadable(bool peer_closed);
  // A read ends in front of urgent bytes, though there are more behind them.
  void MarkUrgent() { urgent_ = true; }
  void MarkWritable() { writable_ = polled_ = true; }
  // What the poller has reported to the one who had the socket before, all of
  // which it has read: it is readable only if that says so.
  void TakeReadiness(uint32_t what);
  // Reads once or a few times. True: there may be more to read.
  bool Read();
  // Wants to be read, if it is allowed to.
  bool wants_read() const {
    return readable_ && (!paused_ || securing_) && !read_ended_;
  }
  // Bytes it added to the batch that is being filled.
  size_t batch_bytes() const { return batch_bytes_; }
  void ForgetBatchBytes() { batch_bytes_ = 0; }

  // How a frame is accounted for: `ack` is reported once it is written, and
  // `queued` ones count by their payload in kAcceptedCompressed.
  struct Sent {
    uint32_t ack;
    bool queued;
  };

  // Whether the peer's FIN is there. As with ws, what is still to be compressed
  // then is not sent: Refuse() has its callback get an error behind kEnd.
  bool PeerHasEnded() const;
  void Refuse(uint32_t ack);

  // Commands.
  // Bytes that were read elsewhere, and perhaps counted already.
  void TakeReceived(Bytes received, bool counted = false);
  void BeginSession(const Session::Options& options);
  void SendData(const Session::OutgoingFrame& frame, Sent sent);
  void SendControl(Opcode opcode, Bytes payload, bool masked,
                   const uint8_t* mask, Sent sent);
  void SendRaw(Bytes bytes, Sent sent);
  // Queues a published message, unless it comes too late or more than
  // `max_backlog` bytes (0: any number) wait already. Returns whether it did.
  bool Publish(Publication* publication, size_t max_backlog);
  void Pause() { paused_ = true; }
  void Resume() { paused_ = false; }
  void Shutdown();
  void Tap() { tapped_ = true; }
  void SetLimits(const ReceiveLimits& limits) {
    if (session_) session_->set_limits(limits);
  }
  Socket& socket() { return stream_.socket(); }
  // It cannot go on, for want of memory say.
  void Fail(int error);
  // Writes what it can, reads what a paused reader would have had, and leaves.
  void Destroy(bool reset);

  // Writes as much as the kernel takes.
  void Flush();
  bool wants_flush() const {
    return writable_ && !broken_ &&
           (!outbox_.empty() || shutdown_wanted_ || !acks_.empty() ||
            stream_.wants_write());
  }

  // For the lists of the I/O thread.
  bool in_read_list = false;
  bool in_flush_list = false;

  // For Topics.
  struct Subscription {
    Topic* topic;
    size_t index;  // among its members
  };
  std::vector<Subscription> subscriptions;

 private:
  struct Ack {
    uint64_t position;
    uint32_t number;
  };

  void Written(size_t before, size_t payload, Sent sent);
  void ReportAcks();
  void ReportRefused();
  void ReturnLoan(Outbox::LoanId loan);
  // The pieces of one read, in order; only the last one may hold more than one
  // frame.
  struct ReadPlan {
    uint8_t header[kMaxFrameHeader];
    size_t header_size = 0;  // not 0: `payload` is the spare memory
    MutableBytes payload;
  };
  void PlanRead(ReadPlan* plan);
  void Received(const ReadPlan& plan, size_t received, EventWriter* events);
  void Received(Bytes bytes, EventWriter* events);
  void ReportTls();
  void Report(EventKind kind, const std::string& text);
  void AdjustReadSize(size_t bytes, size_t events);
  enum class During : uint32_t { kReading = 0, kWriting = 1, kWork = 2 };
  void ReportError(int error, During during);
  void SayGoodbye();
  void BreakWriting(int error);
  EventWriter writer() { return EventWriter(host_.batch, slot_); }

  const ConnectionHost& host_;
  const uint32_t slot_;
  Stream stream_;
  std::optional<Session> session_;
  Outbox outbox_;
  std::vector<Ack> acks_;
  uint32_t first_refused_ = 0;
  uint32_t last_refused_ = 0;

  bool readable_ = true;
  bool writable_ = true;
  bool polled_ = false;  // the poller has reported once
  bool peer_closed_ = false;
  bool urgent_ = false;
  bool paused_ = false;
  bool securing_ = false;    // TLS is not open yet
  bool one_by_one_ = false;  // without a session: pauses after each read
  bool tapped_ = false;      // report raw bytes, too
  bool read_ended_ = false;  // FIN or an error was reported
  bool drained_ = false;     // the socket has nothing before FIN any more
  bool broken_ = false;      // writing failed
  bool shutdown_wanted_ = false;
  bool closing_ = false;  // a close frame or a FIN was asked for
  bool error_reported_ = false;
  bool inflates_ = false;
  size_t read_size_ = SIZE_MAX;  // of one read, at most
  size_t batch_bytes_ = 0;
  uint64_t appended_ = 0;  // bytes ever put into the outbox
  uint64_t accepted_plain_ = 0;
  uint64_t accepted_compressed_ = 0;
  uint64_t published_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace beastws
