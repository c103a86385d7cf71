#pragma once

#ifndef BEASTWS_NO_ZLIB

#include <zlib.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace beastws::test {

// permessage-deflate as every other implementation has it: with zlib.
class ZlibDeflater {
 public:
  explicit ZlibDeflater(int bits, int level = 6, int memory = 8,
                        int strategy = Z_DEFAULT_STRATEGY) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, -bits, memory, strategy) !=
        Z_OK) {
      throw std::runtime_error("deflateInit2");
    }
  }
  ~ZlibDeflater() { deflateEnd(&stream_); }
  ZlibDeflater(const ZlibDeflater&) = delete;
  ZlibDeflater& operator=(const ZlibDeflater&) = delete;

  std::string Run(std::string_view in, int flush) {
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    char piece[16384];
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece);
      stream_.avail_out = sizeof(piece);
      const int result = deflate(&stream_, flush);
      if (result == Z_STREAM_ERROR) throw std::runtime_error("deflate");
      out.append(piece, sizeof(piece) - stream_.avail_out);
    } while (stream_.avail_out == 0);
    return out;
  }

  // The compressed form of a message, without its 00 00 ff ff.
  std::string Message(std::string_view in) {
    std::string out = Run(in, Z_SYNC_FLUSH);
    if (out.empty()) return std::string(1, '\0');
    out.resize(out.size() - 4);
    return out;
  }

 private:
  z_stream stream_ = {};
};

class ZlibInflater {
 public:
  explicit ZlibInflater(int bits) {
    if (inflateInit2(&stream_, -bits) != Z_OK) {
      throw std::runtime_error("inflateInit2");
    }
  }
  ~ZlibInflater() { inflateEnd(&stream_); }
  ZlibInflater(const ZlibInflater&) = delete;
  ZlibInflater& operator=(const ZlibInflater&) = delete;

  // Throws what zlib has to say about bad input.
  std::string Run(std::string_view in) {
    std::string out;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    char piece[16384];
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(piece);
      stream_.avail_out = sizeof(piece);
      const int result = inflate(&stream_, Z_SYNC_FLUSH);
      out.append(piece, sizeof(piece) - stream_.avail_out);
      ended = result == Z_STREAM_END;
      if (ended) break;
      if (result != Z_OK && result != Z_BUF_ERROR) {
        throw std::runtime_error(stream_.msg ? stream_.msg : "inflate");
      }
    } while (stream_.avail_out == 0);
    return out;
  }

  std::string Message(std::string_view in) {
    return Run(std::string(in) + std::string("\0\0\xff\xff", 4));
  }

  bool ended = false;  // a final block was read

 private:
  z_stream stream_ = {};
};

}  // namespace beastws::test

#endif  // BEASTWS_NO_ZLIB
