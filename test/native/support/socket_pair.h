#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>

namespace beastws::test {

// Two connected stream sockets: one for the code under test, which is not
// blocking and is given away, and one for the peer that the test plays.
class SocketPair {
 public:
  SocketPair() {
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) != 0) {
      throw std::runtime_error("socketpair");
    }
    for (const int end : ends_) {
      fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
    }
  }
  ~SocketPair() {
    Close();
    if (ends_[0] >= 0) close(ends_[0]);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  // The tested end; whoever takes it closes it.
  int Take() {
    const int taken = ends_[0];
    ends_[0] = -1;
    return taken;
  }

  // As much as the kernel takes at once.
  size_t WriteSome(std::string_view bytes) {
    const ssize_t size =
        send(ends_[1], bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return size < 0 ? 0 : static_cast<size_t>(size);
  }

  // All of it, as long as somebody reads.
  void Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t size = WriteSome(bytes);
      bytes.remove_prefix(size);
      if (size == 0) Wait(POLLOUT);
    }
  }

  // What is there now.
  std::string ReadSome() {
    std::string bytes;
    char piece[65536];
    for (;;) {
      const ssize_t size = recv(ends_[1], piece, sizeof(piece), 0);
      if (size == 0) ended = true;
      if (size <= 0) return bytes;
      bytes.append(piece, static_cast<size_t>(size));
    }
  }

  // `size` bytes, or less if the other end closes.
  std::string Read(size_t size) {
    std::string bytes;
    while (bytes.size() < size && !ended) {
      bytes += ReadSome();
      if (bytes.size() < size && !ended) Wait(POLLIN);
    }
    return bytes;
  }
  std::string ReadToEnd() { return Read(SIZE_MAX); }

  void Shutdown() { shutdown(ends_[1], SHUT_WR); }
  void Close() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

  // The kernel's buffers hold about this much.
  void LimitBuffers(int size) {
    for (const int end : ends_) {
      setsockopt(end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
      setsockopt(end, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    }
  }

  bool ended = false;  // the other end has shut down

 private:
  void Wait(short events) {
    pollfd descriptor = {ends_[1], events, 0};
    if (poll(&descriptor, 1, 20000) == 0) throw std::runtime_error("timeout");
  }

  int ends_[2];
};

inline bool IsOpen(int descriptor) {
  return fcntl(descriptor, F_GETFD) != -1 || errno != EBADF;
}

}  // namespace beastws::test
