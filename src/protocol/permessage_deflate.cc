#include "protocol/permessage_deflate.h"

#include <algorithm>
#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/beast/zlib/inflate_stream.hpp>

namespace beastws {

namespace zlib = boost::beast::zlib;
using boost::system::error_code;

namespace {

// What a sender strips from the end of a message.
constexpr uint8_t kTail[4] = {0x00, 0x00, 0xff, 0xff};

InflateFault FaultOf(const error_code& ec) {
  switch (static_cast<zlib::error>(ec.value())) {
    case zlib::error::invalid_block_type:
      return InflateFault::kBlockType;
    case zlib::error::invalid_stored_length:
      return InflateFault::kStoredLength;
    case zlib::error::too_many_symbols:
      return InflateFault::kTooManySymbols;
    case zlib::error::invalid_code_lengths:
    case zlib::error::incomplete_length_set:
      return InflateFault::kCodeLengths;
    case zlib::error::invalid_bit_length_repeat:
      return InflateFault::kLengthRepeat;
    case zlib::error::missing_eob:
      return InflateFault::kNoEndOfBlock;
    case zlib::error::over_subscribed_length:
      return InflateFault::kLiteralLengthSet;
    case zlib::error::invalid_literal_length:
      return InflateFault::kLiteralLengthCode;
    case zlib::error::invalid_distance_code:
      return InflateFault::kDistanceCode;
    case zlib::error::invalid_distance:
      return InflateFault::kDistanceTooFar;
    default:
      return InflateFault::kOther;
  }
}

}  // namespace

struct Inflater::Impl {
  explicit Impl(int bits) : window_bits(bits) { stream.reset(bits); }

  zlib::inflate_stream stream;
  const int window_bits;
  // A final block (BFINAL) ends the deflate stream before the message: what
  // follows is ignored, and the next message starts with an empty window.
  bool ended = false;
};

// zlib's deflate turns a window of 2^8 into 2^9, and Beast knows none below.
Inflater::Inflater(int window_bits)
    : impl_(std::make_unique<Impl>(std::max(window_bits, 9))) {}

Inflater::~Inflater() = default;

void Inflater::Clear() {
  // Beast's clear() does nothing: after a final block, all that followed would
  // be taken for its end.
  impl_->stream.reset(impl_->window_bits);
  impl_->ended = false;
}

ProtocolError Inflater::Run(Bytes in, uint64_t max_size, ByteBuffer* out) {
  zlib::z_params zs;
  zs.next_in = in.data();
  zs.avail_in = in.size();
  for (;;) {
    // Twice what is left to read is a fair guess; a bomb makes it grow, but
    // never far above the limit.
    const size_t guess =
        std::max(zs.avail_in * 4, out->capacity() - out->size());
    size_t room = std::clamp<size_t>(guess, 1024, 256 * 1024);
    if (max_size > 0) {
      room = std::min<uint64_t>(room, max_size - out->size() + 1);
    }
    zs.next_out = out->Prepare(room);
    zs.avail_out = room;
    error_code ec;
    impl_->stream.write(zs, zlib::Flush::sync, ec);
    out->Commit(room - zs.avail_out);
    if (ec == zlib::error::end_of_stream) {
      impl_->ended = true;
      ec = {};
      zs.avail_in = 0;
    }
    // Nothing to read and nothing to write is no error here.
    if (ec && ec != zlib::error::need_buffers) {
      return {ProtocolErrorKind::kInflate, static_cast<uint32_t>(FaultOf(ec))};
    }
    if (max_size > 0 && out->size() > max_size) {
      return {ProtocolErrorKind::kMessageTooBig};
    }
    if (impl_->ended || zs.avail_out > 0) return {};
  }
}

ProtocolError Inflater::Write(Bytes in, bool fin, uint64_t max_size,
                              ByteBuffer* out) {
  if (!impl_->ended && !in.empty()) {
    if (auto error = Run(in, max_size, out)) return error;
  }
  if (fin) {
    if (!impl_->ended) {
      if (auto error = Run(kTail, max_size, out)) return error;
    }
    if (impl_->ended) Clear();
  }
  return {};
}

struct Deflater::Impl {
  zlib::deflate_stream stream;
};

Deflater::Size Deflater::SizeFor(size_t message, int max_window_bits,
                                 int memory_level) {
  constexpr int kSmallWindowBits = 13;
  constexpr int kSmallMemoryLevel = 5;
  constexpr int kUsualMemoryLevel = 8;
  if (memory_level > 0) return {max_window_bits, memory_level};
  if (message > size_t{1} << kSmallWindowBits) {
    return {max_window_bits, kUsualMemoryLevel};
  }
  return {std::min(max_window_bits, kSmallWindowBits), kSmallMemoryLevel};
}

Deflater::Deflater(Size size, int level)
    : size_(size), impl_(std::make_unique<Impl>()) {
  impl_->stream.reset(level, std::max(size.window_bits, 9), size.memory_level,
                      zlib::Strategy::normal);
}

Deflater::~Deflater() = default;

void Deflater::Clear() { impl_->stream.reset(); }

void Deflater::Write(Bytes in, bool fin, ByteBuffer* out) {
  const size_t start = out->size();
  zlib::z_params zs;
  zs.next_in = in.data();
  zs.avail_in = in.size();
  size_t room = std::max<size_t>(in.size() / 4 + 64, 256);
  for (;;) {
    zs.next_out = out->Prepare(room);
    zs.avail_out = room;
    error_code ec;
    impl_->stream.write(zs, zlib::Flush::sync, ec);
    out->Commit(room - zs.avail_out);
    // Room left over means that the flush is complete.
    if (zs.avail_out > 0) break;
  }
  if (!fin) return;
  if (out->size() - start >= sizeof(kTail)) {
    out->Truncate(out->size() - sizeof(kTail));
  } else {
    // Right after a flush, deflate has nothing to say of an empty input; this
    // is RFC 7692's empty message (section 7.2.3.6).
    const uint8_t empty_block = 0;
    out->Append(&empty_block, 1);
  }
}

}  // namespace beastws
