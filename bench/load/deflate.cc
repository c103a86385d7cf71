#include "deflate.h"

#include <stdexcept>

namespace load {

thread_local char Inflater::out_[Inflater::kOut];

Deflater::Deflater() {
  if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("deflateInit2 failed");
  }
}

Deflater::~Deflater() { deflateEnd(&stream_); }

void Deflater::Reset() { deflateReset(&stream_); }

std::string Deflater::Message(const std::string& plain) {
  std::string out(deflateBound(&stream_, plain.size()) + 16, '\0');
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream_.avail_in = static_cast<uInt>(plain.size());
  stream_.next_out = reinterpret_cast<Bytef*>(out.data());
  stream_.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0 ||
      stream_.avail_out == 0) {
    throw std::runtime_error("deflate failed");
  }
  out.resize(out.size() - stream_.avail_out -
             4);  // without the flush's 00 00 ff ff
  return out;
}

Inflater::Inflater() {
  if (inflateInit2(&stream_, -15) != Z_OK)
    throw std::runtime_error("inflateInit2 failed");
}

Inflater::~Inflater() { inflateEnd(&stream_); }

size_t Inflater::Step() {
  stream_.next_out = reinterpret_cast<Bytef*>(out_);
  stream_.avail_out = kOut;
  const int result = inflate(&stream_, Z_SYNC_FLUSH);
  const size_t produced = kOut - stream_.avail_out;
  more_ = false;
  if (result == Z_STREAM_END) {
    // A final block is allowed inside a message; what follows starts afresh.
    inflateReset(&stream_);
    more_ = stream_.avail_in > 0;
  } else if (result == Z_OK) {
    more_ = stream_.avail_in > 0 || stream_.avail_out == 0;
  } else if (result != Z_BUF_ERROR) {
    failed_ = true;
  }
  return produced;
}

}  // namespace load
