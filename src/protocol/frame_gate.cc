#include "protocol/frame_gate.h"

namespace beastws {

using Kind = ProtocolErrorKind;

namespace {

constexpr uint64_t kMaxSafeInteger = (uint64_t{1} << 53) - 1;

uint64_t ReadBigEndian(const uint8_t* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

// Bytes of the length behind the first two.
size_t ExtraLengthBytes(uint8_t second) {
  const uint8_t length = second & 0x7f;
  return length == 126 ? 2 : (length == 127 ? 8 : 0);
}

}  // namespace

size_t WholeHeaderParts(Bytes bytes) {
  if (bytes.size() < 2) return 0;
  const size_t extra = ExtraLengthBytes(bytes[1]);
  return bytes.size() < 2 + extra ? 2 : 2 + extra;
}

ProtocolError FrameGate::CheckFirstBytes(uint8_t first, uint8_t second) const {
  const bool fin = first & 0x80;
  const bool rsv1 = first & 0x40;
  const uint8_t opcode = first & 0x0f;
  const uint8_t length = second & 0x7f;
  const bool in_message = message_opcode_ != Opcode::kContinuation;

  if (first & 0x30) return {Kind::kUnexpectedRsv23};
  if (rsv1 && !deflate_) return {Kind::kUnexpectedRsv1};
  switch (opcode) {
    case 0:
      if (rsv1) return {Kind::kUnexpectedRsv1};
      if (!in_message) return {Kind::kInvalidOpcode, opcode};
      break;
    case 1:
    case 2:
      if (in_message) return {Kind::kInvalidOpcode, opcode};
      break;
    case 8:
    case 9:
    case 10:
      if (!fin) return {Kind::kExpectedFin};
      if (rsv1) return {Kind::kUnexpectedRsv1};
      if (length > kMaxControlPayload || (opcode == 8 && length == 1)) {
        return {Kind::kInvalidControlLength, length};
      }
      break;
    default:
      return {Kind::kInvalidOpcode, opcode};
  }
  const bool masked = second & 0x80;
  if (role_ == Role::kServer && !masked) return {Kind::kExpectedMask};
  if (role_ == Role::kClient && masked) return {Kind::kUnexpectedMask};
  return {};
}

size_t FrameGate::Parse(Bytes bytes, const ReceiveLimits& limits,
                        FrameHeader* header, ProtocolError* error) {
  if (bytes.size() < 2) return 0;
  *error = CheckFirstBytes(bytes[0], bytes[1]);
  if (*error) return 0;

  header->fin = bytes[0] & 0x80;
  header->rsv1 = bytes[0] & 0x40;
  header->opcode = static_cast<Opcode>(bytes[0] & 0x0f);
  header->masked = bytes[1] & 0x80;
  header->length = bytes[1] & 0x7f;

  size_t size = 2;
  const size_t extra = ExtraLengthBytes(bytes[1]);
  if (extra > 0) {
    if (bytes.size() < size + extra) return 0;
    header->length = ReadBigEndian(bytes.data() + size, extra);
    size += extra;
    if (header->length > kMaxSafeInteger) {
      *error = {Kind::kUnsupportedDataLength};
      return 0;
    }
  }
  if (!header->is_control() && header->length > 0 &&
      message_length_ + header->length > limits.message_limit()) {
    *error = {Kind::kMessageTooBig};
    return 0;
  }
  if (header->masked) {
    if (bytes.size() < size + 4) return 0;
    for (int i = 0; i < 4; ++i) header->mask[i] = bytes[size + i];
    size += 4;
  }
  if (!header->is_control() && limits.max_fragments > 0 &&
      fragments_ + 1 > limits.max_fragments) {
    *error = {Kind::kTooManyFragments};
    return 0;
  }
  return size;
}

void FrameGate::Accept(const FrameHeader& header) {
  if (header.is_control()) return;
  if (header.opcode != Opcode::kContinuation) {
    message_opcode_ = header.opcode;
    message_compressed_ = header.rsv1;
    fragments_ = 0;
    message_length_ = 0;
  }
  ++fragments_;
  message_length_ += header.length;
  if (header.fin) {
    message_opcode_ = Opcode::kContinuation;
    fragments_ = 0;
    message_length_ = 0;
  }
}

}  // namespace beastws
