#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace beastws {

// Readiness of descriptors, edge-triggered: a descriptor is reported when it
// becomes ready, not while it is. Linux' epoll, without the epoll_ctl(2) for
// each wait that a reactor of one-shot operations (Asio's) makes.
class Poller {
 public:
  static constexpr uint32_t kReadable = 1;
  static constexpr uint32_t kWritable = 2;
  static constexpr uint32_t kPeerClosed = 4;  // no edge will follow: read on
  static constexpr uint32_t kUrgent = 8;      // nor one after a short read

  struct Ready {
    void* owner;  // as given to Add(); null for Wake()
    uint32_t what;
  };

  Poller();  // throws std::system_error
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // 0, or minus errno.
  int Add(int descriptor, void* owner);
  // What happens is somebody else's from now on.
  void Move(int descriptor, void* owner);
  void Remove(int descriptor);
  // The same for one that is closed at once, which nobody shares.
  void Forget(int descriptor);

  // Waits at most `timeout` milliseconds (-1: for ever); returns how many of
  // `ready` were filled.
  size_t Wait(int timeout, Ready* ready, size_t max);

  // From any thread: makes the current or the next Wait() return.
  void Wake();

 private:
  // Of a descriptor. The number changes with each owner that had it to himself,
  // so that events of one that is still open elsewhere, as in a process that is
  // being started, are nobody's.
  struct Entry {
    void* owner = nullptr;
    uint32_t number = 0;
  };

  std::vector<Entry> entries_;
  int poll_ = -1;
  int wake_ = -1;
};

}  // namespace beastws
