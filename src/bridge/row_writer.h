#pragma once

#include <cstdint>

#include "bridge/event_writer.h"

namespace beastws {

// Turns what a session reads into rows of numbers, with the payloads in memory
// that JavaScript has given for them: nothing is allocated, and nothing of it
// has to be exported. Only messages in one piece and pings and pongs can be
// such rows; from the first event that cannot, or does not fit, everything goes
// into a batch.
class RowWriter final : public SessionEvents {
 public:
  // A row: kind, offset in the pool, length.
  static constexpr size_t kColumns = 3;

  // The pool is free from `used` on.
  RowWriter(std::span<int32_t> rows, MutableBytes pool, size_t used,
            EventBatch* batch)
      : rows_(rows), pool_(pool), used_(used), rest_(batch, 0), batch_(batch) {}

  size_t count() const { return count_; }
  size_t used() const { return used_; }
  uint64_t messages() const { return messages_; }
  uint64_t message_bytes() const { return message_bytes_; }

  uint8_t* BeginMessage(size_t size) override;
  void EndMessage(bool binary) override;
  void DropMessage() override;
  void OnMessage(bool binary, ByteBuffer&& data,
                 std::vector<uint32_t>&& fragments) override;
  void OnControl(Opcode opcode, Bytes payload) override;
  void OnClose(uint16_t code, Bytes reason) override;
  void OnError(const ProtocolError& error) override;

 private:
  bool Fits(size_t size) const {
    return batch_->empty() && rows_.size() / kColumns > count_ &&
           used_ <= pool_.size() && pool_.size() - used_ >= size;
  }
  void Add(EventKind kind, size_t size);
  void AddBytes(EventKind kind, Bytes bytes);
  void Count(size_t size) {
    ++messages_;
    message_bytes_ += size;
  }

  const std::span<int32_t> rows_;
  const MutableBytes pool_;
  size_t used_;
  size_t count_ = 0;
  size_t begun_ = 0;
  bool in_pool_ = false;  // the message that is begun
  uint64_t messages_ = 0;
  uint64_t message_bytes_ = 0;
  EventWriter rest_;
  EventBatch* batch_;
};

}  // namespace beastws
