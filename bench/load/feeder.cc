// A WebSocket server that only feeds: messages as fast as each client takes
// them, or a fixed number a second to one client after the other. It is there
// to measure clients.
//
// usage: feeder [--size BYTES] [--rate N] [--corrupt]
// Prints {"port":N} and runs until standard input ends. Message n of the client
// that asked for "/<id>" begins with id and n (32 bits each, little endian).
// With --corrupt message 1024 of every client has one wrong byte.

#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "child_process.h"
#include "clock.h"
#include "corpus.h"
#include "handshake.h"
#include "loop.h"
#include "outbox.h"
#include "transport.h"

namespace load {
namespace {

constexpr uint32_t kMessagesPerTurn = 256;
constexpr uint32_t kCorruptMessage = 1024;
constexpr uint64_t kTick = 250'000;        // ns
constexpr uint32_t kMaxUnsent = 1u << 16;  // messages, for one client

/** The feed, with one wrong byte when that is asked for. */
class FeedCorpus : public StampedCorpus {
 public:
  FeedCorpus(size_t size, bool corrupt)
      : StampedCorpus(size, false, Framing::kServer), corrupt_(corrupt) {}

  void Wire(uint32_t origin, uint32_t seq, Pieces& out) const override {
    StampedCorpus::Wire(origin, seq, out);
    if (corrupt_ && seq == kCorruptMessage) {
      wrong_.assign(out.tail, out.tail_size);
      wrong_.back() ^= 1;
      out.tail = wrong_.data();
    }
  }

 private:
  const bool corrupt_;
  mutable std::string wrong_;
};

/** One client: its request is read, then messages go out until it leaves. */
class Client : public Pollable {
 public:
  Client(int fd, const Corpus& corpus, Loop& loop, bool paced)
      : transport_(fd), corpus_(corpus), loop_(loop), paced_(paced) {}

  /** Sends one message now, for a feed with a rate. */
  void Push() {
    if (!outbox_ || gone_ || outbox_->pending() > kMaxUnsent) return;
    outbox_->Add(1);
    gone_ = outbox_->Flush(transport_) == Io::kError;
  }

  void OnEvents(uint32_t) override {
    if (gone_) return;
    char part[4096];
    IoResult result;
    while ((result = transport_.Read(part, sizeof part)).status == Io::kOk) {
      if (!outbox_) request_.append(part, result.bytes);
    }
    gone_ = result.status != Io::kBlocked;
    if (!outbox_ && !gone_) Answer();
    if (outbox_ && !gone_) Feed();
    if (gone_) transport_.ShutdownWrite();
  }

 private:
  void Answer() {
    if (request_.find("\r\n\r\n") == std::string::npos) return;
    const std::string response = OpeningResponse(request_);
    const iovec piece{const_cast<char*>(response.data()), response.size()};
    // The first bytes of a connection always fit into its buffer.
    gone_ = response.empty() ||
            transport_.Write(&piece, 1).bytes != response.size();
    const size_t path = request_.find("/");
    outbox_.emplace(corpus_, static_cast<uint32_t>(strtoul(
                                 request_.c_str() + path + 1, nullptr, 10)));
  }

  void Feed() {
    if (paced_) {
      gone_ = outbox_->Flush(transport_) == Io::kError;
      return;
    }
    outbox_->Add(kMessagesPerTurn - outbox_->pending());
    const Io status = outbox_->Flush(transport_);
    if (status == Io::kOk) loop_.Again(this);
    gone_ = status == Io::kError;
  }

  Transport transport_;
  const Corpus& corpus_;
  Loop& loop_;
  const bool paced_;
  std::string request_;
  std::optional<Outbox> outbox_;
  bool gone_ = false;
};

class Feeder : public Pollable {
 public:
  /** `rate` in messages a second for all clients together; 0 for no limit. */
  Feeder(size_t size, double rate, bool corrupt)
      : corpus_(size, corrupt), rate_(rate), ticker_(kTick) {
    listener_ = ListenLoopback(port_);
    loop_.AddReader(listener_, this);
    if (rate_ > 0) loop_.AddReader(ticker_.fd(), &ticker_);
  }

  void OnEvents(uint32_t) override {
    int fd;
    while ((fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      PrepareSocket(fd);
      clients_.push_back(
          std::make_unique<Client>(fd, corpus_, loop_, rate_ > 0));
      loop_.Add(fd, clients_.back().get());
    }
  }

  void Run(Pollable& input) {
    loop_.AddReader(STDIN_FILENO, &input);
    PrintPort(port_);
    for (;;) {
      loop_.Turn(-1);
      const uint64_t ticks = ticker_.Take();
      if (clients_.empty()) continue;
      due_ += static_cast<double>(ticks * kTick) / kSecond * rate_;
      for (; due_ >= 1; --due_) clients_[next_++ % clients_.size()]->Push();
    }
  }

 private:
  const FeedCorpus corpus_;
  const double rate_;
  double due_ = 0;
  size_t next_ = 0;
  uint16_t port_ = 0;
  int listener_;
  Loop loop_;
  Ticker ticker_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  load::PrepareProcess();
  size_t size = 200;
  double rate = 0;
  bool corrupt = false;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "--size") == 0 && i + 1 < argc)
      size = strtoul(argv[++i], nullptr, 10);
    if (strcmp(argv[i], "--rate") == 0 && i + 1 < argc) {
      rate = strtod(argv[++i], nullptr);
    }
    if (strcmp(argv[i], "--corrupt") == 0) corrupt = true;
  }
  try {
    load::Feeder feeder(size, rate, corrupt);
    load::InputEnd input;
    feeder.Run(input);
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
