#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/byte_buffer.h"
#include "base/traffic.h"

namespace beastws {

// What the I/O side tells JavaScript. The numbers are known to lib/events.js.
enum class EventKind : uint8_t {
  kText = 0,  // a message; a: number of fragments, b: see Event
  kBinary = 1,
  kPing = 2,
  kPong = 3,
  kCloseFrame = 4,     // a: code
  kProtocolError = 5,  // a: ProtocolErrorKind, b: detail
  kEnd = 6,            // the peer's FIN
  kSocketError = 7,    // a: errno, b: of reading (0), writing (1), ours (2)
  kAck = 8,        // a: the number that the command gave; b: 0, or the first
                   // number from which on they were refused (up to a)
  kShutdown = 9,   // our FIN is out
  kClosed = 10,    // the descriptor is closed; last event of a slot
  kReleased = 11,  // a: a loan that is over
  kRaw = 12,       // bytes as they were read, for those who listen
  // Of listeners.
  kUpgrade = 32,         // a: a connection to adopt, b: bytes of text
  kListenerClosed = 33,  // last event of a listener's slot
  // Of TLS.
  kSecure = 34,    // a client's handshake is over; payload: TlsStream::Info()
  kTlsError = 35,  // payload: lines, see TlsStream::ErrorInfo()
  kSession = 36,   // payload: a session to resume, as DER
};

// Payload bytes are in the batch's slab or, for large messages, in memory of
// their own (`large` is an index into the batch's list, or -1).
struct Event {
  uint32_t slot;
  EventKind kind;
  bool chunk_start;  // the first one of a read: where a pause takes effect
  uint32_t offset;   // in the slab
  uint32_t length;
  uint32_t a;
  uint32_t b;
  int32_t large;
};

// Slabs from this size on are lent to JavaScript instead of copied.
constexpr size_t kLendSlabMin = 64 * 1024;

// Events in order, with their bytes. The sizes of a message's fragments follow
// its payload in the slab as 32-bit integers in native order.
struct EventBatch {
  ByteBuffer slab;
  std::vector<Event> events;
  std::vector<ByteBuffer> large;
  size_t large_bytes = 0;
  // Messages ever added, and their bytes, that nobody has counted yet.
  uint64_t messages = 0;
  uint64_t message_bytes = 0;

  bool empty() const { return events.empty(); }
  size_t bytes() const { return slab.size() + large_bytes; }

  void CountTo(Traffic* traffic) {
    traffic->messages_in.Add(messages);
    traffic->bytes_in.Add(message_bytes);
    messages = message_bytes = 0;
  }

  void Clear() {
    // A burst must not pin its memory for ever.
    constexpr size_t kMaxKept = 1024 * 1024;
    if (slab.capacity() > kMaxKept) slab.Reset();
    slab.Clear();
    events.clear();
    large.clear();
    large_bytes = 0;
  }
};

}  // namespace beastws
