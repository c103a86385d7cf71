#include "engine/publication.h"

#include <utility>

#include "protocol/permessage_deflate.h"

namespace beastws {

namespace {

// A payload up to this size is copied behind its header: one piece is written
// faster than two.
constexpr size_t kCopyMax = 16 * 1024;

}  // namespace

Publication::Publication(Opcode opcode, bool compress, Bytes payload,
                         ByteBuffer&& owned)
    : opcode_(opcode),
      compress_(compress),
      payload_(payload),
      owned_(std::move(owned)) {}

Publication::~Publication() {
  if (plain_ != nullptr) plain_->Release();
  for (const CompressedForm& form : compressed_) form.frame->Release();
}

SharedBytes* Publication::MakeFrame(bool compressed, Bytes payload,
                                    ByteBuffer&& memory) {
  FrameHeader header;
  header.opcode = opcode_;
  header.fin = true;
  header.rsv1 = compressed;
  header.length = payload.size();
  ByteBuffer head;
  const bool copy = memory.empty() || payload.size() <= kCopyMax;
  head.Reserve(kMaxFrameHeader + (copy ? payload.size() : 0));
  head.Commit(WriteFrameHeader(header, head.data()));
  if (!copy) return SharedBytes::Make(std::move(head), std::move(memory));
  head.Append(payload.data(), payload.size());
  return SharedBytes::Make(std::move(head), {});
}

SharedBytes* Publication::Plain() {
  if (plain_ == nullptr) {
    // Small ones are copied, large ones keep their memory: the payload stays
    // where it is.
    plain_ = payload_.size() <= kCopyMax
                 ? MakeFrame(false, payload_, {})
                 : MakeFrame(false, payload_, std::move(owned_));
  }
  return plain_;
}

SharedBytes* Publication::Compressed(const DeflateParams& params) {
  for (const CompressedForm& form : compressed_) {
    if (form.window_bits == params.server_max_window_bits &&
        form.level == params.level &&
        form.memory_level == params.memory_level) {
      return form.frame;
    }
  }
  compressed_.reserve(compressed_.size() + 1);
  ByteBuffer deflated;
  Deflater(Deflater::SizeFor(payload_.size(), params.server_max_window_bits,
                             params.memory_level),
           params.level)
      .Write(payload_, true, &deflated);
  const Bytes bytes(deflated.data(), deflated.size());
  SharedBytes* frame = MakeFrame(true, bytes, std::move(deflated));
  compressed_.push_back({params.server_max_window_bits, params.level,
                         params.memory_level, frame});
  return frame;
}

}  // namespace beastws
