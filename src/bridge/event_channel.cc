#include "bridge/event_channel.h"

#include <utility>

namespace beastws {

bool EventChannel::Deliver() {
  if (filling_.empty()) return true;
  const size_t size = filling_.slab.size();
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      filling_.Clear();
      return true;
    }
    if (!ready_.empty()) return false;
    std::swap(filling_, ready_);
    ready_since_ = std::chrono::steady_clock::now();
  }
  // JavaScript's thread is awake at once, and would wait for the lock.
  notify_();
  // The next one is probably as large.
  if (size >= kLendSlabMin && filling_.slab.capacity() == 0) {
    filling_.slab = memory_->Take(size + size / 4);
  }
  return true;
}

bool EventChannel::Take(EventBatch* batch) {
  std::lock_guard lock(mutex_);
  if (ready_.empty()) return false;
  std::swap(*batch, ready_);
  stats_.Add(batch->events.size(),
             std::chrono::steady_clock::now() - ready_since_);
  return true;
}

DeliveryStats EventChannel::stats() {
  std::lock_guard lock(mutex_);
  return stats_;
}

void EventChannel::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace beastws
