#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"

namespace beastws {

// A connected, non-blocking stream socket; the descriptor is closed with it.
// Results of system calls: a count, or minus errno.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }

  long Receive(const iovec* pieces, size_t count);
  // `more`: FIN follows at once, and may go in the same segment.
  long Send(const iovec* pieces, size_t count, bool more = false);
  void ShutdownWrite();
  // Whether FIN has arrived, perhaps behind bytes that were not read yet.
  bool PeerHasEnded() const;
  void SetNoDelay(bool on);
  void SetKeepAlive(bool on, unsigned seconds);

  // The next Close() resets the connection.
  void ResetOnClose();

  // Reads and drops up to `max` bytes, so that closing does not turn into a
  // reset that destroys what the peer has not read yet.
  void Drain(size_t max);
  void Close();

 private:
  int descriptor_;
};

}  // namespace beastws
