#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "bridge/command_channel.h"

namespace beastws::test {

// Writes commands as lib/command-writer.js does.
class CommandWriter {
 public:
  CommandWriter(CommandChannel* channel, uint32_t chunk_size)
      : channel_(channel), chunk_size_(chunk_size) {
    NextChunk();
  }

  // Appends a record; the reader sees it after Publish(), or earlier if it is
  // eager.
  void Write(uint32_t kind_and_flags, uint32_t slot, std::string_view payload,
             uint32_t ack = 0) {
    const auto length = static_cast<uint32_t>(payload.size());
    if (offset_ + sizeof(CommandHeader) + length + 8 > chunk_size_) {
      NextChunk();
    }
    const CommandHeader header = {kind_and_flags, slot, length, ack};
    std::memcpy(bytes() + offset_, &header, sizeof(header));
    if (length > 0) {
      std::memcpy(bytes() + offset_ + sizeof(header), payload.data(), length);
    }
    offset_ += sizeof(header) + ((length + 7) & ~7u);
    Store(CommandChannel::kWritten, offset_);
  }

  template <class Value>
  void WriteValue(uint32_t kind_and_flags, uint32_t slot, const Value& value,
                  uint32_t ack = 0) {
    Write(kind_and_flags, slot,
          {reinterpret_cast<const char*>(&value), sizeof(value)}, ack);
  }

  void Publish() { Store(CommandChannel::kPublished, offset_); }

  size_t chunks() const { return chunks_.size(); }

 private:
  uint8_t* bytes() {
    return reinterpret_cast<uint8_t*>(chunks_[current_].get());
  }
  void Store(uint32_t word, uint32_t value) {
    __atomic_store_n(reinterpret_cast<uint32_t*>(bytes()) + word, value,
                     __ATOMIC_SEQ_CST);
  }
  void NextChunk() {
    if (!chunks_.empty()) {
      Publish();
      Store(CommandChannel::kSealed, 1);
    }
    const int32_t free = channel_->TakeFreeChunk();
    if (free < 0) {
      chunks_.push_back(std::make_unique<uint64_t[]>(chunk_size_ / 8));
      current_ = chunks_.size() - 1;
    } else {
      current_ = static_cast<size_t>(free);
    }
    Store(CommandChannel::kSealed, 0);
    Store(CommandChannel::kWritten, CommandChannel::kHeaderSize);
    Store(CommandChannel::kPublished, CommandChannel::kHeaderSize);
    offset_ = CommandChannel::kHeaderSize;
    channel_->AddChunk(static_cast<uint32_t>(current_), bytes());
  }

  CommandChannel* const channel_;
  const uint32_t chunk_size_;
  std::vector<std::unique_ptr<uint64_t[]>> chunks_;
  size_t current_ = 0;
  uint32_t offset_ = 0;
};

}  // namespace beastws::test
