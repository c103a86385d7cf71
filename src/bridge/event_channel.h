#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "base/memory_pool.h"
#include "bridge/delivery_stats.h"
#include "bridge/event.h"

namespace beastws {

// The way from the I/O thread to JavaScript: three batches in rotation, one
// being filled, one ready, one being dispatched.
class EventChannel {
 public:
  // `notify` is called on the I/O thread, without a lock, whenever a batch
  // became ready; at most once more after Close().
  explicit EventChannel(std::function<void()> notify)
      : notify_(std::move(notify)), memory_(std::make_shared<MemoryPool>()) {}

  // What large batches are made of, and where their readers give it back.
  const std::shared_ptr<MemoryPool>& memory() { return memory_; }

  // The I/O thread's side.
  EventBatch* filling() { return &filling_; }
  // Hands over what was filled. False: JavaScript has not taken the last batch.
  bool Deliver();

  // JavaScript's side: swaps the ready batch with `*batch`, which must be
  // clear. False when none is ready.
  bool Take(EventBatch* batch);
  // What was taken so far.
  DeliveryStats stats();

  void Close();

 private:
  const std::function<void()> notify_;
  const std::shared_ptr<MemoryPool> memory_;
  EventBatch filling_;
  std::mutex mutex_;
  EventBatch ready_;                                   // guarded by mutex_
  bool closed_ = false;                                // guarded by mutex_
  std::chrono::steady_clock::time_point ready_since_;  // guarded by mutex_
  DeliveryStats stats_;                                // guarded by mutex_
};

}  // namespace beastws
