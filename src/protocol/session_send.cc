#include <cstring>

#include "protocol/session.h"

namespace beastws {

void Session::SendData(const OutgoingFrame& frame, Outbox* outbox) {
  const bool first = frame.opcode != Opcode::kContinuation;
  if (first) writing_compressed_ = frame.compress && deflate_params_;
  if (writing_compressed_) {
    SendCompressed(frame, outbox);
    return;
  }
  // Beast's stream masks as a client and does not as a server; the rare
  // exception (a client told not to mask, say) is framed here, and so is what
  // continues a message that Beast did not begin.
  const bool masks = role_ == Role::kClient;
  if (frame.masked != masks || (!first && !writer_)) {
    FrameHeader header;
    header.opcode = frame.opcode;
    header.fin = frame.fin;
    header.masked = frame.masked;
    WriteFrame(header, frame.payload, frame.mask, outbox);
    // Beast did not see the end of what it began.
    if (frame.fin) writer_.reset();
    return;
  }
  if (!writer_) writer_ = pools_.streams.Take(role_);
  writer_->WriteSome(frame.opcode, frame.fin, frame.payload, frame.loan,
                     outbox);
  if (frame.fin) pools_.streams.Give(role_, std::move(writer_));
  if (frame.mask != nullptr && masks) {
    // Beast chose a key of its own; two exclusive ors make one.
    uint8_t* key =
        outbox->own_data() + outbox->own_size() - frame.payload.size() - 4;
    uint8_t change[4];
    for (int i = 0; i < 4; ++i) change[i] = key[i] ^ frame.mask[i];
    std::memcpy(key, frame.mask, 4);
    ApplyMask(key + 4, frame.payload.size(), change);
  }
}

void Session::SendCompressed(const OutgoingFrame& frame, Outbox* outbox) {
  ByteBuffer deflated;
  deflater().Write(frame.payload, frame.fin, &deflated);
  FrameHeader header;
  header.opcode = frame.opcode;
  header.fin = frame.fin;
  header.rsv1 = frame.opcode != Opcode::kContinuation;
  header.masked = frame.masked;
  WriteFrame(header, {deflated.data(), deflated.size()}, frame.mask, outbox);
  if (!frame.fin) return;
  const bool keep = role_ == Role::kServer
                        ? !deflate_params_->server_no_context_takeover
                        : !deflate_params_->client_no_context_takeover;
  if (!keep) deflater_.reset();
}

void Session::SendControl(Opcode opcode, Bytes payload, bool masked,
                          const uint8_t* mask, Outbox* outbox) {
  FrameHeader header;
  header.opcode = opcode;
  header.fin = true;
  header.masked = masked;
  WriteFrame(header, payload, mask, outbox);
}

void Session::WriteFrame(FrameHeader header, Bytes payload, const uint8_t* mask,
                         Outbox* outbox) {
  header.length = payload.size();
  if (header.masked) {
    if (mask != nullptr) {
      std::memcpy(header.mask, mask, 4);
    } else {
      pools_.masks.Next(header.mask);
    }
  }
  uint8_t bytes[kMaxFrameHeader];
  outbox->Append(bytes, WriteFrameHeader(header, bytes));
  outbox->Append(payload.data(), payload.size());
  if (header.masked) {
    ApplyMask(outbox->own_data() + outbox->own_size() - payload.size(),
              payload.size(), header.mask);
  }
}

Deflater& Session::deflater() {
  if (!deflater_) {
    const DeflateParams& params = *deflate_params_;
    deflater_ = std::make_unique<Deflater>(role_ == Role::kServer
                                               ? params.server_max_window_bits
                                               : params.client_max_window_bits,
                                           params.level, params.memory_level);
  }
  return *deflater_;
}

}  // namespace beastws
