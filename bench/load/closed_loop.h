#pragma once

#include <cstdint>
#include <vector>

#include "scenario.h"

namespace load {

/** Every connection keeps a number of messages in flight: one goes out for each
 * that comes back. */
class EchoScenario : public Scenario {
 public:
  explicit EchoScenario(const Materials& materials);
  void OnMessage(Connection& connection, uint64_t now_ns) override;

 private:
  void Start() override;

  std::vector<uint64_t>
      sent_at_;  // connections x depth, a ring for each connection
  std::vector<uint32_t> oldest_;
};

/** Connection 0 publishes; the next message goes out when every connection has
 * the one before. */
class FanOutScenario : public Scenario {
 public:
  using Scenario::Scenario;
  void OnMessage(Connection& connection, uint64_t now_ns) override;

 private:
  void Start() override;
  void Publish();

  uint64_t published_at_ = 0;
  uint32_t delivered_ = 0;
};

/** Only receives: the feed of load/feeder, as the limit for clients. */
class SinkScenario : public Scenario {
 public:
  using Scenario::Scenario;
  void OnMessage(Connection&, uint64_t) override { CountWithoutLatency(); }

 private:
  void Start() override {}
};

/** Opens connections, echoes one message on each, closes them properly, and
 * starts again. */
class ConnectScenario : public Scenario {
 public:
  explicit ConnectScenario(const Materials& materials);
  void OnOpen(Connection& connection) override;
  void OnMessage(Connection& connection, uint64_t now_ns) override;
  void OnCloseFrame(Connection& connection, uint16_t code) override;
  void OnEnd(Connection& connection) override;

 private:
  enum class Step : uint8_t { kOpening, kEcho, kClosing, kEnding };

  bool opens_first() const override { return false; }
  void Start() override;
  void OpenAgain(Connection& connection);

  std::vector<uint64_t> began_at_;
  std::vector<Step> steps_;
  uint32_t opened_ = 0;
};

/** Opens connections and waits; the runner reads the memory and asks for
 * echoes. */
class IdleScenario : public Scenario {
 public:
  using Scenario::Scenario;
  void OnMessage(Connection& connection, uint64_t now_ns) override;

 private:
  void Start() override {}
  void Work() override;

  uint32_t echoed_ = 0;
};

}  // namespace load
