#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "engine/poller.h"

namespace beastws {

Poller::Poller() {
  poll_ = epoll_create1(EPOLL_CLOEXEC);
  if (poll_ < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int error = wake_ < 0 ? errno : -Add(wake_, nullptr);
  if (error != 0) {
    if (wake_ >= 0) close(wake_);
    close(poll_);
    throw std::system_error(error, std::generic_category(), "eventfd");
  }
}

Poller::~Poller() {
  close(wake_);
  close(poll_);
}

int Poller::Add(int descriptor, void* owner) {
  if (descriptor < 0) return -EBADF;
  const auto at = static_cast<size_t>(descriptor);
  if (at >= entries_.size()) {
    try {
      entries_.resize(at + 1);
    } catch (const std::bad_alloc&) {
      return -ENOMEM;
    }
  }
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLPRI | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  if (owner == nullptr) event.events = EPOLLIN | EPOLLET;
  event.data.u64 = uint64_t{++entries_[at].number} << 32 | at;
  if (epoll_ctl(poll_, EPOLL_CTL_ADD, descriptor, &event) < 0) return -errno;
  entries_[at].owner = owner;
  return 0;
}

void Poller::Move(int descriptor, void* owner) {
  entries_[static_cast<size_t>(descriptor)].owner = owner;
}

void Poller::Remove(int descriptor) {
  epoll_event event = {};
  epoll_ctl(poll_, EPOLL_CTL_DEL, descriptor, &event);
  Forget(descriptor);
}

void Poller::Forget(int descriptor) {
  const auto at = static_cast<size_t>(descriptor);
  if (at >= entries_.size()) return;
  entries_[at].owner = nullptr;
  ++entries_[at].number;
}

size_t Poller::Wait(int timeout, Ready* ready, size_t max) {
  epoll_event events[256];
  const int count = epoll_wait(
      poll_, events, static_cast<int>(std::min<size_t>(max, 256)), timeout);
  // The eventfd is edge-triggered, so that it need not be read.
  for (int i = 0; i < count; ++i) {
    const uint32_t bits = events[i].events;
    uint32_t what = 0;
    if (bits & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
      what |= kReadable;
    }
    if (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR)) what |= kWritable;
    if (bits & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) what |= kPeerClosed;
    if (bits & EPOLLPRI) what |= kUrgent;
    const uint64_t data = events[i].data.u64;
    const Entry& entry = entries_[data & UINT32_MAX];
    ready[i] = {entry.number == data >> 32 ? entry.owner : nullptr, what};
  }
  return count < 0 ? 0 : static_cast<size_t>(count);
}

void Poller::Wake() {
  const uint64_t one = 1;
  // Full, it is readable all the same.
  while (write(wake_, &one, sizeof(one)) < 0 && errno == EINTR) {
  }
}

}  // namespace beastws
