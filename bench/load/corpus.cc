#include "corpus.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "deflate.h"

namespace load {
namespace {

constexpr size_t kWindow = 32 * 1024;

/** A small generator of its own, so that every machine makes the same messages.
 */
class Random {
 public:
  explicit Random(uint32_t seed) : state_(seed * 2654435761u + 1) {}
  uint32_t Below(uint32_t limit) {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<uint32_t>(static_cast<uint64_t>(state_) * limit >> 32);
  }

 private:
  uint32_t state_;
};

void WriteHex(char* at, uint32_t value) {
  static const char digits[] = "0123456789abcdef";
  for (int i = 7; i >= 0; --i) {
    at[i] = digits[value & 15];
    value >>= 4;
  }
}

std::string Frame(uint8_t first_byte, const std::string& payload) {
  char header[kMaxHeader];
  const size_t n = WriteHeader(header, first_byte, payload.size(), true);
  std::string frame(header, n);
  frame += payload;
  ApplyMask(frame.data() + n, payload.size(), 0);
  return frame;
}

}  // namespace

std::string MakeJson(size_t size, uint32_t seed) {
  static const char* const symbols[] = {"ABC", "KLMN", "XYZ",
                                        "QRS", "HIJ",  "OPQR"};
  static const char* const sides[] = {"buy", "sell"};
  static const char* const words[] = {
      "open ", "limit ", "market ", "partial ", "filled ",
      "late ", "route ", "venue ",  "batch ",   "final "};
  if (size < 64)
    throw std::invalid_argument("JSON messages need at least 64 bytes");
  Random random(seed);
  std::string json = "{\"stamp\":\"0000000000000000\",\"rows\":[";
  static const char closing[] = "],\"note\":\"";
  const size_t reserve = sizeof closing - 1 + 2;
  for (uint32_t i = 0;; ++i) {
    char row[192];
    const int n = snprintf(
        row, sizeof row,
        "%s{\"id\":%u,\"symbol\":\"%s\",\"side\":\"%s\",\"price\":%u.%02u,"
        "\"size\":%u,\"time\":\"2024-05-%02uT%02u:%02u:%02u.%03uZ\"}",
        i == 0 ? "" : ",", 100000 + random.Below(900000),
        symbols[random.Below(6)], sides[random.Below(2)],
        10 + random.Below(990), random.Below(100), 1 + random.Below(5000),
        1 + random.Below(30), random.Below(24), random.Below(60),
        random.Below(60), random.Below(1000));
    if (json.size() + static_cast<size_t>(n) + reserve > size) break;
    json.append(row, static_cast<size_t>(n));
  }
  json += closing;
  std::string note;
  while (json.size() + note.size() + 2 < size) note += words[random.Below(10)];
  note.resize(size - json.size() - 2);
  return json + note + "\"}";
}

bool PayloadCheck::Data(const char* data, size_t size) {
  if (size > expected_.size() - at_) return false;
  while (size > 0) {
    const bool in_head = at_ < expected_.head_size;
    const char* want = in_head ? expected_.head + at_
                               : expected_.tail + (at_ - expected_.head_size);
    const size_t left =
        in_head ? expected_.head_size - at_ : expected_.size() - at_;
    const size_t part = std::min(size, left);
    if (memcmp(data, want, part) != 0) return false;
    at_ += part;
    data += part;
    size -= part;
  }
  return true;
}

StampedCorpus::StampedCorpus(size_t size, bool json, Framing framing)
    : json_(json), framing_(framing) {
  if (json) {
    plain_ = MakeJson(size, 1);
    stamp_at_ = kJsonStampAt;
    stamp_end_ = stamp_at_ + 16;
  } else {
    if (size < 8)
      throw std::invalid_argument("binary messages need at least 8 bytes");
    plain_.resize(size);
    Random random(7);
    for (char& c : plain_) c = static_cast<char>(random.Below(256));
    stamp_at_ = 0;
    stamp_end_ = 8;
  }
  const bool masked = framing != Framing::kServer;
  char header[kMaxHeader];
  header_size_ =
      WriteHeader(header, kFin | (json ? kText : kBinary), size, masked);
  wire_.assign(header, header_size_);
  wire_ += plain_;
  if (masked) ApplyMask(wire_.data() + header_size_, size, 0);
}

void StampedCorpus::Stamp(char* at, uint32_t origin, uint32_t seq,
                          bool masked) const {
  if (json_) {
    WriteHex(at, origin);
    WriteHex(at + 8, seq);
  } else {
    memcpy(at, &origin, 4);  // little endian on every machine this runs on
    memcpy(at + 4, &seq, 4);
  }
  if (masked) ApplyMask(at, stamp_end_ - stamp_at_, stamp_at_);
}

void StampedCorpus::Wire(uint32_t origin, uint32_t seq, Pieces& out) const {
  out.head_size = header_size_ + stamp_end_;
  memcpy(out.head, wire_.data(), out.head_size);
  Stamp(out.head + header_size_ + stamp_at_, origin, seq,
        framing_ != Framing::kServer);
  out.tail = wire_.data() + out.head_size;
  out.tail_size = wire_.size() - out.head_size;
}

void StampedCorpus::Expected(uint32_t origin, uint32_t seq, Pieces& out) const {
  const bool masked = framing_ == Framing::kRawEcho;
  const char* payload = masked ? wire_.data() + header_size_ : plain_.data();
  out.head_size = stamp_end_;
  memcpy(out.head, payload, stamp_end_);
  Stamp(out.head + stamp_at_, origin, seq, masked);
  out.tail = payload + stamp_end_;
  out.tail_size = plain_.size() - stamp_end_;
}

DeflatedCorpus::DeflatedCorpus(size_t size, bool takeover) {
  const size_t count = std::max<size_t>(8, 2 * kWindow / size);
  for (size_t i = 0; i < count; ++i) {
    plain_.push_back(MakeJson(size, static_cast<uint32_t>(i + 1)));
    WriteHex(plain_.back().data() + kJsonStampAt + 8, static_cast<uint32_t>(i));
  }
  Deflater deflater;
  for (auto* round : {&first_round_, &later_rounds_}) {
    for (const std::string& message : plain_) {
      if (!takeover) deflater.Reset();
      round->push_back(Frame(kFin | kRsv1 | kText, deflater.Message(message)));
    }
  }
}

const std::string& DeflatedCorpus::FrameOf(uint32_t seq) const {
  const auto& round = seq < first_round_.size() ? first_round_ : later_rounds_;
  return round[seq % round.size()];
}

void DeflatedCorpus::Wire(uint32_t, uint32_t seq, Pieces& out) const {
  const std::string& frame = FrameOf(seq);
  out.head_size = 0;
  out.tail = frame.data();
  out.tail_size = frame.size();
}

void DeflatedCorpus::Expected(uint32_t, uint32_t seq, Pieces& out) const {
  const std::string& message = plain_[seq % plain_.size()];
  out.head_size = 0;
  out.tail = message.data();
  out.tail_size = message.size();
}

}  // namespace load
