#pragma once

#include <zlib.h>

#include <cstddef>
#include <string>

namespace load {

/** Compresses messages the way permessage-deflate wants them (RFC 7692, 7.2.1).
 */
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string Message(const std::string& plain);
  /** Forgets the messages before (no context takeover). */
  void Reset();

 private:
  z_stream stream_{};
};

/** Inflates one direction of a connection. */
class Inflater {
 public:
  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /**
   * Inflates a part of a message and hands the output to `sink(data, size)`;
   * false when the data is not valid or the sink refuses.
   */
  template <class Sink>
  bool Feed(const char* data, size_t size, Sink&& sink) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data));
    stream_.avail_in = static_cast<uInt>(size);
    do {
      const size_t produced = Step();
      if (failed_ || !sink(out_, produced)) return false;
    } while (more_);
    return true;
  }

  /** Ends a message; `keep_context` false forgets its content. */
  template <class Sink>
  bool End(bool keep_context, Sink&& sink) {
    static const char tail[4] = {0x00, 0x00, static_cast<char>(0xff),
                                 static_cast<char>(0xff)};
    const bool ok = Feed(tail, sizeof tail, sink);
    if (!keep_context) inflateReset(&stream_);
    return ok;
  }

 private:
  size_t Step();

  static constexpr size_t kOut = 64 * 1024;
  static thread_local char out_[kOut];
  z_stream stream_{};
  bool more_ = false;
  bool failed_ = false;
};

}  // namespace load
