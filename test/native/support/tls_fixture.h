#pragma once

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/socket_pair.h"
#include "support/tls_peer.h"
#include "transport/tls_stream.h"

namespace beastws::test {

// A TlsStream on one end of a pair of sockets, and OpenSSL on the other.
struct TlsFixture {
  explicit TlsFixture(std::shared_ptr<const TlsContext> context,
                      const TlsPeer::Options& options = {})
      : stream(std::move(context), &buffers),
        socket(sockets.Take()),
        peer(options) {}
  TlsFixture() : TlsFixture(MakeServerContext()) {}

  // What the stream gives for one call, appended to `received`.
  IoResult Receive() {
    const iovec piece = {room.data(), room.size()};
    const IoResult result = stream.Receive(&socket, &piece, 1);
    if (result.size > 0) {
      received.append(room.data(), static_cast<size_t>(result.size));
    }
    return result;
  }

  // Receives until there is nothing more, or it is over.
  long ReceiveAll() {
    for (;;) {
      const IoResult result = Receive();
      if (result.size <= 0 && (result.exhausted || result.size != -EAGAIN)) {
        return result.size;
      }
    }
  }

  // The peer gets all that has been written to it.
  std::string FeedPeer() {
    std::string ciphertext = sockets.ReadSome();
    peer.Feed(ciphertext);
    return ciphertext;
  }

  void Handshake() {
    for (int i = 0; i < 10 && !(stream.is_open() && peer.is_open()); ++i) {
      peer.Advance();
      sockets.Write(peer.TakeOutput());
      BOOST_TEST(ReceiveAll() == -EAGAIN);
      FeedPeer();
    }
    BOOST_TEST_REQUIRE(stream.is_open());
    BOOST_TEST_REQUIRE(peer.is_open());
  }

  // One call with a single piece.
  IoResult Send(std::string_view text) {
    const iovec piece = {const_cast<char*>(text.data()), text.size()};
    return stream.Send(&socket, &piece, 1);
  }

  // A message each way.
  void Talk(const std::string& text = "hello") {
    received.clear();
    sockets.Write(peer.Seal(text));
    BOOST_TEST(ReceiveAll() == -EAGAIN);
    BOOST_TEST(received == text);
    BOOST_TEST(Send(text).size == static_cast<long>(text.size()));
    FeedPeer();
    BOOST_TEST(peer.Open() == text);
    BOOST_TEST(peer.error() == "");
  }

  SocketPair sockets;
  TlsBuffers buffers;
  TlsStream stream;
  Socket socket;
  TlsPeer peer;
  std::string room = std::string(128 * 1024, '\0');
  std::string received;
};

// Bytes that are different everywhere.
inline std::string Pattern(size_t size) {
  std::string text(size, '\0');
  uint32_t state = 1;
  for (char& character : text) {
    state = state * 1664525 + 1013904223;
    character = static_cast<char>(state >> 24);
  }
  return text;
}

inline std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  size_t from = 0;
  for (size_t to; (to = text.find('\n', from)) != std::string::npos;) {
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return lines;
}

}  // namespace beastws::test
