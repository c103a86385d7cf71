#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_buffer.h"
#include "protocol/session.h"

namespace beastws {

class TlsContext;

// What JavaScript asks of the I/O thread. Records are written by
// lib/command-writer.js straight into memory that the I/O thread reads; the
// numbers here are known there.
enum class CommandKind : uint8_t {
  kSkip = 0,     // nothing
  kAttach = 1,   // a new connection; payload: the number of an AttachRequest
  kData = 2,     // a data frame
  kControl = 3,  // a control frame; its opcode is in the flags
  kRaw = 4,      // bytes as they are
  kPause = 5,
  kResume = 6,
  kShutdown = 7,  // FIN once everything is written
  kDestroy = 8,   // close the descriptor
  kLimits = 9,    // payload: max_payload, max_fragments, max_chunks (doubles),
                  // skip_utf8_validation (double)
  kNoDelay = 10,  // flag kOn
  kKeepAlive = 11,  // flag kOn; payload: seconds (double)
  kTap = 12,        // report what is read as it is, too
  // Of listeners, and of connections that they accepted.
  kListen = 32,  // payload: a ListenRequest*
  kCloseListener = 33,
  kAdopt = 34,          // payload: the number of a connection (32 bits)
  kBegin = 35,          // the connection's session; payload: as of kAttach
  kSecureContext = 36,  // of a listener's next connections; payload: likewise
  // A connection that has no session yet, with TLS as its client. It reads by
  // itself until TLS is open, then once after each kResume until kBegin.
  // Payload: as of kAttach.
  kConnect = 37,
  // Of topics, whose number stands in place of the acknowledgement.
  kSubscribe = 64,
  kUnsubscribe = 65,
  kPublish = 66,  // the slot is the sender's, or kNoSlot; payload: the most
                  // bytes that may wait already (double, 0: any number), then
                  // the message or a PayloadReference (kOwned)
};

// No connection's.
constexpr uint32_t kNoSlot = UINT32_MAX;

namespace command_flags {
constexpr uint32_t kFin = 1 << 8;
constexpr uint32_t kCompress = 1 << 9;
constexpr uint32_t kMasked = 1 << 10;
constexpr uint32_t kText = 1 << 11;
constexpr uint32_t kHasMask = 1 << 12;  // the payload begins with 4 mask bytes
constexpr uint32_t kLent = 1 << 13;     // payload: a PayloadReference, lent
constexpr uint32_t kOwned = 1 << 14;    // payload: a PayloadReference, malloc
constexpr uint32_t kOn = 1 << 15;
constexpr uint32_t kReset = 1 << 16;  // destroy with RST
constexpr uint32_t kContinuation = 1 << 17;
// Counts as what waits for the compressor, because it is behind such a frame.
constexpr uint32_t kQueued = 1 << 18;
constexpr uint32_t kOpcodeShift = 24;  // 4 bits, for control frames
}  // namespace command_flags

// The opcode of a data frame by its flags.
constexpr Opcode DataOpcode(uint32_t flags) {
  if (flags & command_flags::kContinuation) return Opcode::kContinuation;
  return flags & command_flags::kText ? Opcode::kText : Opcode::kBinary;
}

// The 16 bytes in front of each payload; payloads are padded to 8 bytes.
struct CommandHeader {
  uint32_t kind_and_flags;
  uint32_t slot;
  uint32_t length;  // of the payload in the record
  uint32_t ack;     // not 0: report kAck with it once written
};
static_assert(sizeof(CommandHeader) == 16);

// Stands in the record for a payload that is elsewhere.
struct PayloadReference {
  const uint8_t* data;
  uint64_t size;
  uint64_t loan;
};
static_assert(sizeof(PayloadReference) == 24);

// A descriptor that changes hands, with what the handshake negotiated. There
// is no descriptor when the I/O thread has the connection already.
struct AttachRequest {
  AttachRequest() = default;
  AttachRequest(AttachRequest&&) = delete;
  ~AttachRequest();  // closes the descriptor, unless somebody took it

  int descriptor = -1;
  Session::Options session;
  ByteBuffer received;  // what Node has read already
  bool paused = false;
  std::shared_ptr<const TlsContext> tls;
  std::string tls_host;    // to be sent as the server's name, if any
  ByteBuffer tls_session;  // to be resumed, if any
};

}  // namespace beastws
