#include <string>
#include <vector>

#include "protocol/permessage_deflate.h"
#include "support/zlib_peer.h"
#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

// Bombs must end somewhere: after two windows.
constexpr uint64_t kLimit = 1 << 16;

struct Result {
  std::vector<std::string> messages;
  ProtocolError error;
};

// How far back a distance may reach beyond a small window depends on how much
// is inflated at once, in zlib as well.
bool DependsOnPieces(int bits, const ProtocolError& error) {
  return bits < 15 &&
         error.detail == static_cast<uint32_t>(InflateFault::kDistanceTooFar);
}

// Which of two faults is found first, too many bytes or bad ones right behind
// them, depends on how much is inflated at once.
bool AreSame(const ProtocolError& one, const ProtocolError& two) {
  if (one.kind == two.kind) return one.detail == two.detail;
  const auto either = [&](ProtocolErrorKind kind) {
    return one.kind == kind || two.kind == kind;
  };
  return either(ProtocolErrorKind::kMessageTooBig) &&
         either(ProtocolErrorKind::kInflate);
}

// A connection's worth of messages: each begins with its length.
Result InflateAll(int bits, Input input, size_t step) {
  Inflater inflater(bits);
  Result result;
  while (!input.empty()) {
    Bytes message = input.Take(input.Word());
    ByteBuffer out;
    do {
      const Bytes piece = message.first(std::min(step, message.size()));
      message = message.subspan(piece.size());
      const std::vector<uint8_t> exact(piece.begin(), piece.end());
      result.error = inflater.Write(exact, message.empty(), kLimit, &out);
      if (result.error) return result;
    } while (!message.empty());
    Require(out.size() <= kLimit, "more than the limit");
    result.messages.emplace_back(reinterpret_cast<const char*>(out.data()),
                                 out.size());
  }
  return result;
}

#ifndef BEASTWS_NO_ZLIB

// What zlib makes of it, up to its first complaint.
void CompareWithZlib(int bits, Input input, const Result& ours) {
  auto zlib = std::make_unique<test::ZlibInflater>(std::max(bits, 9));
  size_t count = 0;
  while (!input.empty()) {
    const Bytes message = input.Take(input.Word());
    const bool last = count == ours.messages.size();
    // A bomb: zlib knows no limit.
    if (last && ours.error.kind == ProtocolErrorKind::kMessageTooBig) return;
    std::string theirs;
    try {
      theirs = zlib->Message(
          {reinterpret_cast<const char*>(message.data()), message.size()});
    } catch (const std::runtime_error& error) {
      const std::string_view what = error.what();
      Require(last || (bits < 15 && what.find("too far") != what.npos),
              "zlib refuses what we accept");
      return;
    }
    if (last && DependsOnPieces(bits, ours.error)) return;
    Require(!last, "we refuse what zlib accepts");
    const std::string& mine = ours.messages[count++];
    // Both decode as far as they can, but Beast wants the bits of the longest
    // code before it decodes a shorter one: the end of a message that is cut
    // off may come out shorter.
    Require(theirs.starts_with(mine), "zlib reads something else");
    if (theirs != mine) return;
    if (zlib->ended) {
      zlib = std::make_unique<test::ZlibInflater>(std::max(bits, 9));
    }
  }
}

#endif

}  // namespace

void Inflate(Bytes bytes) {
  Input input(bytes);
  const int bits = 8 + static_cast<int>(input.UpTo(7));
  const size_t step = 1 + input.UpTo(20);
  const Result whole = InflateAll(bits, input, SIZE_MAX);
  const Result pieces = InflateAll(bits, input, step);
  if (DependsOnPieces(bits, whole.error) ||
      DependsOnPieces(bits, pieces.error)) {
    const size_t count =
        std::min(whole.messages.size(), pieces.messages.size());
    Require(std::equal(whole.messages.begin(),
                       whole.messages.begin() + static_cast<ptrdiff_t>(count),
                       pieces.messages.begin()),
            "in pieces it is something else");
  } else {
    Require(whole.messages == pieces.messages,
            "in pieces it is something else");
    Require(AreSame(whole.error, pieces.error), "in pieces it fails otherwise");
  }
#ifndef BEASTWS_NO_ZLIB
  CompareWithZlib(bits, input, whole);
#endif
}

void Deflate(Bytes bytes) {
  Input input(bytes);
  const int bits = 8 + static_cast<int>(input.UpTo(7));
  const int level = static_cast<int>(input.UpTo(9));
  const int memory = 1 + static_cast<int>(input.UpTo(8));
  Deflater deflater({bits, memory}, level);
  Inflater inflater(bits);
#ifndef BEASTWS_NO_ZLIB
  test::ZlibInflater zlib(std::max(bits, 9));
#endif
  std::string whole;  // of the message under way
  ByteBuffer deflated;
  ByteBuffer inflated;
  std::string zlib_inflated;
  while (!input.empty()) {
    const uint8_t how = input.Byte();
    const bool fin = how & 1;
    // Repeated, so that small inputs make large messages.
    const size_t repeat = how & 2 ? size_t{1} << (how >> 6) : 1;
    const Bytes piece = input.Take(how & 4 ? input.Word() : input.Byte());
    std::string payload;
    for (size_t i = 0; i < repeat; ++i) {
      payload.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    }
    if (how & 8) {
      // Not to be compressed.
      uint32_t state = how;
      for (char& byte : payload) {
        state = state * 1664525u + 1013904223u;
        byte = static_cast<char>(byte ^ (state >> 24));
      }
    }
    whole += payload;
    ByteBuffer frame;
    deflater.Write(
        {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()}, fin,
        &frame);
    const ProtocolError error =
        inflater.Write({frame.data(), frame.size()}, fin, 0, &inflated);
    Require(!error, "our own deflate is refused");
    const std::string back(reinterpret_cast<const char*>(inflated.data()),
                           inflated.size());
    Require(back == whole, "something else comes back");
#ifndef BEASTWS_NO_ZLIB
    std::string compressed(reinterpret_cast<const char*>(frame.data()),
                           frame.size());
    zlib_inflated += fin ? zlib.Message(compressed) : zlib.Run(compressed);
    Require(zlib_inflated == whole, "zlib reads something else");
#endif
    if (fin) {
      whole.clear();
      inflated.Reset();
      zlib_inflated.clear();
    }
  }
}

}  // namespace beastws::fuzz
