#include "outbox.h"

#include <algorithm>
#include <cstring>

namespace load {
namespace {

constexpr size_t kScratch = 64 * 1024;
constexpr size_t kCopyUpTo = 8 * 1024;

/** Appends what of `pieces` comes after `offset` and fits; returns how much
 * that was. */
size_t Copy(char* to, size_t room, const Pieces& pieces, size_t offset) {
  size_t done = 0;
  if (offset < pieces.head_size) {
    done = std::min(room, pieces.head_size - offset);
    memcpy(to, pieces.head + offset, done);
    offset += done;
  }
  if (offset >= pieces.head_size) {
    const size_t at = offset - pieces.head_size;
    const size_t part = std::min(room - done, pieces.tail_size - at);
    memcpy(to + done, pieces.tail + at, part);
    done += part;
  }
  return done;
}

}  // namespace

void Outbox::Reset() {
  seq_ = 0;
  pending_ = 0;
  offset_ = 0;
}

Io Outbox::Flush(Transport& transport) {
  while (pending_ > 0) {
    IoResult result;
    if (corpus_.WireSize(seq_) > kCopyUpTo) {
      Pieces pieces;
      corpus_.Wire(origin_, seq_, pieces);
      result = WriteGathered(transport, pieces);
    } else {
      result = WriteCopied(transport);
    }
    if (result.status != Io::kOk) return result.status;
    Advance(result.bytes);
  }
  return Io::kOk;
}

IoResult Outbox::WriteCopied(Transport& transport) {
  static thread_local char scratch[kScratch];
  size_t filled = 0;
  size_t offset = offset_;
  for (uint32_t i = 0; i < pending_ && filled < kScratch; ++i) {
    Pieces pieces;
    corpus_.Wire(origin_, seq_ + i, pieces);
    filled += Copy(scratch + filled, kScratch - filled, pieces, offset);
    offset = 0;
  }
  const iovec all{scratch, filled};
  return transport.Write(&all, 1);
}

IoResult Outbox::WriteGathered(Transport& transport, const Pieces& pieces) {
  iovec parts[2];
  int count = 0;
  size_t skip = offset_;
  if (skip < pieces.head_size) {
    parts[count++] = {const_cast<char*>(pieces.head) + skip,
                      pieces.head_size - skip};
    skip = pieces.head_size;
  }
  skip -= pieces.head_size;
  parts[count++] = {const_cast<char*>(pieces.tail) + skip,
                    pieces.tail_size - skip};
  return transport.Write(parts, count);
}

void Outbox::Advance(size_t bytes) {
  while (bytes > 0) {
    const size_t left = corpus_.WireSize(seq_) - offset_;
    if (bytes < left) {
      offset_ += bytes;
      return;
    }
    bytes -= left;
    offset_ = 0;
    ++seq_;
    --pending_;
  }
}

}  // namespace load
