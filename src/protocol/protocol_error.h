#pragma once

#include <cstdint>

namespace beastws {

// Why a connection is failed. The numbers are known to lib/protocol-error.js,
// which turns them into ws's errors.
enum class ProtocolErrorKind : uint8_t {
  kNone = 0,
  kUnexpectedRsv23 = 1,
  kUnexpectedRsv1 = 2,
  kInvalidOpcode = 3,  // detail: the opcode
  kExpectedFin = 4,
  kInvalidControlLength = 5,  // detail: the 7-bit length
  kExpectedMask = 6,
  kUnexpectedMask = 7,
  kInvalidCloseCode = 8,  // detail: the code
  kInvalidUtf8 = 9,
  kUnsupportedDataLength = 10,
  kMessageTooBig = 11,
  kTooManyFragments = 12,
  kTooManyChunks = 13,
  kInflate = 14,      // detail: an InflateFault
  kInternal = 15,     // Beast refused what the gate let through
  kNoResources = 16,  // not the peer's fault: no memory, or no descriptors
};

// What zlib would have said about a bad deflate stream.
enum class InflateFault : uint8_t {
  kOther = 0,
  kBlockType = 1,
  kStoredLength = 2,
  kTooManySymbols = 3,
  kCodeLengths = 4,
  kLengthRepeat = 5,
  kNoEndOfBlock = 6,
  kLiteralLengthSet = 7,
  kDistancesSet = 8,
  kLiteralLengthCode = 9,
  kDistanceCode = 10,
  kDistanceTooFar = 11,
};

struct ProtocolError {
  ProtocolErrorKind kind = ProtocolErrorKind::kNone;
  uint32_t detail = 0;

  explicit operator bool() const { return kind != ProtocolErrorKind::kNone; }
};

}  // namespace beastws
