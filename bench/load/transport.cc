#include "transport.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace load {
namespace {

sockaddr_in Address(uint32_t host, uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

void SwitchNagleOff(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

IoResult Result(ssize_t n) {
  if (n > 0) return {Io::kOk, static_cast<size_t>(n)};
  if (n == 0) return {Io::kEof};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Io::kBlocked};
  return {Io::kError};
}

}  // namespace

Transport::~Transport() { close(fd_); }

IoResult Transport::Read(char* to, size_t size) {
  IoResult result = Result(recv(fd_, to, size, 0));
  result.drained = result.bytes < size;
  return result;
}

IoResult Transport::Write(const iovec* pieces, int count) {
  if (count == 1)
    return Result(send(fd_, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL));
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<size_t>(count);
  return Result(sendmsg(fd_, &message, MSG_NOSIGNAL));
}

void Transport::ShutdownWrite() { shutdown(fd_, SHUT_WR); }

void PrepareSocket(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  SwitchNagleOff(fd);
}

int ConnectLoopback(uint16_t port, int source) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  SwitchNagleOff(fd);
  // The port is chosen at connect(): many more of them than bind() would find.
  const int on = 1;
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const sockaddr_in from =
      Address(0x7f000000u + static_cast<uint32_t>(source), 0);
  const sockaddr_in to = Address(0x7f000001u, port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
      (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 &&
       errno != EINPROGRESS)) {
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
  }
  return fd;
}

int ListenLoopback(uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address = Address(0x7f000001u, 0);
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error(std::string("cannot listen: ") + strerror(errno));
  }
  port = ntohs(address.sin_port);
  return fd;
}

}  // namespace load
