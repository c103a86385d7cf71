#pragma once

#include <vector>

#include "base/byte_buffer.h"
#include "base/bytes.h"
#include "base/shared_bytes.h"
#include "protocol/deflate_params.h"
#include "protocol/frame.h"

namespace beastws {

// A message for many: its frame is made once in each form that is wanted, plain
// or compressed with certain parameters.
class Publication {
 public:
  // The payload stays valid as long as this, or is moved in as `owned`.
  Publication(Opcode opcode, bool compress, Bytes payload, ByteBuffer&& owned);
  ~Publication();
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  // Whether a server that agreed on these parameters compresses it.
  bool Compresses(const DeflateParams& params) const {
    return compress_ && payload_.size() >= params.threshold;
  }

  // The frames. They belong to this: retain what is kept.
  SharedBytes* Plain();
  SharedBytes* Compressed(const DeflateParams& params);

  size_t size() const { return payload_.size(); }

 private:
  struct CompressedForm {
    int window_bits;
    int level;
    int memory_level;
    SharedBytes* frame;
  };

  SharedBytes* MakeFrame(bool compressed, Bytes payload, ByteBuffer&& memory);

  const Opcode opcode_;
  const bool compress_;
  const Bytes payload_;
  ByteBuffer owned_;  // the payload's memory, until a frame has it
  SharedBytes* plain_ = nullptr;
  std::vector<CompressedForm> compressed_;
};

}  // namespace beastws
