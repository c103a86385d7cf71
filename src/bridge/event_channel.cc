#include "bridge/event_channel.h"

#include <utility>

namespace beastws {

bool EventChannel::Deliver() {
  if (filling_.empty()) return true;
  std::lock_guard lock(mutex_);
  if (closed_) {
    filling_.Clear();
    return true;
  }
  if (!ready_.empty()) return false;
  std::swap(filling_, ready_);
  notify_();
  return true;
}

bool EventChannel::Take(EventBatch* batch) {
  std::lock_guard lock(mutex_);
  if (ready_.empty()) return false;
  std::swap(*batch, ready_);
  return true;
}

void EventChannel::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace beastws
