#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "frame.h"

namespace load {

/** A message in two parts: a few bytes of its own and a rest shared by all
 * messages. */
struct Pieces {
  char head[kMaxHeader + 48];
  size_t head_size = 0;
  const char* tail = nullptr;
  size_t tail_size = 0;

  size_t size() const { return head_size + tail_size; }
};

/** Compares a payload, as it arrives, with what it has to be. */
class PayloadCheck {
 public:
  Pieces& Begin() {
    at_ = 0;
    return expected_;
  }
  bool Data(const char* data, size_t size);
  bool Complete() const { return at_ == expected_.size(); }

 private:
  Pieces expected_;
  size_t at_ = 0;
};

/**
 * The messages of a run. Message `seq` of connection `origin` can be made, and
 * checked, at any time: nothing has to be kept while it is under way.
 */
class Corpus {
 public:
  virtual ~Corpus() = default;

  /** The frame as it goes to the wire. */
  virtual void Wire(uint32_t origin, uint32_t seq, Pieces& out) const = 0;
  virtual size_t WireSize(uint32_t seq) const = 0;
  /** The payload that has to come back (after inflating). */
  virtual void Expected(uint32_t origin, uint32_t seq, Pieces& out) const = 0;
  virtual bool text() const = 0;
};

/** Who unmasked the payload on its way: a WebSocket peer does, the raw echo
 * does not. */
enum class Framing { kClient, kServer, kRawEcho };

/**
 * Messages of one size that differ in a stamp of origin and number: eight bytes
 * at the start (binary) or sixteen hexadecimal digits in the first member
 * (JSON).
 */
class StampedCorpus : public Corpus {
 public:
  /** `size` in bytes; at least 8 for binary and 64 for JSON. */
  StampedCorpus(size_t size, bool json, Framing framing);

  void Wire(uint32_t origin, uint32_t seq, Pieces& out) const override;
  void Expected(uint32_t origin, uint32_t seq, Pieces& out) const override;
  size_t WireSize(uint32_t) const override { return wire_.size(); }
  bool text() const override { return json_; }

 private:
  void Stamp(char* at, uint32_t origin, uint32_t seq, bool masked) const;

  const bool json_;
  const Framing framing_;
  std::string plain_;
  std::string wire_;
  size_t header_size_;
  size_t stamp_at_;
  size_t stamp_end_;
};

/**
 * JSON messages, really compressed, all of them before the run: compressing
 * while the clock runs would take the CPU that the server is measured on.
 *
 * With context takeover a frame refers to the messages before it. The messages
 * repeat in a cycle longer than the 32 KiB window, so from the second round on
 * the window's content, and with it the frame, repeats too.
 */
class DeflatedCorpus : public Corpus {
 public:
  DeflatedCorpus(size_t size, bool takeover);

  void Wire(uint32_t origin, uint32_t seq, Pieces& out) const override;
  void Expected(uint32_t origin, uint32_t seq, Pieces& out) const override;
  size_t WireSize(uint32_t seq) const override { return FrameOf(seq).size(); }
  bool text() const override { return true; }

 private:
  const std::string& FrameOf(uint32_t seq) const;

  std::vector<std::string> plain_;
  std::vector<std::string> first_round_;
  std::vector<std::string> later_rounds_;
};

/** A JSON document of exactly `size` bytes (64 or more); other seeds give other
 * values. */
std::string MakeJson(size_t size, uint32_t seed);

/** Offset of the stamp's digits in MakeJson()'s result. */
constexpr size_t kJsonStampAt = 10;

}  // namespace load
