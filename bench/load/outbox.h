#pragma once

#include <cstdint>

#include "corpus.h"
#include "transport.h"

namespace load {

/**
 * The messages a connection still has to send, as numbers only: their bytes are
 * made when the socket takes them.
 */
class Outbox {
 public:
  Outbox(const Corpus& corpus, uint32_t origin)
      : corpus_(corpus), origin_(origin) {}

  void Reset();
  void Add(uint32_t count) { pending_ += count; }
  uint32_t pending() const { return pending_; }

  /** Writes until all is gone (kOk), the socket is full (kBlocked) or it fails.
   */
  Io Flush(Transport& transport);

 private:
  IoResult WriteCopied(Transport& transport);
  IoResult WriteGathered(Transport& transport, const Pieces& pieces);
  void Advance(size_t bytes);

  const Corpus& corpus_;
  const uint32_t origin_;
  uint32_t seq_ = 0;
  uint32_t pending_ = 0;
  size_t offset_ = 0;  // of message seq_, already written
};

}  // namespace load
