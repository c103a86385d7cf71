#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "corpus.h"
#include "deflate.h"
#include "frame.h"
#include "handshake.h"
#include "loop.h"
#include "outbox.h"
#include "tls.h"
#include "transport.h"

namespace load {

/** What all connections of a run have in common. */
struct ConnectionSetup {
  uint16_t port = 0;
  const Corpus* corpus = nullptr;
  const TlsContext* tls = nullptr;
  DeflateMode deflate = DeflateMode::kOff;
  bool raw = false;  // no handshake, and the server sends our own frames back
};

/**
 * A client connection that checks every byte it receives: after the handshake
 * the messages 0, 1, 2, ... of one origin have to come, whole and in order.
 */
class Connection : public Pollable {
 public:
  class Listener {
   public:
    virtual void OnOpen(Connection& connection) = 0;
    /** A message has come and was right; `now_ns` is when its last byte was
     * read. */
    virtual void OnMessage(Connection& connection, uint64_t now_ns) = 0;
    virtual void OnCloseFrame(Connection& connection, uint16_t code);
    /** The peer has ended the stream. */
    virtual void OnEnd(Connection& connection);
    virtual void OnFailure(Connection& connection, const std::string& why) = 0;

   protected:
    ~Listener() = default;
  };

  Connection(uint32_t id, const ConnectionSetup& setup, Loop& loop,
             Listener& listener);

  /** Connects from 127.0.0.`source`; may be called again after OnEnd(). */
  void Open(int source);
  /** Adds messages to send; they leave at the end of the read that is under
   * way, or by Flush(). */
  void Queue(uint32_t count) { outbox_.Add(count); }
  void Flush();
  /** Sends a close frame, or without WebSocket ends our direction of the
   * stream. */
  void SendClose(uint16_t code);
  /** The messages to come are those of another connection (fan-out). */
  void ExpectFrom(uint32_t origin) { expected_origin_ = origin; }
  void OnEvents(uint32_t events) override;

  uint32_t id() const { return id_; }
  uint32_t unsent() const { return outbox_.pending(); }
  uint64_t payload_bytes() const { return payload_bytes_; }
  const Negotiated& negotiated() const { return negotiated_; }

 private:
  friend class FrameParser;
  enum class State { kIdle, kConnecting, kSecuring, kUpgrading, kOpen };

  bool FinishConnect();
  bool FinishSecuring();
  void SetOpen();
  void ReadAll();
  bool Take(const char* data, size_t size);
  bool TakeResponse(const char*& data, size_t& size);
  bool OnFrame(uint8_t first_byte, uint64_t size);
  bool OnPayload(const char* data, size_t size);
  bool OnFrameEnd();
  bool EndControl();
  bool Fail(const std::string& why);
  void Drop();

  const uint32_t id_;
  const ConnectionSetup& setup_;
  Loop& loop_;
  Listener& listener_;
  State state_ = State::kIdle;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Inflater> inflater_;
  FrameParser parser_;
  PayloadCheck check_;
  Outbox outbox_;
  std::string
      control_out_;        // request, pong or close; goes out between messages
  std::string collected_;  // response head, then payloads of control frames
  Negotiated negotiated_;
  uint32_t expected_origin_;
  uint32_t expected_seq_ = 0;
  uint64_t payload_bytes_ = 0;
  uint64_t now_ns_ = 0;
  uint8_t frame_first_ = 0;
  bool in_message_ = false;
  bool compressed_ = false;
  bool hang_up_seen_ = false;
};

}  // namespace load
