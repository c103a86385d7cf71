#include "bridge/row_writer.h"

#include <cstring>

#include "protocol/session.h"

namespace beastws {

void RowWriter::Add(EventKind kind, size_t size) {
  int32_t* row = rows_.data() + count_ * kColumns;
  row[0] = static_cast<int32_t>(kind);
  row[1] = static_cast<int32_t>(used_);
  row[2] = static_cast<int32_t>(size);
  used_ += size;
  ++count_;
}

void RowWriter::AddBytes(EventKind kind, Bytes bytes) {
  if (!bytes.empty()) {
    std::memcpy(pool_.data() + used_, bytes.data(), bytes.size());
  }
  Add(kind, bytes.size());
}

uint8_t* RowWriter::BeginMessage(size_t size) {
  begun_ = size;
  in_pool_ = Fits(size);
  return in_pool_ ? pool_.data() + used_ : rest_.BeginMessage(size);
}

void RowWriter::EndMessage(bool binary) {
  if (!in_pool_) {
    rest_.EndMessage(binary);
    return;
  }
  Add(binary ? EventKind::kBinary : EventKind::kText, begun_);
  Count(begun_);
}

void RowWriter::DropMessage() {
  if (!in_pool_) rest_.DropMessage();
}

void RowWriter::OnMessage(bool binary, ByteBuffer&& data,
                          std::vector<uint32_t>&& fragments) {
  // Large messages are given away with their memory.
  if (!fragments.empty() || data.size() >= kOwnMemoryMin ||
      !Fits(data.size())) {
    rest_.OnMessage(binary, std::move(data), std::move(fragments));
    return;
  }
  AddBytes(binary ? EventKind::kBinary : EventKind::kText,
           {data.data(), data.size()});
  Count(data.size());
}

void RowWriter::OnControl(Opcode opcode, Bytes payload) {
  if (!Fits(payload.size())) {
    rest_.OnControl(opcode, payload);
    return;
  }
  AddBytes(opcode == Opcode::kPing ? EventKind::kPing : EventKind::kPong,
           payload);
}

void RowWriter::OnClose(uint16_t code, Bytes reason) {
  rest_.OnClose(code, reason);
}

void RowWriter::OnError(const ProtocolError& error) { rest_.OnError(error); }

}  // namespace beastws
