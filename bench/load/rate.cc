#include "rate.h"

#include <algorithm>

#include "clock.h"

namespace load {
namespace {

constexpr uint64_t kTick = 250'000;  // ns

}  // namespace

RateScenario::RateScenario(const Materials& materials)
    : Scenario(materials), ticker_(kTick), in_flight_(options_.connections) {}

void RateScenario::Start() {
  loop_.AddReader(ticker_.fd(), &ticker_);
  began_ns_ = NowNs();
}

void RateScenario::AfterTurn() {
  if (began_ns_ == 0 || ticker_.Take() == 0) return;
  const double elapsed = static_cast<double>(NowNs() - began_ns_) / kSecond;
  const auto due = static_cast<uint64_t>(elapsed * options_.rate);
  for (; sent_ < due && !failed(); ++sent_) {
    Connection& connection = *connections_[sent_ % connections_.size()];
    InFlight& flight = in_flight_[connection.id()];
    if (flight.count == kMaxInFlight) {
      ++missed_;
      continue;
    }
    const auto due_ns = static_cast<uint64_t>(static_cast<double>(sent_) /
                                              options_.rate * kSecond);
    flight.due[(flight.oldest + flight.count++) % kMaxInFlight] =
        began_ns_ + due_ns;
    connection.Queue(1);
    connection.Flush();
  }
}

void RateScenario::OnMessage(Connection& connection, uint64_t now_ns) {
  InFlight& flight = in_flight_[connection.id()];
  if (flight.count == 0) {
    Fail("a message came that was not sent");
    return;
  }
  const uint64_t due = flight.due[flight.oldest];
  flight.oldest = (flight.oldest + 1) % kMaxInFlight;
  --flight.count;
  Count(now_ns - std::min(now_ns, due));
}

}  // namespace load
