#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.h"

// A second opinion on RFC 6455, section 5.2: shares no code with src/.

namespace beastws::test {

using Mask = std::array<uint8_t, 4>;

constexpr Mask kMask = {0x37, 0xfa, 0x21, 0x3d};  // that of section 5.7

// What a frame is made of. Everything can be wrong.
struct FrameSpec {
  int opcode = 2;
  std::string payload;
  bool fin = true;
  int rsv = 0;  // RSV1 is 4, RSV2 is 2, RSV3 is 1
  std::optional<Mask> mask = {};
  int length_bytes = -1;                  // 0, 2 or 8; -1: the shortest form
  std::optional<uint64_t> declared = {};  // instead of the payload's size
};

inline std::string Masked(std::string_view payload, const Mask& mask) {
  std::string out(payload);
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<char>(out[i] ^ mask[i % 4]);
  }
  return out;
}

inline std::string MakeFrame(const FrameSpec& spec) {
  const uint64_t length = spec.declared.value_or(spec.payload.size());
  int length_bytes = spec.length_bytes;
  if (length_bytes < 0)
    length_bytes = length < 126 ? 0 : length < 65536 ? 2 : 8;
  std::string out;
  out += static_cast<char>((spec.fin ? 128 : 0) + spec.rsv * 16 + spec.opcode);
  const int seven = length_bytes == 0   ? static_cast<int>(length)
                    : length_bytes == 2 ? 126
                                        : 127;
  out += static_cast<char>((spec.mask ? 128 : 0) + seven);
  for (int i = length_bytes - 1; i >= 0; --i) {
    out += static_cast<char>(length >> (8 * i));
  }
  if (!spec.mask) return out + spec.payload;
  out.append(spec.mask->begin(), spec.mask->end());
  return out + Masked(spec.payload, *spec.mask);
}

// Makes the frames that a peer of `role` receives: a server gets masked ones.
class Peer {
 public:
  explicit Peer(Role receiver)
      : mask_(receiver == Role::kServer ? std::optional(kMask) : std::nullopt) {
  }

  std::string Frame(FrameSpec spec) const {
    spec.mask = mask_;
    return MakeFrame(spec);
  }
  std::string Text(std::string_view payload, bool fin = true) const {
    return Frame({.opcode = 1, .payload = std::string(payload), .fin = fin});
  }
  std::string Binary(std::string_view payload, bool fin = true) const {
    return Frame({.opcode = 2, .payload = std::string(payload), .fin = fin});
  }
  std::string More(std::string_view payload, bool fin) const {
    return Frame({.opcode = 0, .payload = std::string(payload), .fin = fin});
  }
  std::string Ping(std::string_view payload = "") const {
    return Frame({.opcode = 9, .payload = std::string(payload)});
  }
  std::string Pong(std::string_view payload = "") const {
    return Frame({.opcode = 10, .payload = std::string(payload)});
  }
  std::string Close(uint16_t code, std::string_view reason = "") const {
    std::string payload;
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code);
    payload += reason;
    return Frame({.opcode = 8, .payload = payload});
  }
  std::string Compressed(int opcode, std::string_view payload,
                         bool fin = true) const {
    return Frame({.opcode = opcode,
                  .payload = std::string(payload),
                  .fin = fin,
                  .rsv = opcode == 0 ? 0 : 4});
  }

 private:
  std::optional<Mask> mask_;
};

// Reads frames that were written; payloads are unmasked. Throws when a frame
// is cut off or its length is not in the shortest form.
inline std::vector<FrameSpec> ReadFrames(std::string_view bytes) {
  std::vector<FrameSpec> frames;
  size_t at = 0;
  const auto take = [&](size_t count) {
    if (bytes.size() - at < count) throw std::runtime_error("frame cut off");
    const std::string_view taken = bytes.substr(at, count);
    at += count;
    return taken;
  };
  while (at < bytes.size()) {
    FrameSpec spec;
    const std::string_view head = take(2);
    const auto first = static_cast<unsigned char>(head[0]);
    const auto second = static_cast<unsigned char>(head[1]);
    spec.fin = first >= 128;
    spec.rsv = first / 16 % 8;
    spec.opcode = first % 16;
    uint64_t length = second % 128;
    spec.length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (spec.length_bytes > 0) {
      length = 0;
      for (const char byte : take(static_cast<size_t>(spec.length_bytes))) {
        length = length * 256 + static_cast<unsigned char>(byte);
      }
      if (length < (spec.length_bytes == 2 ? 126u : 65536u)) {
        throw std::runtime_error("length not in its shortest form");
      }
    }
    if (second >= 128) {
      spec.mask.emplace();
      const std::string_view mask = take(4);
      std::copy(mask.begin(), mask.end(), spec.mask->begin());
    }
    const std::string_view payload = take(length);
    spec.payload =
        spec.mask ? Masked(payload, *spec.mask) : std::string(payload);
    frames.push_back(std::move(spec));
  }
  return frames;
}

}  // namespace beastws::test
