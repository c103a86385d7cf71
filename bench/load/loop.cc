#include "loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "clock.h"

namespace load {
namespace {

void Register(int epoll, int fd, uint32_t events, Pollable* target) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = target;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::runtime_error(std::string("epoll_ctl: ") + strerror(errno));
  }
}

}  // namespace

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::runtime_error("epoll_create1 failed");
}

Loop::~Loop() { close(epoll_); }

void Loop::Add(int fd, Pollable* target) {
  Register(epoll_, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, target);
}

void Loop::AddReader(int fd, Pollable* target) {
  Register(epoll_, fd, EPOLLIN, target);
}

void Loop::Turn(int timeout_ms) {
  epoll_event events[256];
  const int n =
      epoll_wait(epoll_, events, 256, again_.empty() ? timeout_ms : 0);
  again_now_.swap(again_);
  for (int i = 0; i < n; ++i) {
    static_cast<Pollable*>(events[i].data.ptr)->OnEvents(events[i].events);
  }
  for (Pollable* target : again_now_) target->OnEvents(0);
  again_now_.clear();
}

Ticker::Ticker(uint64_t period_ns)
    : fd_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
  itimerspec when{};
  when.it_interval.tv_sec = static_cast<time_t>(period_ns / kSecond);
  when.it_interval.tv_nsec = static_cast<long>(period_ns % kSecond);
  when.it_value = when.it_interval;
  if (fd_ < 0 || timerfd_settime(fd_, 0, &when, nullptr) != 0) {
    throw std::runtime_error("timerfd failed");
  }
}

Ticker::~Ticker() { close(fd_); }

void Ticker::OnEvents(uint32_t) {
  uint64_t n = 0;
  if (read(fd_, &n, sizeof n) == sizeof n) passed_ += n;
}

uint64_t Ticker::Take() {
  const uint64_t n = passed_;
  passed_ = 0;
  return n;
}

}  // namespace load
