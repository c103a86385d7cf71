#include "closed_loop.h"

#include "clock.h"
#include "json_line.h"

namespace load {
namespace {

constexpr int kSources =
    8;  // 127.0.0.1 to .8, each with its own range of ports
constexpr uint16_t kNormalClosure = 1000;

}  // namespace

EchoScenario::EchoScenario(const Materials& materials)
    : Scenario(materials),
      sent_at_(size_t{options_.connections} * options_.depth),
      oldest_(options_.connections) {}

void EchoScenario::Start() {
  for (auto& connection : connections_) {
    const uint64_t now = NowNs();
    for (uint32_t i = 0; i < options_.depth; ++i) {
      sent_at_[size_t{connection->id()} * options_.depth + i] = now;
    }
    connection->Queue(options_.depth);
    connection->Flush();
  }
}

void EchoScenario::OnMessage(Connection& connection, uint64_t now_ns) {
  uint32_t& oldest = oldest_[connection.id()];
  uint64_t& sent_at =
      sent_at_[size_t{connection.id()} * options_.depth + oldest];
  Count(now_ns - sent_at);
  sent_at = now_ns;
  oldest = oldest + 1 == options_.depth ? 0 : oldest + 1;
  connection.Queue(1);
}

void FanOutScenario::Start() {
  for (auto& connection : connections_) connection->ExpectFrom(0);
  Publish();
}

void FanOutScenario::Publish() {
  delivered_ = 0;
  published_at_ = NowNs();
  connections_[0]->Queue(1);
  connections_[0]->Flush();
}

void FanOutScenario::OnMessage(Connection&, uint64_t now_ns) {
  Count(now_ns - published_at_);
  if (++delivered_ == connections_.size()) Publish();
}

ConnectScenario::ConnectScenario(const Materials& materials)
    : Scenario(materials),
      began_at_(options_.connections),
      steps_(options_.connections) {}

void ConnectScenario::Start() {
  for (auto& connection : connections_) OpenAgain(*connection);
}

void ConnectScenario::OpenAgain(Connection& connection) {
  steps_[connection.id()] = Step::kOpening;
  began_at_[connection.id()] = NowNs();
  connection.Open(static_cast<int>(1 + opened_++ % kSources));
}

void ConnectScenario::OnOpen(Connection& connection) {
  steps_[connection.id()] = Step::kEcho;
  connection.Queue(1);
}

void ConnectScenario::OnMessage(Connection& connection, uint64_t) {
  if (steps_[connection.id()] != Step::kEcho) {
    Fail("a second echo came");
    return;
  }
  steps_[connection.id()] = options_.raw ? Step::kEnding : Step::kClosing;
  connection.SendClose(kNormalClosure);
}

void ConnectScenario::OnCloseFrame(Connection& connection, uint16_t code) {
  if (steps_[connection.id()] != Step::kClosing || code != kNormalClosure) {
    Fail("close code " + std::to_string(code) + " came");
    return;
  }
  steps_[connection.id()] = Step::kEnding;
}

void ConnectScenario::OnEnd(Connection& connection) {
  if (steps_[connection.id()] != Step::kEnding) {
    Fail("the server ended a connection too early");
    return;
  }
  Count(NowNs() - began_at_[connection.id()]);
  OpenAgain(connection);
}

void IdleScenario::Work() {
  for (;;) {
    const std::string command = WaitForRunner(60000);
    if (command != "echo") return;
    echoed_ = 0;
    for (auto& connection : connections_) {
      connection->Queue(1);
      connection->Flush();
    }
    RunUntil(NowNs() + 60 * kSecond,
             [this] { return echoed_ == connections_.size(); });
    if (!failed() && echoed_ < connections_.size())
      Fail("not every echo came in 60 s");
    if (failed()) return;
    JsonLine("echoed").Print();
  }
}

void IdleScenario::OnMessage(Connection&, uint64_t) {
  ++progress_;
  ++echoed_;
}

}  // namespace load
