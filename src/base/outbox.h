#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"

namespace beastws {

// What a connection still has to write, in order: bytes of its own and
// references to memory that JavaScript lent. Belongs to the thread of its
// connection.
class Outbox {
 public:
  // Identifies lent memory to whoever gives it back; 0 is nobody's.
  using LoanId = uint32_t;

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // Copies `count` bytes to the end.
  void Append(const void* bytes, size_t count) {
    if (count == 0) return;
    if (pieces_.empty() || pieces_.back().lent != nullptr) {
      pieces_.push_back({nullptr, own_.size(), 0, 0});
    }
    own_.Append(bytes, count);
    pieces_.back().length += count;
    size_ += count;
  }

  // Queues memory that stays valid until its loan is reported by Consume().
  // Loan 0 marks a part whose continuation is to follow.
  void AppendLent(const uint8_t* bytes, size_t count, LoanId loan) {
    size_ += count;
    if (!pieces_.empty() && pieces_.back().loan == 0 &&
        pieces_.back().lent != nullptr &&
        pieces_.back().lent + pieces_.back().length == bytes) {
      pieces_.back().length += count;
      pieces_.back().loan = loan;
    } else {
      pieces_.push_back({bytes, 0, count, loan});
    }
  }

  // How many bytes of its own it holds, and where they are: for changing a
  // frame in place that was just appended. Valid until the next Append().
  size_t own_size() const { return own_.size(); }
  uint8_t* own_data() { return own_.data(); }

  // Fills `out` with up to `max` pieces from the front (an iovec, say) by
  // calling set(index, pointer, length). Returns how many.
  template <class Set>
  size_t Gather(size_t max, Set set) const {
    size_t count = 0;
    for (size_t i = front_; i < pieces_.size() && count < max; ++i) {
      const Piece& piece = pieces_[i];
      const size_t skip = i == front_ ? consumed_ : 0;
      const uint8_t* base =
          piece.lent != nullptr ? piece.lent : own_.data() + piece.offset;
      set(count++, base + skip, piece.length - skip);
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
      const size_t left = piece.length - consumed_;
      if (count < left) {
        consumed_ += count;
        return;
      }
      count -= left;
      consumed_ = 0;
      if (piece.lent != nullptr) returned(piece.loan);
      ++front_;
    }
    Reset();
  }

  // Forgets everything; loans are reported.
  template <class Returned>
  void Clear(Returned returned) {
    for (size_t i = front_; i < pieces_.size(); ++i) {
      if (pieces_[i].lent != nullptr) returned(pieces_[i].loan);
    }
    Reset();
  }

 private:
  struct Piece {
    const uint8_t* lent;  // null: the bytes are own_[offset, offset + length)
    size_t offset;
    size_t length;
    LoanId loan;
  };

  // An idle connection keeps no memory for writing.
  void Reset() {
    size_ = 0;
    front_ = consumed_ = 0;
    own_.Reset();
    std::vector<Piece>().swap(pieces_);
  }

  ByteBuffer own_;
  std::vector<Piece> pieces_;
  size_t front_ = 0;     // first piece that is not all written
  size_t consumed_ = 0;  // bytes of it that are
  size_t size_ = 0;
};

}  // namespace beastws
