#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace beastws {

// Bytes that several outboxes of one thread refer to: a frame that goes to
// many. Whoever calls Retain(), or makes it, calls Release() once.
class SharedBytes {
 public:
  // `body` may be empty; it is for a payload that has memory already.
  static SharedBytes* Make(ByteBuffer&& head, ByteBuffer&& body) {
    return new SharedBytes(std::move(head), std::move(body));
  }

  void Retain() { ++references_; }
  void Release() {
    if (--references_ == 0) delete this;
  }

  Bytes head() const { return {head_.data(), head_.size()}; }
  Bytes body() const { return {body_.data(), body_.size()}; }
  size_t size() const { return head_.size() + body_.size(); }

 private:
  SharedBytes(ByteBuffer&& head, ByteBuffer&& body)
      : head_(std::move(head)), body_(std::move(body)) {}
  ~SharedBytes() = default;

  size_t references_ = 1;
  ByteBuffer head_;
  ByteBuffer body_;
};

}  // namespace beastws
