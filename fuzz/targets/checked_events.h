#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/session.h"
#include "targets/input.h"

namespace beastws::fuzz {

// What a session reported, as text: easy to compare.
struct Report {
  // One line for each message, control frame, close frame and error.
  std::vector<std::string> lines;
  bool over = false;  // by a close frame or an error
  bool failed = false;
  uint64_t bytes = 0;  // of all messages
};

// Checks everything that SessionEvents promises.
class CheckedEvents final : public SessionEvents {
 public:
  explicit CheckedEvents(const ReceiveLimits* limits) : limits_(limits) {}

  Report report;

  uint8_t* BeginMessage(size_t size) override {
    Require(!report.over, "BeginMessage() after the end");
    Require(!begun_, "a message in a message");
    begun_ = true;
    pending_.assign(size, '\0');
    return reinterpret_cast<uint8_t*>(pending_.data());
  }
  void EndMessage(bool binary) override {
    Require(begun_, "EndMessage() without a beginning");
    begun_ = false;
    AddMessage(binary, {reinterpret_cast<const uint8_t*>(pending_.data()),
                        pending_.size()});
  }
  void DropMessage() override {
    Require(begun_, "DropMessage() without a beginning");
    begun_ = false;
  }
  void OnMessage(bool binary, ByteBuffer&& data,
                 std::vector<uint32_t>&& fragments) override {
    const ByteBuffer mine = std::move(data);
    Require(fragments.size() != 1, "a single fragment is none");
    uint64_t sum = 0;
    for (const uint32_t size : fragments) {
      Require(size > 0, "an empty fragment");
      sum += size;
    }
    Require(fragments.empty() || sum == mine.size(), "the sizes of fragments");
    Require(limits_->max_fragments == 0 ||
                fragments.size() <= limits_->max_fragments,
            "max_fragments");
    AddMessage(binary, {mine.data(), mine.size()});
    for (const uint32_t size : fragments) {
      report.lines.back() += "+" + std::to_string(size);
    }
  }
  void OnControl(Opcode opcode, Bytes payload) override {
    Require(opcode == Opcode::kPing || opcode == Opcode::kPong, "an opcode");
    Require(payload.size() <= kMaxControlPayload, "a long control frame");
    Add(opcode == Opcode::kPing ? "ping " : "pong ", payload);
  }
  void OnClose(uint16_t code, Bytes reason) override {
    Require(code == 1005 || IsSendable(code), "a close code");
    Require(reason.size() <= kMaxControlPayload - 2, "a long reason");
    Add("close " + std::to_string(code) + " ", reason);
    report.over = true;
  }
  void OnError(const ProtocolError& error) override {
    Require(error.kind != ProtocolErrorKind::kNone, "an error that is none");
    Require(error.kind != ProtocolErrorKind::kInternal,
            "Beast refused what the gate let through");
    Add("error " + std::to_string(static_cast<int>(error.kind)) + "/" +
            std::to_string(error.detail),
        {});
    report.over = report.failed = true;
  }

 private:
  static bool IsSendable(uint16_t code) {
    return (code >= 1000 && code < 1015 && (code < 1004 || code > 1006)) ||
           (code >= 3000 && code < 5000);
  }
  void AddMessage(bool binary, Bytes data) {
    Require(limits_->max_payload == 0 || data.size() <= limits_->max_payload,
            "max_payload");
    report.bytes += data.size();
    Add(binary ? "binary " : "text ", data);
  }
  void Add(std::string line, Bytes data) {
    Require(!begun_, "an event in a message");
    Require(!report.over, "an event after the end");
    line.append(reinterpret_cast<const char*>(data.data()), data.size());
    report.lines.push_back(std::move(line));
  }

  const ReceiveLimits* limits_;
  bool begun_ = false;
  std::string pending_;
};

// The streams of a thread, shared by all sessions there.
inline SessionPools& Pools() {
  static SessionPools pools;
  return pools;
}

// Hands `bytes` over in reads that `cut` determines; some of them straight into
// the message under way, as the I/O thread does it.
template <class Cut>
void Feed(Session& session, SessionEvents& events, Bytes bytes, Cut cut) {
  while (!bytes.empty()) {
    size_t size = std::clamp<size_t>(cut(), 1, bytes.size());
    const MutableBytes direct = session.DirectBuffer(8, 4096);
    const size_t in_place = std::min(size, direct.size());
    if (in_place > 0) {
      std::memcpy(direct.data(), bytes.data(), in_place);
      session.Receive({direct.data(), in_place}, events);
    }
    if (size > in_place) {
      // Memory of exactly its size: a step beyond it is seen.
      const std::vector<uint8_t> exact(bytes.begin() + in_place,
                                       bytes.begin() + size);
      session.Receive(exact, events);
    }
    bytes = bytes.subspan(size);
  }
}

}  // namespace beastws::fuzz
