#include "transport/socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace beastws {

namespace {

#ifdef MSG_NOSIGNAL
constexpr int kNoSignal = MSG_NOSIGNAL;
#else
constexpr int kNoSignal = 0;
#endif
#ifdef MSG_MORE
constexpr int kMore = MSG_MORE;
#else
constexpr int kMore = 0;
#endif

}  // namespace

// The calls for one piece spare the kernel the check of a list of pieces: 0.3
// us of the 7 that a small message costs.
long Socket::Receive(const iovec* pieces, size_t count) {
  for (;;) {
    const ssize_t size =
        count == 1 ? recv(descriptor_, pieces->iov_base, pieces->iov_len, 0)
                   : readv(descriptor_, pieces, static_cast<int>(count));
    if (size >= 0) return size;
    if (errno != EINTR) return -errno;
  }
}

long Socket::Send(const iovec* pieces, size_t count, bool more) {
  const int flags = kNoSignal | (more ? kMore : 0);
  msghdr message = {};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = count;
  for (;;) {
    const ssize_t size =
        count == 1 ? send(descriptor_, pieces->iov_base, pieces->iov_len, flags)
                   : sendmsg(descriptor_, &message, flags);
    if (size >= 0) return size;
    if (errno != EINTR) return -errno;
  }
}

bool Socket::PeerHasEnded() const {
#ifdef POLLRDHUP
  pollfd what = {descriptor_, POLLRDHUP, 0};
  return poll(&what, 1, 0) > 0;
#else
  return false;
#endif
}

void Socket::ShutdownWrite() { shutdown(descriptor_, SHUT_WR); }

// Unix sockets refuse these two, as they do in Node.
void Socket::SetNoDelay(bool on) {
  const int value = on;
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &value, sizeof(value));
}

void Socket::SetKeepAlive(bool on, unsigned seconds) {
  const int value = on;
  setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &value, sizeof(value));
#ifdef TCP_KEEPIDLE
  if (on && seconds > 0) {
    const int idle = static_cast<int>(seconds);
    setsockopt(descriptor_, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
  }
#else
  static_cast<void>(seconds);
#endif
}

void Socket::ResetOnClose() {
  linger value = {};
  value.l_onoff = 1;
  value.l_linger = 0;
  setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &value, sizeof(value));
}

void Socket::Drain(size_t max) {
  char bytes[16384];
  while (max > 0) {
    const ssize_t size =
        recv(descriptor_, bytes, std::min(max, sizeof(bytes)), MSG_DONTWAIT);
    if (size <= 0) return;
    max -= static_cast<size_t>(size);
  }
}

void Socket::Close() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  descriptor_ = -1;
}

}  // namespace beastws
