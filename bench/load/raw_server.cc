// A TCP server that sends back what it receives and knows nothing of WebSocket:
// no WebSocket server on this machine can be faster.
//
// usage: raw_server [echo|fanout] [--corrupt N]
// Prints {"port":N} and runs until standard input ends. With --corrupt N it
// changes one bit in every N bytes, to prove that the generator notices.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "child_process.h"
#include "loop.h"
#include "transport.h"

namespace load {
namespace {

constexpr size_t kReadBuffer = 256 * 1024;
constexpr int kReadsPerTurn = 8;

class RawServer;

/** One connection; what the socket does not take waits in `pending_`. */
class Peer : public Pollable {
 public:
  Peer(int fd, RawServer& server) : transport_(fd), server_(server) {}
  void OnEvents(uint32_t events) override;
  void Send(const char* data, size_t size);
  int fd() const { return transport_.fd(); }

 private:
  bool SendPending();
  void Close();

  Transport transport_;
  RawServer& server_;
  std::string pending_;
  size_t pending_at_ = 0;  // bytes of it already written
  bool hang_up_ = false;
};

class RawServer : public Pollable {
 public:
  RawServer(bool fan_out, uint64_t corrupt)
      : fan_out_(fan_out), corrupt_(corrupt) {
    listener_ = ListenLoopback(port_);
    loop_.AddReader(listener_, this);
  }

  void OnEvents(uint32_t) override {
    int fd;
    while ((fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      PrepareSocket(fd);
      if (peers_.size() <= static_cast<size_t>(fd))
        peers_.resize(static_cast<size_t>(fd) + 1);
      peers_[static_cast<size_t>(fd)] = std::make_unique<Peer>(fd, *this);
      loop_.Add(fd, peers_[static_cast<size_t>(fd)].get());
    }
  }

  void Received(Peer& from, char* data, size_t size) {
    if (corrupt_ > 0) Corrupt(data, size);
    if (!fan_out_) {
      from.Send(data, size);
      return;
    }
    for (auto& peer : peers_) {
      if (peer) peer->Send(data, size);
    }
  }

  void Closed(Peer& peer) { gone_.push_back(peer.fd()); }

  void Run(Pollable& input) {
    loop_.AddReader(STDIN_FILENO, &input);
    PrintPort(port_);
    for (;;) {
      loop_.Turn(-1);
      // Not while events of the same turn may still point to them.
      for (const int fd : gone_) peers_[static_cast<size_t>(fd)].reset();
      gone_.clear();
    }
  }

  Loop& loop() { return loop_; }

 private:
  void Corrupt(char* data, size_t size) {
    for (uint64_t next = corrupt_ - seen_ % corrupt_; next <= size;
         next += corrupt_) {
      data[next - 1] ^= 1;
    }
    seen_ += size;
  }

  const bool fan_out_;
  const uint64_t corrupt_;
  uint64_t seen_ = 0;
  uint16_t port_ = 0;
  int listener_;
  Loop loop_;
  std::vector<std::unique_ptr<Peer>> peers_;  // by descriptor
  std::vector<int> gone_;
};

void Peer::OnEvents(uint32_t events) {
  static char buffer[kReadBuffer];
  if ((events & EPOLLRDHUP) != 0) hang_up_ = true;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    if (!SendPending())
      return;  // reading goes on when the socket has taken all
    const IoResult result = transport_.Read(buffer, kReadBuffer);
    if (result.status == Io::kBlocked) return;
    if (result.status != Io::kOk) {
      Close();
      return;
    }
    server_.Received(*this, buffer, result.bytes);
    if (result.bytes < kReadBuffer && !hang_up_) return;
  }
  server_.loop().Again(this);
}

void Peer::Send(const char* data, size_t size) {
  if (pending_.empty()) {
    const iovec piece{const_cast<char*>(data), size};
    const IoResult result = transport_.Write(&piece, 1);
    if (result.status == Io::kOk) {
      data += result.bytes;
      size -= result.bytes;
    }
  }
  pending_.append(data, size);
}

bool Peer::SendPending() {
  while (pending_at_ < pending_.size()) {
    const iovec piece{pending_.data() + pending_at_,
                      pending_.size() - pending_at_};
    const IoResult result = transport_.Write(&piece, 1);
    if (result.status != Io::kOk)
      return result.status == Io::kError;  // reading finds the reason
    pending_at_ += result.bytes;
  }
  pending_.clear();
  pending_at_ = 0;
  return true;
}

void Peer::Close() {
  transport_.ShutdownWrite();
  server_.Closed(*this);
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  load::PrepareProcess();
  bool fan_out = false;
  uint64_t corrupt = 0;
  for (int i = 1; i < argc; ++i) {
    if (strcmp(argv[i], "fanout") == 0) fan_out = true;
    if (strcmp(argv[i], "--corrupt") == 0 && i + 1 < argc)
      corrupt = strtoull(argv[++i], nullptr, 10);
  }
  try {
    load::RawServer server(fan_out, corrupt);
    load::InputEnd input;
    server.Run(input);
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
