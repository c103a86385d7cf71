#pragma once

#include "bridge/event.h"
#include "protocol/session_events.h"

namespace beastws {

// Turns what one session reads into events of a batch. One writer stands for
// one read of the socket.
class EventWriter final : public SessionEvents {
 public:
  EventWriter(EventBatch* batch, uint32_t slot) : batch_(batch), slot_(slot) {}

  // Appends an event, without or with a payload. For the event itself it waits
  // where memory is short, but for its payload it does not.
  void Add(EventKind kind, uint32_t a = 0, uint32_t b = 0);

  void AddBytes(EventKind kind, Bytes bytes, uint32_t a = 0, uint32_t b = 0);

  uint8_t* BeginMessage(size_t size) override;
  void EndMessage(bool binary) override;
  void DropMessage() override {}
  void OnMessage(bool binary, ByteBuffer&& data,
                 std::vector<uint32_t>&& fragments) override;
  void OnControl(Opcode opcode, Bytes payload) override;
  void OnClose(uint16_t code, Bytes reason) override;
  void OnError(const ProtocolError& error) override;

 private:
  void Count(size_t size) {
    ++batch_->messages;
    batch_->message_bytes += size;
  }
  void Push(EventKind kind, size_t offset, size_t length, uint32_t a,
            uint32_t b, int32_t large);

  EventBatch* batch_;
  const uint32_t slot_;
  size_t begun_ = 0;
  bool first_ = true;
};

}  // namespace beastws
