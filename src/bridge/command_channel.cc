#include "bridge/command_channel.h"

namespace beastws {

void CommandChannel::AddChunk(uint32_t id, uint8_t* data) {
  std::lock_guard lock(mutex_);
  // So that giving a chunk back cannot fail.
  if (free_.capacity() <= id) free_.reserve(2 * (size_t{id} + 1));
  waiting_.push_back({id, data});
}

int32_t CommandChannel::TakeFreeChunk() {
  std::lock_guard lock(mutex_);
  if (free_.empty()) return -1;
  const uint32_t id = free_.back();
  free_.pop_back();
  return static_cast<int32_t>(id);
}

bool CommandChannel::HasPublished() {
  if (current_ == nullptr && !NextChunk()) return false;
  return position_ < Load(kPublished) || Load(kSealed) != 0;
}

bool CommandChannel::NextChunk() {
  std::lock_guard lock(mutex_);
  if (waiting_.empty()) return false;
  current_ = waiting_.front().data;
  current_id_ = waiting_.front().id;
  position_ = kHeaderSize;
  waiting_.pop_front();
  return true;
}

void CommandChannel::FinishChunk() {
  current_ = nullptr;
  std::lock_guard lock(mutex_);
  free_.push_back(current_id_);
}

}  // namespace beastws
