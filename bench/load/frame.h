#pragma once

#include <cstddef>
#include <cstdint>

namespace load {

enum Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr size_t kMaxHeader = 14;

/** One key for every frame: unmasking costs a server the same for any key but
 * zero. */
constexpr uint8_t kMaskKey[4] = {0x9b, 0x1e, 0x64, 0xd7};

/** Writes a frame header to `out` (room for kMaxHeader) and returns its length.
 */
size_t WriteHeader(char* out, uint8_t first_byte, uint64_t payload_size,
                   bool masked);

/** Masks `size` bytes that start at `offset` of a payload. */
void ApplyMask(char* data, size_t size, size_t offset);

/**
 * Cuts a stream of bytes into frames. Payloads are handed on as they arrive and
 * are never collected.
 *
 * The handler has `bool OnFrame(uint8_t first_byte, uint64_t size)`,
 * `bool OnPayload(const char*, size_t)` and `bool OnFrameEnd()`; false stops.
 */
class FrameParser {
 public:
  /** `masked`: whether frames must carry the masking bit (the raw echo sends
   * back our own). */
  explicit FrameParser(bool masked = false) : masked_(masked) {}

  void Reset() {
    have_ = 0;
    in_payload_ = false;
  }

  template <class Handler>
  bool Feed(const char* data, size_t size, Handler& handler) {
    while (size > 0) {
      if (!in_payload_) {
        const size_t used = TakeHeader(data, size);
        data += used;
        size -= used;
        if (wrong_) return false;
        if (have_ < need_) return true;
        in_payload_ = true;
        if (!handler.OnFrame(header_[0], left_)) return false;
      }
      const size_t part = left_ < size ? static_cast<size_t>(left_) : size;
      if (part > 0) {
        left_ -= part;
        if (!handler.OnPayload(data, part)) return false;
        data += part;
        size -= part;
      }
      if (left_ == 0) {
        in_payload_ = false;
        have_ = 0;
        if (!handler.OnFrameEnd()) return false;
      }
    }
    return true;
  }

  /** True after Feed() returned false because of a header that must not be. */
  bool wrong() const { return wrong_; }

 private:
  size_t TakeHeader(const char* data, size_t size);

  const bool masked_;
  bool wrong_ = false;
  bool in_payload_ = false;
  uint8_t header_[kMaxHeader];
  size_t have_ = 0;
  size_t need_ = 2;
  uint64_t left_ = 0;
};

}  // namespace load
