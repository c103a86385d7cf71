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
  const bool first = frame.opcode != Opcode::kContinuation;
  uint8_t random[4];
  const uint8_t* mask = ChooseMask(frame.masked, frame.mask, random);
  // A message in one frame has no state for a stream to keep, and Beast did not
  // begin what continues without a stream.
  if (first ? frame.fin : !writer_) {
    FrameHeader header;
    header.opcode = frame.opcode;
    header.fin = frame.fin;
    WriteFrame(header, frame.payload, frame.loan, mask, outbox);
    return;
  }
  if (!writer_) writer_ = pools_.streams.Take(BeastStream::Use::kWriting);
  writer_->WriteSome(frame.opcode, frame.fin, frame.payload, frame.loan, mask,
                     outbox);
  if (frame.fin) {
    pools_.streams.Give(BeastStream::Use::kWriting, std::move(writer_));
  }
}

void Session::SendCompressed(const OutgoingFrame& frame, Outbox* outbox) {
  ByteBuffer& deflated = pools_.scratch;
  deflated.Clear();
  deflater(frame.payload.size()).Write(frame.payload, frame.fin, &deflated);
  FrameHeader header;
  header.opcode = frame.opcode;
  header.fin = frame.fin;
  header.rsv1 = frame.opcode != Opcode::kContinuation;
  uint8_t random[4];
  WriteFrame(header, {deflated.data(), deflated.size()}, 0,
             ChooseMask(frame.masked, frame.mask, random), outbox);
  if (deflated.capacity() > kMaxScratch) deflated.Reset();
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
  uint8_t random[4];
  WriteFrame(header, payload, 0, ChooseMask(masked, mask, random), outbox);
}

// The key of an outgoing frame: the given one or a random one, null without.
const uint8_t* Session::ChooseMask(bool masked, const uint8_t* given,
                                   uint8_t random[4]) {
  if (!masked) return nullptr;
  if (given != nullptr) return given;
  pools_.masks.Next(random);
  return random;
}

void Session::WriteFrame(FrameHeader header, Bytes payload, Outbox::LoanId loan,
                         const uint8_t* mask, Outbox* outbox) {
  header.length = payload.size();
  if (mask != nullptr) {
    header.masked = true;
    std::memcpy(header.mask, mask, 4);
  }
  uint8_t bytes[kMaxFrameHeader];
  const size_t size = WriteFrameHeader(header, bytes);
  if (loan != 0 && mask == nullptr && !payload.empty()) {
    outbox->Append(bytes, size);
    outbox->AppendLent(payload.data(), payload.size(), loan);
    return;
  }
  uint8_t* out = outbox->Extend(size + payload.size());
  std::memcpy(out, bytes, size);
  out += size;
  if (payload.empty()) return;
  if (mask != nullptr) {
    CopyMasked(out, payload.data(), payload.size(), mask, 0);
  } else {
    std::memcpy(out, payload.data(), payload.size());
  }
}

// One that is too small for what comes now is replaced: what it remembers is
// then lost, which is not much.
Deflater& Session::deflater(size_t message) {
  const DeflateParams& params = *deflate_params_;
  const Deflater::Size size =
      Deflater::SizeFor(message,
                        role_ == Role::kServer ? params.server_max_window_bits
                                               : params.client_max_window_bits,
                        params.memory_level);
  if (!deflater_ || deflater_->size().memory_level < size.memory_level) {
    deflater_ = std::make_unique<Deflater>(size, params.level);
  }
  return *deflater_;
}

}  // namespace beastws
