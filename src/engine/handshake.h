#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/byte_buffer.h"
#include "engine/poll_target.h"
#include "transport/stream.h"

namespace beastws {

struct Listener;

// An accepted connection that is no websocket (yet). Kept small: thousands of
// them may come and never say a word.
struct Handshake : PollTarget {
  enum class State : uint8_t {
    kReading,     // a request, or waits for one
    kHandedOver,  // to JavaScript, which is going to adopt it
    kLeaving,     // the last answer is written: waits for the peer's FIN
  };

  Handshake(uint32_t number, Listener* owner, Stream&& connection)
      : PollTarget(Kind::kHandshake),
        id(number),
        listener(owner),
        stream(std::move(connection)) {}

  const uint32_t id;
  State state = State::kReading;
  bool queued = false;   // to be read
  bool secure = false;   // TLS is open
  bool waiting = false;  // for the next request on a connection kept alive
  Listener* const listener;
  Stream stream;
  ByteBuffer in;  // the part of a request that has come
  size_t scanned = 0;
  uint64_t body_left = 0;  // of a plain request, which is ignored
  std::string out;         // what the kernel did not take yet
  int64_t deadline = 0;
  uint32_t ready = 0;  // of what the poller has said: what its next owner needs
  uint64_t bytes_read = 0;
};

}  // namespace beastws
