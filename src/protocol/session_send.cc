#include <cstring>

#include "protocol/session.h"

namespace beastws {

void Session::SendData(const OutgoingFrame& frame, Outbox* outbox) {
  const bool first = frame.opcode != Opcode::kContinuation;
  if (first) {
    writing_compressed_ = frame.compress && deflate_params_;
    // Whoever begins a message before the last one ended has their reasons.
    writer_.reset();
  }
  try {
    if (writing_compressed_) {
      SendCompressed(frame, outbox);
    } else {
      SendPlain(frame, outbox);
    }
  } catch (...) {
    // Nobody knows how far they came.
    writer_.reset();
    deflater_.reset();
    throw;
  }
  const bool copied =
      writing_compressed_ || frame.masked || frame.payload.empty();
  if (frame.loan != 0 && copied) outbox->ReturnLater(frame.loan);
}

void Session::SendPlain(const OutgoingFrame& frame, Outbox* outbox) {
  // Beast's stream masks as a client and does not as a server; the rare
  // exception (a client told not to mask, say) is framed here, and so is what
  // continues a message that Beast did not begin.
  const bool masks = role_ == Role::kClient;
  const bool first = frame.opcode != Opcode::kContinuation;
  if (frame.masked != masks || (!first && !writer_)) {
    FrameHeader header;
    header.opcode = frame.opcode;
    header.fin = frame.fin;
    header.masked = frame.masked;
    WriteFrame(header, frame.payload, frame.loan, frame.mask, outbox);
    // Beast did not see the end of what it began.
    if (frame.fin) writer_.reset();
    return;
  }
  if (!writer_) writer_ = pools_.streams.Take(role_);
  writer_->WriteSome(frame.opcode, frame.fin, frame.payload, frame.loan,
                     outbox);
  if (frame.fin) pools_.streams.Give(role_, std::move(writer_));
  if (!masks) return;
  // Beast masks with a key of its own: each sixteen of its keys come sixteen
  // times in a row (Boost 1.81), so that they can be foretold. Two exclusive
  // ors make one.
  uint8_t mask[4];
  if (frame.mask != nullptr) {
    std::memcpy(mask, frame.mask, 4);
  } else {
    pools_.masks.Next(mask);
  }
  uint8_t* key =
      outbox->own_data() + outbox->own_size() - frame.payload.size() - 4;
  uint8_t change[4];
  for (int i = 0; i < 4; ++i) change[i] = key[i] ^ mask[i];
  std::memcpy(key, mask, 4);
  ApplyMask(key + 4, frame.payload.size(), change);
}

void Session::SendCompressed(const OutgoingFrame& frame, Outbox* outbox) {
  ByteBuffer deflated;
  deflater().Write(frame.payload, frame.fin, &deflated);
  FrameHeader header;
  header.opcode = frame.opcode;
  header.fin = frame.fin;
  header.rsv1 = frame.opcode != Opcode::kContinuation;
  header.masked = frame.masked;
  WriteFrame(header, {deflated.data(), deflated.size()}, 0, frame.mask, outbox);
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
  WriteFrame(header, payload, 0, mask, outbox);
}

void Session::WriteFrame(FrameHeader header, Bytes payload, Outbox::LoanId loan,
                         const uint8_t* mask, Outbox* outbox) {
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
  if (loan != 0 && !header.masked && !payload.empty()) {
    outbox->AppendLent(payload.data(), payload.size(), loan);
    return;
  }
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
