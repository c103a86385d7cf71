#include "bridge/event_writer.h"

#include "protocol/session.h"

namespace beastws {

void EventWriter::Push(EventKind kind, size_t offset, size_t length, uint32_t a,
                       uint32_t b, int32_t large) {
  batch_->events.push_back({slot_, kind, first_, static_cast<uint32_t>(offset),
                            static_cast<uint32_t>(length), a, b, large});
  first_ = false;
}

void EventWriter::Add(EventKind kind, uint32_t a, uint32_t b) {
  Push(kind, 0, 0, a, b, -1);
}

void EventWriter::AddWithBytes(EventKind kind, Bytes bytes, uint32_t a) {
  Push(kind, batch_->slab.size(), bytes.size(), a, 0, -1);
  batch_->slab.Append(bytes.data(), bytes.size());
}

uint8_t* EventWriter::BeginMessage(size_t size) {
  begun_ = size;
  return batch_->slab.Prepare(size);
}

void EventWriter::EndMessage(bool binary) {
  Push(binary ? EventKind::kBinary : EventKind::kText, batch_->slab.size(),
       begun_, 0, 0, -1);
  batch_->slab.Commit(begun_);
}

void EventWriter::OnMessage(bool binary, ByteBuffer&& data,
                            std::vector<uint32_t>&& fragments) {
  const EventKind kind = binary ? EventKind::kBinary : EventKind::kText;
  const auto count = static_cast<uint32_t>(fragments.size());
  if (data.size() >= kOwnMemoryMin) {
    Push(kind, batch_->slab.size(), data.size(), count, 0,
         static_cast<int32_t>(batch_->large.size()));
    batch_->large_bytes += data.size();
    batch_->large.push_back(std::move(data));
  } else {
    AddWithBytes(kind, {data.data(), data.size()}, count);
  }
  batch_->slab.Append(fragments.data(), fragments.size() * sizeof(uint32_t));
}

void EventWriter::OnControl(Opcode opcode, Bytes payload) {
  AddWithBytes(opcode == Opcode::kPing ? EventKind::kPing : EventKind::kPong,
               payload, 0);
}

void EventWriter::OnClose(uint16_t code, Bytes reason) {
  AddWithBytes(EventKind::kCloseFrame, reason, code);
}

void EventWriter::OnError(const ProtocolError& error) {
  Add(EventKind::kProtocolError, static_cast<uint32_t>(error.kind),
      error.detail);
}

}  // namespace beastws
