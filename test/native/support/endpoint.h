#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/session.h"
#include "support/bytes.h"
#include "support/frames.h"
#include "support/recorder.h"

namespace beastws::test {

// The streams of a test; shared by its sessions, as on a thread.
inline SessionPools& Pools() {
  static SessionPools pools;
  return pools;
}

// A session with somebody who listens and something to write to.
class Endpoint {
 public:
  explicit Endpoint(const Session::Options& options)
      : role(options.role), peer(options.role), session(Pools(), options) {}
  explicit Endpoint(Role role) : Endpoint(Session::Options{.role = role}) {}

  const Role role;
  const Peer peer;  // makes frames that it may receive
  Session session;
  Recorder recorder;
  Outbox outbox;
  std::vector<Outbox::LoanId> returned;

  const std::vector<Seen>& seen() const { return recorder.seen; }

  // One read. Handed over in memory of exactly its size, so that a sanitizer
  // sees a step beyond it.
  Endpoint& Receive(std::string_view bytes) {
    const std::vector<char> exact(bytes.begin(), bytes.end());
    session.Receive(AsBytes({exact.data(), exact.size()}), recorder);
    return *this;
  }

  // As many reads as it takes.
  Endpoint& ReceiveBy(std::string_view bytes, size_t step) {
    for (size_t at = 0; at < bytes.size(); at += step) {
      Receive(bytes.substr(at, step));
    }
    return *this;
  }

  // As the I/O thread does it: a large payload straight where it belongs.
  Endpoint& ReceiveDirect(std::string_view bytes, size_t step,
                          size_t direct_min = 16, size_t direct_max = 1 << 20) {
    while (!bytes.empty()) {
      size_t left = std::min(step, bytes.size());
      const MutableBytes direct = session.DirectBuffer(direct_min, direct_max);
      const size_t in_place = std::min(left, direct.size());
      if (in_place > 0) {
        std::copy_n(bytes.begin(), in_place, direct.begin());
        session.Receive({direct.data(), in_place}, recorder);
        direct_bytes += in_place;
      }
      if (left > in_place) Receive(bytes.substr(in_place, left - in_place));
      bytes.remove_prefix(left);
    }
    return *this;
  }
  size_t direct_bytes = 0;

  // As the I/O thread does it when it expects a message like the last one: its
  // payload straight into spare memory, if `step` bytes a read reach it.
  Endpoint& ReceiveForecasts(std::string_view bytes, size_t step) {
    while (!bytes.empty()) {
      std::string_view read = bytes.substr(0, step);
      bytes.remove_prefix(read.size());
      const auto take = [&read](size_t size) {
        const std::string_view part = read.substr(0, size);
        read.remove_prefix(part.size());
        return part;
      };
      const Session::Forecast next = session.NextMessage();
      if (next.header == 0) {
        Receive(read);
        continue;
      }
      const std::string_view header = take(next.header);
      const std::string_view payload = take(next.payload);
      ByteBuffer memory;
      memory.Reserve(next.payload);
      std::copy(payload.begin(), payload.end(), memory.data());
      const std::vector<char> rest(read.begin(), read.end());
      session.ReceiveForecast(AsBytes(header), &memory, payload.size(),
                              AsBytes({rest.data(), rest.size()}), recorder);
      if (memory.capacity() == 0) ++forecasts;
    }
    return *this;
  }
  size_t forecasts = 0;  // that came true

  // Sends a data frame, masked as the role demands.
  void Send(Session::OutgoingFrame frame, std::string_view payload) {
    frame.payload = AsBytes(payload);
    frame.masked = role == Role::kClient;
    session.SendData(frame, &outbox);
  }
  void SendText(std::string_view payload, bool compress = false) {
    Send({.opcode = Opcode::kText, .compress = compress}, payload);
  }
  void SendBinary(std::string_view payload, bool compress = false) {
    Send({.opcode = Opcode::kBinary, .compress = compress}, payload);
  }
  void SendControl(Opcode opcode, std::string_view payload) {
    session.SendControl(opcode, AsBytes(payload), role == Role::kClient,
                        nullptr, &outbox);
  }

  // Everything that is to be written.
  std::string TakeSent() {
    std::string sent;
    outbox.Gather(SIZE_MAX, [&](size_t, const uint8_t* data, size_t size) {
      sent += AsString({data, size});
    });
    outbox.Consume(sent.size(), [this](Outbox::LoanId loan) {
      if (loan != 0) returned.push_back(loan);
    });
    return sent;
  }
  std::vector<FrameSpec> TakeFrames() { return ReadFrames(TakeSent()); }
};

inline Session::Options DeflateOptions(Role role, DeflateParams params = {}) {
  return {.role = role, .deflate = params};
}

constexpr Role kRoles[] = {Role::kServer, Role::kClient};

inline const char* NameOf(Role role) {
  return role == Role::kServer ? "server" : "client";
}

}  // namespace beastws::test
