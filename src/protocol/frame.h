#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace beastws {

// RFC 6455, section 5.2.
enum class Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

enum class Role : uint8_t { kServer, kClient };

constexpr size_t kMaxFrameHeader = 14;
constexpr size_t kMaxControlPayload = 125;

// A frame header that the gate has let through.
struct FrameHeader {
  Opcode opcode = Opcode::kContinuation;
  bool fin = false;
  bool rsv1 = false;
  bool masked = false;
  uint8_t mask[4] = {};
  uint64_t length = 0;

  bool is_control() const { return static_cast<uint8_t>(opcode) >= 8; }
};

// Writes a header in its shortest form; returns its size (2 to 14 bytes).
inline size_t WriteFrameHeader(const FrameHeader& header, uint8_t* out) {
  size_t size = 2;
  out[0] =
      static_cast<uint8_t>((header.fin ? 0x80 : 0) | (header.rsv1 ? 0x40 : 0) |
                           static_cast<uint8_t>(header.opcode));
  out[1] = header.masked ? 0x80 : 0;
  if (header.length < 126) {
    out[1] |= static_cast<uint8_t>(header.length);
  } else if (header.length < 65536) {
    out[1] |= 126;
    out[size++] = static_cast<uint8_t>(header.length >> 8);
    out[size++] = static_cast<uint8_t>(header.length);
  } else {
    out[1] |= 127;
    for (int shift = 56; shift >= 0; shift -= 8) {
      out[size++] = static_cast<uint8_t>(header.length >> shift);
    }
  }
  if (header.masked) {
    for (uint8_t byte : header.mask) out[size++] = byte;
  }
  return size;
}

// Masks or unmasks bytes on their way from `in` to `out`, which are the same or
// do not overlap. `phase` bytes of the payload came before them.
inline void CopyMasked(uint8_t* out, const uint8_t* in, size_t count,
                       const uint8_t mask[4], uint64_t phase) {
  uint8_t key[8];
  for (size_t i = 0; i < sizeof(key); ++i) key[i] = mask[(phase + i) & 3];
  uint64_t word;
  std::memcpy(&word, key, sizeof(word));
  size_t i = 0;
  // Four words at a time, which compilers turn into vectors.
  for (; count - i >= 4 * sizeof(word); i += 4 * sizeof(word)) {
    uint64_t words[4];
    std::memcpy(words, in + i, sizeof(words));
    for (uint64_t& each : words) each ^= word;
    std::memcpy(out + i, words, sizeof(words));
  }
  for (; i < count; ++i) out[i] = in[i] ^ key[i & 7];
}

inline void ApplyMask(uint8_t* bytes, size_t count, const uint8_t mask[4]) {
  CopyMasked(bytes, bytes, count, mask, 0);
}

}  // namespace beastws
