#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "protocol/session_events.h"
#include "support/bytes.h"

namespace beastws::test {

// One thing that a session reported.
struct Seen {
  enum Kind { kText, kBinary, kPing, kPong, kClose, kError };

  Kind kind;
  std::string data;     // payload or reason
  uint32_t code = 0;    // of a close frame, or the kind of an error
  uint32_t detail = 0;  // of an error
  std::vector<uint32_t> fragments = {};

  bool operator==(const Seen&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  constexpr const char* kNames[] = {"text", "binary", "ping",
                                    "pong", "close",  "error"};
  out << kNames[seen.kind];
  if (seen.kind >= Seen::kClose) out << ' ' << seen.code << '/' << seen.detail;
  out << " [" << seen.data.size() << "] "
      << ToHex(std::string_view(seen.data).substr(0, 40));
  for (const uint32_t size : seen.fragments) out << " +" << size;
  return out;
}

inline Seen Text(std::string data) { return {Seen::kText, std::move(data)}; }
inline Seen Binary(std::string data) {
  return {Seen::kBinary, std::move(data)};
}
inline Seen Ping(std::string data) { return {Seen::kPing, std::move(data)}; }
inline Seen Pong(std::string data) { return {Seen::kPong, std::move(data)}; }
inline Seen Closed(uint16_t code, std::string reason = "") {
  return {Seen::kClose, std::move(reason), code};
}
inline Seen Failed(ProtocolErrorKind kind, uint32_t detail = 0) {
  return {Seen::kError, "", static_cast<uint32_t>(kind), detail};
}
inline Seen Fragmented(Seen seen, std::vector<uint32_t> sizes) {
  seen.fragments = std::move(sizes);
  return seen;
}

// Writes down what a session reports, and whether it keeps the rules of
// SessionEvents.
class Recorder final : public SessionEvents {
 public:
  std::vector<Seen> seen;
  size_t large = 0;  // messages in memory of their own
  // What was done against the rules; empty if nothing was.
  std::string violation;

  uint8_t* BeginMessage(size_t size) override {
    Check();
    begun_ = true;
    pending_.assign(size, '\xaa');
    return reinterpret_cast<uint8_t*>(pending_.data());
  }
  void EndMessage(bool binary) override {
    if (!begun_) violation = "EndMessage() without BeginMessage()";
    begun_ = false;
    Add(binary ? Binary(pending_) : Text(pending_));
  }
  void DropMessage() override {
    if (!begun_) violation = "DropMessage() without BeginMessage()";
    begun_ = false;
  }
  void OnMessage(bool binary, ByteBuffer&& data,
                 std::vector<uint32_t>&& fragments) override {
    // Taken away, as the real one does with large messages.
    const ByteBuffer mine = std::move(data);
    const std::string bytes = AsString({mine.data(), mine.size()});
    ++large;
    Add(Fragmented(binary ? Binary(bytes) : Text(bytes), std::move(fragments)));
  }
  void OnControl(Opcode opcode, Bytes payload) override {
    Add(opcode == Opcode::kPing ? Ping(AsString(payload))
                                : Pong(AsString(payload)));
  }
  void OnClose(uint16_t code, Bytes reason) override {
    Add(Closed(code, AsString(reason)));
    over_ = true;
  }
  void OnError(const ProtocolError& error) override {
    Add(Failed(error.kind, error.detail));
    over_ = true;
  }

 private:
  void Check() {
    if (over_) violation = "a call after OnClose() or OnError()";
    if (begun_) violation = "a message was begun and not ended";
  }
  void Add(Seen one) {
    Check();
    seen.push_back(std::move(one));
  }

  bool begun_ = false;
  bool over_ = false;
  std::string pending_;
};

}  // namespace beastws::test
