#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "base/thread_sanitizer.h"
#include "bridge/command.h"

namespace beastws {

// The way from JavaScript to the I/O thread: chunks of memory (ArrayBuffers)
// that JavaScript fills with records and the I/O thread reads in place. A lock
// is taken once a chunk only.
//
// Layout of a chunk: four 32-bit words, then records. The words are kPublished
// (records below this offset may be read), kWritten (likewise, but not yet
// flushed: read when JavaScript stays busy for long), kSealed (no more will
// come, go on with the next chunk).
class CommandChannel {
 public:
  static constexpr uint32_t kHeaderSize = 16;
  enum Word : uint32_t { kPublished = 0, kWritten = 1, kSealed = 2 };

  // JavaScript's side: a chunk to be read after the ones before it. Chunk
  // memory must outlive the channel's reader.
  void AddChunk(uint32_t id, uint8_t* data);
  // Native code's part of a record, which JavaScript publishes.
  template <class Value>
  static void WritePayload(uint8_t* chunk, uint32_t offset,
                           const Value& value) {
    __builtin_memcpy(chunk + offset, &value, sizeof(value));
    BeforeAtomicsOfJavaScript(chunk);
  }
  // Id of a chunk that has been read to its end, or -1.
  int32_t TakeFreeChunk();

  // The I/O thread's side: calls handle(header, payload) for each record.
  // `eager` also takes what is not flushed yet. At most so many chunks: one who
  // fills them as fast as they are read would keep the thread for ever.
  template <class Handle>
  size_t Drain(bool eager, Handle handle, size_t max_chunks = SIZE_MAX) {
    size_t count = 0;
    for (;;) {
      if (current_ == nullptr && !NextChunk()) return count;
      // Sealed is read first: what was published before it is then visible.
      const bool sealed = Load(kSealed) != 0;
      const uint32_t end =
          std::max(Load(kPublished), eager ? Load(kWritten) : 0);
      AfterAtomicsOfJavaScript(current_);
      while (position_ < end) {
        CommandHeader header;
        __builtin_memcpy(&header, current_ + position_, sizeof(header));
        uint8_t* payload = current_ + position_ + sizeof(header);
        position_ += sizeof(header) + ((header.length + 7) & ~7u);
        handle(header, payload);
        ++count;
      }
      if (!sealed || position_ < Load(kPublished)) return count;
      FinishChunk();
      if (--max_chunks == 0) return count;
    }
  }

  // Whether Drain() would find something.
  bool HasPublished();

 private:
  struct Chunk {
    uint32_t id;
    uint8_t* data;
  };

  bool NextChunk();
  void FinishChunk();
  uint32_t Load(Word word) const {
    return __atomic_load_n(reinterpret_cast<uint32_t*>(current_) + word,
                           __ATOMIC_SEQ_CST);
  }

  std::mutex mutex_;
  std::deque<Chunk> waiting_;   // guarded by mutex_
  std::vector<uint32_t> free_;  // guarded by mutex_

  // The reader's.
  uint8_t* current_ = nullptr;
  uint32_t current_id_ = 0;
  uint32_t position_ = 0;
};

}  // namespace beastws
