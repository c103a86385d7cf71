#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/shared_bytes.h"

namespace beastws {

// What a connection still has to write, in order: bytes of its own and
// references to memory that JavaScript lent. Belongs to the thread of its
// connection.
class Outbox {
 public:
  // Identifies lent memory to whoever gives it back; 0 is nobody's.
  using LoanId = uint32_t;

 private:
  struct Piece {
    const uint8_t* lent;  // null: the bytes are own_[offset, offset + length)
    size_t offset;
    size_t length;
    LoanId loan;
    SharedBytes* shared;  // kept until the piece is written
  };
  struct Memory {
    ByteBuffer own;
    std::vector<Piece> pieces;
  };

 public:
  // Memory of outboxes that are empty, for others of the same thread.
  class Pool {
   public:
    Pool() { free_.reserve(kMax); }

   private:
    friend class Outbox;
    static constexpr size_t kMax = 64;
    static constexpr size_t kMaxBytes = 4096;
    static constexpr size_t kMaxPieces = 32;

    std::vector<Memory> free_;
  };

  explicit Outbox(Pool* pool = nullptr) : pool_(pool) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Copies `count` bytes to the end.
  void Append(const void* bytes, size_t count) {
    if (count > 0) std::memcpy(Extend(count), bytes, count);
  }

  // Adds `count` bytes (not 0) to the end, and returns where the caller writes
  // them before anything else.
  uint8_t* Extend(size_t count) {
    TakeMemory();
    uint8_t* out = own_.Prepare(count);
    if (pieces_.empty() || pieces_.back().lent != nullptr) {
      pieces_.push_back({nullptr, own_.size(), 0, 0, nullptr});
    }
    own_.Commit(count);
    pieces_.back().length += count;
    size_ += count;
    return out;
  }

  // Queues memory that stays valid until its loan is reported by Consume().
  // Loan 0 marks a part whose continuation is to follow.
  void AppendLent(const uint8_t* bytes, size_t count, LoanId loan) {
    size_ += count;
    if (!pieces_.empty() && pieces_.back().loan == 0 &&
        pieces_.back().lent != nullptr && pieces_.back().shared == nullptr &&
        pieces_.back().lent + pieces_.back().length == bytes) {
      pieces_.back().length += count;
      pieces_.back().loan = loan;
    } else {
      pieces_.push_back({bytes, 0, count, loan, nullptr});
    }
  }

  // Reports a loan once all that is queued so far is written: for lent memory
  // that was copied.
  void ReturnLater(LoanId loan) {
    static constexpr uint8_t kNothing = 0;
    pieces_.push_back({&kNothing, 0, 0, loan, nullptr});
  }

  // Queues bytes that others send, too. What is small is copied behind what
  // waits already, so that it needs no piece of its own.
  void AppendShared(SharedBytes* bytes) {
    constexpr size_t kCopyMax = 1024;
    const Bytes head = bytes->head();
    const Bytes body = bytes->body();
    if (!empty() && bytes->size() <= kCopyMax) {
      Append(head.data(), head.size());
      Append(body.data(), body.size());
      return;
    }
    if (!body.empty()) {
      // The head goes before the body, which keeps the reference of both.
      pieces_.push_back({head.data(), 0, head.size(), 0, nullptr});
    }
    const Bytes last = body.empty() ? head : body;
    pieces_.push_back({last.data(), 0, last.size(), 0, bytes});
    bytes->Retain();
    size_ += bytes->size();
  }

  // Whether a loan is in it, to be reported some day.
  bool Holds(LoanId loan) const {
    for (size_t i = front_; i < pieces_.size(); ++i) {
      if (pieces_[i].lent != nullptr && pieces_[i].loan == loan) return true;
    }
    return false;
  }

  // How many bytes of its own it holds, and where they are until the next
  // Append().
  size_t own_size() const { return own_.size(); }
  const uint8_t* own_data() const { return own_.data(); }

  // Fills `out` with up to `max` pieces from the front (an iovec, say) by
  // calling set(index, pointer, length). Returns how many.
  template <class Set>
  size_t Gather(size_t max, Set set) const {
    size_t count = 0;
    for (size_t i = front_; i < pieces_.size() && count < max; ++i) {
      const Piece& piece = pieces_[i];
      if (piece.length == 0) continue;
      set(count++,
          piece.lent != nullptr ? piece.lent : own_.data() + piece.offset,
          piece.length);
    }
    return count;
  }

  // Drops `count` bytes from the front; calls returned(loan) for each loan
  // that is over.
  template <class Returned>
  void Consume(size_t count, Returned returned) {
    size_ -= count;
    while (front_ < pieces_.size()) {
      Piece& piece = pieces_[front_];
      if (count < piece.length) {
        piece.length -= count;
        if (piece.lent != nullptr) {
          piece.lent += count;
        } else {
          piece.offset += count;
          own_front_ = piece.offset;
        }
        DropConsumed();
        return;
      }
      count -= piece.length;
      if (piece.lent != nullptr) {
        Return(piece, returned);
      } else {
        own_front_ = piece.offset + piece.length;
      }
      ++front_;
    }
    Reset();
  }

  // Forgets everything; loans are reported.
  template <class Returned>
  void Clear(Returned returned) {
    for (size_t i = front_; i < pieces_.size(); ++i) {
      if (pieces_[i].lent != nullptr) Return(pieces_[i], returned);
    }
    Reset();
  }

 private:
  template <class Returned>
  static void Return(const Piece& piece, Returned returned) {
    if (piece.shared != nullptr) {
      piece.shared->Release();
    } else {
      returned(piece.loan);
    }
  }

  // A peer that never catches up must not make it grow by all that it ever
  // read: what is written is dropped once it is as much as what is left.
  void DropConsumed() {
    constexpr size_t kMinBytes = 64 * 1024;
    constexpr size_t kMinPieces = 1024;
    if (own_front_ >= kMinBytes && own_front_ >= own_.size() / 2) {
      own_.DropFront(own_front_);
      for (size_t i = front_; i < pieces_.size(); ++i) {
        if (pieces_[i].lent == nullptr) pieces_[i].offset -= own_front_;
      }
      own_front_ = 0;
    }
    if (front_ >= kMinPieces && front_ >= pieces_.size() / 2) {
      pieces_.erase(pieces_.begin(),
                    pieces_.begin() + static_cast<ptrdiff_t>(front_));
      front_ = 0;
    }
  }

  void TakeMemory() {
    if (pool_ == nullptr || pieces_.capacity() > 0 || pool_->free_.empty()) {
      return;
    }
    Memory& last = pool_->free_.back();
    own_ = std::move(last.own);
    pieces_.swap(last.pieces);
    pool_->free_.pop_back();
  }

  // An idle connection keeps no memory for writing.
  void Reset() {
    size_ = front_ = own_front_ = 0;
    if (pool_ != nullptr && pieces_.capacity() > 0 &&
        pieces_.capacity() <= Pool::kMaxPieces &&
        own_.capacity() <= Pool::kMaxBytes &&
        pool_->free_.size() < Pool::kMax) {
      own_.Clear();
      pieces_.clear();
      pool_->free_.push_back({std::move(own_), std::move(pieces_)});
    }
    own_.Reset();
    std::vector<Piece>().swap(pieces_);
  }

  Pool* pool_;
  ByteBuffer own_;
  std::vector<Piece> pieces_;
  size_t front_ = 0;      // first piece that is not all written
  size_t own_front_ = 0;  // first byte of own_ that is not written
  size_t size_ = 0;
};

}  // namespace beastws
