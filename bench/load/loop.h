#pragma once

#include <cstdint>
#include <vector>

namespace load {

/** Something with a descriptor in the loop. */
class Pollable {
 public:
  virtual ~Pollable() = default;
  /** `events`: EPOLL* bits; 0 when called because of Loop::Again(). */
  virtual void OnEvents(uint32_t events) = 0;
};

/** epoll, edge-triggered: a Pollable reads until its socket is empty or calls
 * Again(). */
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /** Watches `fd` for reading and writing until it is closed. */
  void Add(int fd, Pollable* target);
  /** Level-triggered, reading only: for timers and standard input. */
  void AddReader(int fd, Pollable* target);
  /** Calls `target` again in the next turn although nothing new happened on its
   * socket. */
  void Again(Pollable* target) { again_.push_back(target); }

  /** One turn: waits at most `timeout_ms` and calls everybody who has something
   * to do. */
  void Turn(int timeout_ms);

 private:
  const int epoll_;
  std::vector<Pollable*> again_;
  std::vector<Pollable*> again_now_;
};

/** A timer that fires every `period_ns` and counts how often it should have. */
class Ticker : public Pollable {
 public:
  explicit Ticker(uint64_t period_ns);
  ~Ticker() override;

  int fd() const { return fd_; }
  void OnEvents(uint32_t events) override;
  /** Periods passed since the last call. */
  uint64_t Take();

 private:
  const int fd_;
  uint64_t passed_ = 0;
};

}  // namespace load
