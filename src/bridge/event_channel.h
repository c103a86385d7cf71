#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#include "bridge/delivery_stats.h"
#include "bridge/event.h"

namespace beastws {

// The way from the I/O thread to JavaScript: three batches in rotation, one
// being filled, one ready, one being dispatched.
class EventChannel {
 public:
  // `notify` is called on the I/O thread, under the channel's lock, whenever a
  // batch became ready; never after Close().
  explicit EventChannel(std::function<void()> notify)
      : notify_(std::move(notify)) {}

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
  EventBatch filling_;
  std::mutex mutex_;
  EventBatch ready_;                                   // guarded by mutex_
  bool closed_ = false;                                // guarded by mutex_
  std::chrono::steady_clock::time_point ready_since_;  // guarded by mutex_
  DeliveryStats stats_;                                // guarded by mutex_
};

}  // namespace beastws
