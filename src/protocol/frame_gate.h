#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/bytes.h"
#include "protocol/frame.h"
#include "protocol/protocol_error.h"

namespace beastws {

// Limits on what a peer may send; 0 switches a limit off.
struct ReceiveLimits {
  uint64_t max_payload = 0;    // bytes of a message, also after inflating
  uint32_t max_fragments = 0;  // data frames of a message
  uint32_t max_chunks = 0;     // reads that an unfinished part may span
  bool skip_utf8_validation = false;

  // The most bytes that a message may have: JavaScript is told sizes as 32-bit
  // integers, and ws knows no larger limit either.
  uint64_t message_limit() const {
    constexpr uint64_t kMaxMessage = std::numeric_limits<int32_t>::max();
    return max_payload > 0 ? std::min(max_payload, kMaxMessage) : kMaxMessage;
  }
};

// How many bytes at the front of an unfinished header are whole parts of it:
// its first two bytes, then its length.
size_t WholeHeaderParts(Bytes bytes);

// Reads frame headers in front of Beast and refuses what RFC 6455 forbids, in
// the order and with the words that ws has: Beast knows one error where ws
// knows two, and checks only when it reads.
class FrameGate {
 public:
  FrameGate(Role role, bool deflate) : role_(role), deflate_(deflate) {}

  // Parses a header at the front of `bytes`. Returns its size, or 0 when more
  // bytes are needed or when `error` was set. Errors are reported as soon as
  // the bytes that prove them are there.
  size_t Parse(Bytes bytes, const ReceiveLimits& limits, FrameHeader* header,
               ProtocolError* error);

  // Says that a header returned by Parse() was taken into account.
  void Accept(const FrameHeader& header);

  // Opcode of the message under way, kContinuation when there is none.
  Opcode message_opcode() const { return message_opcode_; }
  // Whether the message under way is compressed.
  bool message_compressed() const { return message_compressed_; }

 private:
  ProtocolError CheckFirstBytes(uint8_t first, uint8_t second) const;

  const Role role_;
  const bool deflate_;
  Opcode message_opcode_ = Opcode::kContinuation;
  bool message_compressed_ = false;
  uint32_t fragments_ = 0;       // data frames of the message so far
  uint64_t message_length_ = 0;  // their declared lengths together
};

}  // namespace beastws
