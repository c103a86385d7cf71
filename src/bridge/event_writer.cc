#include "bridge/event_writer.h"

#include "base/patience.h"
#include "protocol/session.h"

namespace beastws {

void EventWriter::Push(EventKind kind, size_t offset, size_t length, uint32_t a,
                       uint32_t b, int32_t large) {
  const Event event = {slot_,
                       kind,
                       first_,
                       static_cast<uint32_t>(offset),
                       static_cast<uint32_t>(length),
                       a,
                       b,
                       large};
  // JavaScript would wait for it for ever.
  Patiently([&] { batch_->events.push_back(event); });
  first_ = false;
}

void EventWriter::Add(EventKind kind, uint32_t a, uint32_t b) {
  Push(kind, 0, 0, a, b, -1);
}

void EventWriter::AddBytes(EventKind kind, Bytes bytes, uint32_t a,
                           uint32_t b) {
  const size_t offset = batch_->slab.size();
  batch_->slab.Append(bytes.data(), bytes.size());
  Push(kind, offset, bytes.size(), a, b, -1);
}

uint8_t* EventWriter::BeginMessage(size_t size) {
  begun_ = size;
  return batch_->slab.Prepare(size);
}

void EventWriter::EndMessage(bool binary) {
  Push(binary ? EventKind::kBinary : EventKind::kText, batch_->slab.size(),
       begun_, 0, 0, -1);
  batch_->slab.Commit(begun_);
  Count(begun_);
}

void EventWriter::OnMessage(bool binary, ByteBuffer&& data,
                            std::vector<uint32_t>&& fragments) {
  const EventKind kind = binary ? EventKind::kBinary : EventKind::kText;
  const auto count = static_cast<uint32_t>(fragments.size());
  const size_t offset = batch_->slab.size();
  const size_t size = data.size();
  Count(size);
  // The event comes last: where memory ends, it must not refer to what is not
  // there.
  if (size < kOwnMemoryMin) batch_->slab.Append(data.data(), size);
  batch_->slab.Append(fragments.data(), fragments.size() * sizeof(uint32_t));
  if (size < kOwnMemoryMin) {
    Push(kind, offset, size, count, 0, -1);
    return;
  }
  // JavaScript may keep it for long, and has only its size counted.
  data.Fit();
  batch_->large.push_back(std::move(data));
  batch_->large_bytes += size;
  Push(kind, offset, size, count, 0,
       static_cast<int32_t>(batch_->large.size() - 1));
}

void EventWriter::OnControl(Opcode opcode, Bytes payload) {
  AddBytes(opcode == Opcode::kPing ? EventKind::kPing : EventKind::kPong,
           payload, 0);
}

void EventWriter::OnClose(uint16_t code, Bytes reason) {
  AddBytes(EventKind::kCloseFrame, reason, code);
}

void EventWriter::OnError(const ProtocolError& error) {
  Add(EventKind::kProtocolError, static_cast<uint32_t>(error.kind),
      error.detail);
}

}  // namespace beastws
