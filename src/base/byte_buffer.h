#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace beastws {

// Growable bytes that are never zeroed and whose memory can be given away.
// std::vector would clear what recv(2) or Beast is about to overwrite, and
// would not part with its allocation.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { Swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    Swap(other);
    return *this;
  }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() { std::free(data_); }

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }

  // Makes room for `extra` more bytes and returns where they go. They count
  // once Commit() says so. Throws std::bad_alloc.
  uint8_t* Prepare(size_t extra) {
    if (capacity_ - size_ < extra) Grow(size_ + extra);
    return data_ + size_;
  }
  void Commit(size_t count) { size_ += count; }

  void Append(const void* bytes, size_t count) {
    if (count == 0) return;
    std::memcpy(Prepare(count), bytes, count);
    size_ += count;
  }

  // Room for exactly `capacity` bytes, for sizes known beforehand.
  void Reserve(size_t capacity) {
    if (capacity > capacity_) Reallocate(capacity);
  }

  // Forgets the first `count` bytes, and memory that is then far too much.
  void DropFront(size_t count) {
    size_ -= count;
    std::memmove(data_, data_ + count, size_);
    if (capacity_ / 4 <= size_) return;
    const size_t capacity = size_ < 128 ? 256 : size_ * 2;
    auto* data = static_cast<uint8_t*>(std::realloc(data_, capacity));
    if (data == nullptr) return;
    data_ = data;
    capacity_ = capacity;
  }

  // Gives back memory that it has no bytes for, if that is worth a call.
  void Fit() {
    if (size_ == 0 || capacity_ - size_ <= size_ / 8) return;
    auto* data = static_cast<uint8_t*>(std::realloc(data_, size_));
    if (data == nullptr) return;
    data_ = data;
    capacity_ = size_;
  }

  void Truncate(size_t size) { size_ = size; }
  void Clear() { size_ = 0; }

  // Gives the memory back, not only the contents.
  void Reset() {
    std::free(data_);
    data_ = nullptr;
    size_ = capacity_ = 0;
  }

  // Hands the allocation (from malloc) to the caller.
  uint8_t* Release() {
    uint8_t* data = data_;
    data_ = nullptr;
    size_ = capacity_ = 0;
    return data;
  }

  // Takes over an allocation from malloc.
  void Adopt(uint8_t* data, size_t capacity) {
    std::free(data_);
    data_ = data;
    size_ = 0;
    capacity_ = capacity;
  }

 private:
  void Swap(ByteBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }
  void Grow(size_t needed) {
    size_t capacity = capacity_ < 256 ? 256 : capacity_ + capacity_ / 2;
    Reallocate(capacity < needed ? needed : capacity);
  }
  void Reallocate(size_t capacity) {
    auto* data = static_cast<uint8_t*>(std::realloc(data_, capacity));
    if (data == nullptr) throw std::bad_alloc();
    data_ = data;
    capacity_ = capacity;
  }

  uint8_t* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace beastws
