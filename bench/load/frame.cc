#include "frame.h"

#include <cstring>

namespace load {

size_t WriteHeader(char* out, uint8_t first_byte, uint64_t payload_size,
                   bool masked) {
  const uint8_t bit = masked ? 0x80 : 0;
  size_t n = 0;
  out[n++] = static_cast<char>(first_byte);
  int length_bytes = 0;
  if (payload_size < 126) {
    out[n++] = static_cast<char>(bit | payload_size);
  } else if (payload_size < 65536) {
    out[n++] = static_cast<char>(bit | 126);
    length_bytes = 2;
  } else {
    out[n++] = static_cast<char>(bit | 127);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) {
    out[n++] = static_cast<char>(payload_size >> (8 * i));
  }
  if (masked) {
    memcpy(out + n, kMaskKey, sizeof kMaskKey);
    n += sizeof kMaskKey;
  }
  return n;
}

void ApplyMask(char* data, size_t size, size_t offset) {
  for (size_t i = 0; i < size; ++i)
    data[i] ^= static_cast<char>(kMaskKey[(offset + i) & 3]);
}

size_t FrameParser::TakeHeader(const char* data, size_t size) {
  size_t used = 0;
  if (have_ == 0) need_ = 2;
  while (have_ < need_ && used < size) {
    header_[have_++] = static_cast<uint8_t>(data[used++]);
    if (have_ != 2) continue;
    if (((header_[1] & 0x80) != 0) != masked_) {
      wrong_ = true;
      return used;
    }
    const uint8_t length = header_[1] & 0x7f;
    need_ = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (masked_ ? 4 : 0);
  }
  if (have_ < need_) return used;
  const uint8_t length = header_[1] & 0x7f;
  left_ = length;
  if (length >= 126) {
    left_ = 0;
    for (int i = 0; i < (length == 126 ? 2 : 8); ++i)
      left_ = left_ << 8 | header_[2 + i];
  }
  return used;
}

}  // namespace load
