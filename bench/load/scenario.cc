#include "scenario.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "clock.h"
#include "json_line.h"

namespace load {
namespace {

constexpr uint32_t kOpeningAtOnce = 64;
constexpr uint64_t kOpenLimit = 60 * kSecond;
constexpr uint64_t kStallLimit = 10 * kSecond;
constexpr uint32_t kConnectionsPerSource = 20000;

}  // namespace

Scenario::Scenario(const Materials& materials)
    : options_(*materials.options),
      setup_(materials.setup),
      probe_(materials.options->pid) {
  connections_.reserve(options_.connections);
  for (uint32_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(
        std::make_unique<Connection>(i, setup_, loop_, *this));
  }
}

void Scenario::RunUntil(uint64_t until_ns, const std::function<bool()>& done) {
  uint64_t last_progress = progress_;
  uint64_t progress_at = NowNs();
  for (;;) {
    const uint64_t now = NowNs();
    if (failed() || done() || now >= until_ns) return;
    if (progress_ != last_progress) {
      last_progress = progress_;
      progress_at = now;
    } else if (now - progress_at > kStallLimit) {
      Fail("nothing came for 10 s");
      return;
    }
    const uint64_t left_ms = (until_ns - now) / kMillisecond;
    loop_.Turn(static_cast<int>(std::min<uint64_t>(left_ms + 1, 100)));
    AfterTurn();
  }
}

int Scenario::Run() {
  if (opens_first()) {
    OpenAll();
    if (!failed()) PrintOpen();
  }
  if (!failed()) {
    Start();
    Work();
  }
  if (failed()) JsonLine("error").Text("message", error_).Print();
  return failed() ? 1 : 0;
}

void Scenario::Work() {
  const auto never = [] { return false; };
  RunUntil(NowNs() + static_cast<uint64_t>(options_.warmup * kSecond), never);
  if (failed()) return;

  const uint64_t bytes = PayloadBytes();
  JsonLine("begin").Print();
  const Usage own_before = own_probe_.Read();
  const Usage before = probe_.Read();
  measuring_ = true;
  missed_ = 0;
  RunUntil(before.at_ns + static_cast<uint64_t>(options_.seconds * kSecond),
           never);
  measuring_ = false;
  const Usage after = probe_.Read();
  const Usage own_after = own_probe_.Read();
  if (failed()) return;
  if (messages_ == 0) {
    Fail("no message in the measured time");
    return;
  }
  PrintEnd(before, after, own_before, own_after, PayloadBytes() - bytes);
  WaitForRunner(3000);
}

void Scenario::PrintEnd(const Usage& before, const Usage& after,
                        const Usage& own_before, const Usage& own_after,
                        uint64_t bytes) const {
  const double wall = static_cast<double>(after.at_ns - before.at_ns);
  const auto ticks = [](uint64_t n) {
    return static_cast<double>(n) / static_cast<double>(sysconf(_SC_CLK_TCK));
  };
  JsonLine("end")
      .Number("messages", static_cast<double>(messages_))
      .Number("seconds", wall / kSecond)
      .Number("cpuSeconds",
              static_cast<double>(after.cpu_ns - before.cpu_ns) / kSecond)
      .Number("userSeconds", ticks(after.user_ticks - before.user_ticks))
      .Number("systemSeconds", ticks(after.system_ticks - before.system_ticks))
      .Number("mainThreadSeconds", static_cast<double>(after.main_thread_ns -
                                                       before.main_thread_ns) /
                                       kSecond)
      .Number(
          "generatorSeconds",
          static_cast<double>(own_after.cpu_ns - own_before.cpu_ns) / kSecond)
      .Number("payloadBytes", static_cast<double>(bytes))
      .Number("missed", static_cast<double>(missed_))
      .Number("samples", static_cast<double>(latencies_.count()))
      .Number("p50", latencies_.Quantile(0.5) / 1000)
      .Number("p99", latencies_.Quantile(0.99) / 1000)
      .Number("p999", latencies_.Quantile(0.999) / 1000)
      .Number("peakRss", static_cast<double>(probe_.PeakRss()))
      .Print();
}

void Scenario::OpenAll() {
  const uint64_t begin = NowNs();
  for (uint32_t i = 0; i < kOpeningAtOnce; ++i) OpenNext();
  RunUntil(begin + kOpenLimit, [this] { return open_ == connections_.size(); });
  open_took_ns_ = NowNs() - begin;
  if (!failed() && open_ < connections_.size()) {
    Fail("only " + std::to_string(open_) + " connections opened in 60 s");
  }
}

void Scenario::OpenNext() {
  if (opening_ == connections_.size()) return;
  const uint32_t i = opening_++;
  connections_[i]->Open(static_cast<int>(1 + i / kConnectionsPerSource));
}

void Scenario::OnOpen(Connection&) {
  ++open_;
  ++progress_;
  OpenNext();
}

void Scenario::OnFailure(Connection& connection, const std::string& why) {
  Fail("connection " + std::to_string(connection.id()) + ": " + why);
}

void Scenario::Fail(const std::string& why) {
  if (error_.empty()) error_ = why;
}

void Scenario::PrintOpen() const {
  const Negotiated& agreed = connections_[0]->negotiated();
  JsonLine("open")
      .Number("connections", open_)
      .Number("seconds", static_cast<double>(open_took_ns_) / kSecond)
      .Flag("deflate", agreed.deflate)
      .Flag("serverTakeover", agreed.deflate && agreed.server_takeover)
      .Flag("clientTakeover", agreed.deflate && agreed.client_takeover)
      .Print();
}

std::string Scenario::WaitForRunner(int timeout_ms) {
  std::string line;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  while (poll(&input, 1, timeout_ms) > 0) {
    char c;
    if (read(STDIN_FILENO, &c, 1) != 1 || c == '\n') break;
    line += c;
  }
  return line;
}

uint64_t Scenario::PayloadBytes() const {
  uint64_t sum = 0;
  for (const auto& connection : connections_)
    sum += connection->payload_bytes();
  return sum;
}

}  // namespace load
