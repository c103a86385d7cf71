#include "transport/tls_stream.h"

#include <algorithm>

#include "support/failing_memory.h"
#include "support/tls_fixture.h"

namespace beastws::test {

namespace {

constexpr size_t kRecord = TlsBuffers::kRecordSize;

// The sizes of the records that ciphertext is made of, headers included.
std::vector<size_t> RecordsOf(std::string_view ciphertext) {
  std::vector<size_t> sizes;
  while (ciphertext.size() >= 5) {
    const size_t size = 5 + (static_cast<uint8_t>(ciphertext[3]) << 8) +
                        static_cast<uint8_t>(ciphertext[4]);
    sizes.push_back(size);
    if (size > ciphertext.size()) break;
    ciphertext.remove_prefix(size);
  }
  return sizes;
}

const std::string kFilling = Pattern(100000);

// Sends until the kernel takes no more, which is told of all but the last
// call. Returns what the peer will get.
std::string Fill(TlsFixture* tls) {
  std::string text;
  for (int i = 0; i < 1000; ++i) {
    text += kFilling;
    const IoResult result = tls->Send(kFilling);
    if (result.size == -EAGAIN) {
      BOOST_TEST(result.exhausted);
      BOOST_TEST(tls->stream.wants_write());
      return text;
    }
    BOOST_TEST(result.size == static_cast<long>(kFilling.size()));
  }
  BOOST_FAIL("the kernel takes everything");
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_stream)

BOOST_AUTO_TEST_CASE(opens_and_talks) {
  for (const int version : {TlsPeer::kTls12, TlsPeer::kTls13}) {
    TlsFixture tls(MakeServerContext(), {.version = version});
    BOOST_TEST((tls.stream.state() == TlsStream::State::kStart));
    tls.Handshake();
    tls.Talk();
    tls.Talk(Pattern(50000));
    tls.Talk("x");
    const auto lines = Lines(tls.stream.Info());
    BOOST_TEST_REQUIRE(lines.size() == TlsStream::kInfoLines);
    BOOST_TEST(lines[0] ==
               (version == TlsPeer::kTls13 ? "TLSv1.3" : "TLSv1.2"));
    BOOST_TEST(tls.peer.PeerName() == "localhost");
    BOOST_TEST(tls.buffers.out.size() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(opens_as_a_client) {
  for (const int version : {TlsPeer::kTls12, TlsPeer::kTls13}) {
    TlsFixture tls(MakeClientContext(), {.server = true, .version = version});
    tls.stream.Connect(&tls.socket, "some.host", {});
    tls.FeedPeer();
    tls.Handshake();
    tls.Talk();
    tls.Talk(Pattern(50000));
  }
}

// A record is looked at when all of it is there.
BOOST_AUTO_TEST_CASE(takes_a_handshake_in_crumbs) {
  for (const bool server : {true, false}) {
    TlsFixture tls(server ? MakeServerContext() : MakeClientContext(),
                   {.server = !server});
    if (!server) {
      tls.stream.Connect(&tls.socket, "", {});
      tls.FeedPeer();
    }
    size_t crumbs = 0;
    for (int i = 0; i < 10 && !(tls.stream.is_open() && tls.peer.is_open());
         ++i) {
      tls.peer.Advance();
      for (const char crumb : tls.peer.TakeOutput()) {
        BOOST_TEST((tls.stream.state() == TlsStream::State::kStart) ==
                   (server && i == 0));
        tls.sockets.Write({&crumb, 1});
        BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
        ++crumbs;
      }
      tls.FeedPeer();
    }
    BOOST_TEST(crumbs > 100u);
    BOOST_TEST_REQUIRE(tls.stream.is_open());
    // And what follows as well.
    for (const char crumb : tls.peer.Seal("crumbs")) {
      BOOST_TEST(tls.received == "");
      tls.sockets.Write({&crumb, 1});
      BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
    }
    BOOST_TEST(tls.received == "crumbs");
    tls.Talk();
  }
}

// With the last message of the handshake in the same read.
BOOST_AUTO_TEST_CASE(reads_what_comes_with_the_handshake) {
  TlsFixture tls;
  tls.peer.Advance();
  tls.sockets.Write(tls.peer.TakeOutput());
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  tls.FeedPeer();
  tls.peer.Advance();
  BOOST_TEST_REQUIRE(tls.peer.is_open());
  const std::string last = tls.peer.TakeOutput();
  tls.sockets.Write(last + tls.peer.Seal("early"));
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  BOOST_TEST(tls.stream.is_open());
  BOOST_TEST(tls.received == "early");
}

BOOST_AUTO_TEST_CASE(fills_pieces_and_keeps_nothing_back) {
  TlsFixture tls;
  tls.Handshake();
  const std::string text = Pattern(60000);
  tls.sockets.Write(tls.peer.Seal(text));
  std::string small(1000, '\0'), large(128 * 1024, '\0');
  const iovec pieces[] = {{small.data(), small.size()},
                          {large.data(), large.size()}};
  std::string got;
  for (;;) {
    const IoResult result = tls.stream.Receive(&tls.socket, pieces, 2);
    if (result.size == -EAGAIN) break;
    BOOST_TEST_REQUIRE(result.size > 0);
    got += (small + large).substr(0, static_cast<size_t>(result.size));
  }
  BOOST_TEST((got == text));
}

BOOST_AUTO_TEST_CASE(does_not_write_before_it_is_open) {
  TlsFixture tls;
  IoResult result = tls.Send("too early");
  BOOST_TEST(result.size == -EAGAIN);
  BOOST_TEST(result.exhausted);
  tls.peer.Advance();
  tls.sockets.Write(tls.peer.TakeOutput());
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  result = tls.Send("too early");
  BOOST_TEST(result.size == -EAGAIN);
  tls.FeedPeer();
  tls.Handshake();
  tls.Talk();
}

BOOST_AUTO_TEST_CASE(tells_the_ends_of_a_stream) {
  {
    TlsFixture tls;  // in order
    tls.Handshake();
    const std::string last = tls.peer.Seal("last");
    tls.sockets.Write(last + tls.peer.Close());
    const IoResult result = tls.Receive();
    BOOST_TEST(result.size == 4);
    BOOST_TEST(!result.exhausted);
    BOOST_TEST(tls.Receive().size == 0);
    BOOST_TEST((tls.stream.state() == TlsStream::State::kEnded));
    // The other direction is open.
    BOOST_TEST(tls.Send("answer").size == 6);
    BOOST_TEST(tls.stream.Shutdown(&tls.socket));
    tls.FeedPeer();
    BOOST_TEST(tls.peer.Open() == "answer");
    BOOST_TEST(tls.peer.has_ended());
    BOOST_TEST(tls.sockets.ended);
    BOOST_TEST(tls.Send("more").size == -EAGAIN);
  }
  {
    TlsFixture tls;  // cut in the middle of a record
    tls.Handshake();
    std::string bytes = tls.peer.Seal("whole");
    bytes += tls.peer.Seal("half").substr(0, 10);
    tls.sockets.Write(bytes);
    tls.sockets.Shutdown();
    BOOST_TEST(tls.ReceiveAll() == 0);
    BOOST_TEST(tls.received == "whole");
    BOOST_TEST((tls.stream.state() == TlsStream::State::kOpen));
    BOOST_TEST(tls.Receive().size == 0);
  }
  {
    TlsFixture tls;  // cut in the first message
    tls.peer.Advance();
    tls.sockets.Write(tls.peer.TakeOutput().substr(0, 50));
    tls.sockets.Shutdown();
    BOOST_TEST(tls.ReceiveAll() == 0);
    BOOST_TEST((tls.stream.state() == TlsStream::State::kStart));
  }
}

BOOST_AUTO_TEST_CASE(reports_errors) {
  {
    TlsFixture tls;  // a bit that was changed
    tls.Handshake();
    const std::string good = tls.peer.Seal("good");
    std::string bad = tls.peer.Seal("bad");
    bad[8] ^= 1;
    tls.sockets.Write(good + bad);
    BOOST_TEST(tls.Receive().size == 4);
    BOOST_TEST(tls.Receive().size == -EPROTO);
    BOOST_TEST((tls.stream.state() == TlsStream::State::kFailed));
    BOOST_TEST(tls.Send("x").size == -EPROTO);
    const auto lines = Lines(tls.stream.ErrorInfo());
    BOOST_TEST_REQUIRE(lines.size() == 4u);
    BOOST_TEST(lines[0] == "SSL routines");
    BOOST_TEST(lines[1] == "decryption failed or bad record mac");
    BOOST_TEST(lines[2] == "0");
    BOOST_TEST(lines[3].find(":error:0A000119:SSL routines:") !=
               std::string::npos);
    tls.FeedPeer();
    BOOST_TEST(tls.peer.Open() == "");
    BOOST_TEST(tls.peer.error().find("bad record mac") != std::string::npos);
  }
  {
    TlsFixture tls;  // no TLS at all
    tls.sockets.Write("GET / HTTP/1.1\r\n\r\n");
    BOOST_TEST(tls.ReceiveAll() == -EPROTO);
    BOOST_TEST(Lines(tls.stream.ErrorInfo())[1] == "http request");
  }
  {
    TlsFixture tls;  // a length that no record has
    tls.sockets.Write(std::string("\x16\x03\x01\xff\xff", 5));
    BOOST_TEST(tls.ReceiveAll() == -EPROTO);
    BOOST_TEST(Lines(tls.stream.ErrorInfo())[1] != "");
  }
  {
    TlsFixture tls;  // an alert instead of a key exchange
    tls.sockets.Write(std::string("\x15\x03\x01\x00\x02\x02\x28", 7));
    BOOST_TEST(tls.ReceiveAll() == -EPROTO);
    BOOST_TEST(Lines(tls.stream.ErrorInfo())[1] != "");
  }
  TlsFixture fine;
  BOOST_TEST(fine.stream.ErrorInfo() == "\n\n0\n");
}

// One that failed leaves nothing behind for the others of its thread.
BOOST_AUTO_TEST_CASE(is_not_disturbed_by_the_errors_of_others) {
  TlsFixture tls, other;
  tls.Handshake();
  other.Handshake();
  std::string bad = other.peer.Seal("bad");
  bad[8] ^= 1;
  other.sockets.Write(bad);
  BOOST_TEST(other.ReceiveAll() == -EPROTO);
  tls.Talk();
}

BOOST_AUTO_TEST_CASE(makes_records_as_full_as_possible) {
  TlsFixture tls;
  tls.Handshake();
  tls.FeedPeer();
  const std::string text = Pattern(100000);
  // A header, a large piece that is not ours, and small ones behind it.
  std::vector<iovec> pieces;
  size_t at = 0;
  for (const size_t size : {3, 90000, 1, 1, 1, 9994}) {
    pieces.push_back({const_cast<char*>(text.data()) + at, size});
    at += size;
  }
  BOOST_TEST_REQUIRE(at == text.size());
  const IoResult result =
      tls.stream.Send(&tls.socket, pieces.data(), pieces.size());
  BOOST_TEST(result.size == static_cast<long>(text.size()));
  const std::string ciphertext = tls.FeedPeer();
  const auto records = RecordsOf(ciphertext);
  BOOST_TEST(records.size() == (text.size() + kRecord - 1) / kRecord);
  for (size_t i = 0; i + 1 < records.size(); ++i) {
    BOOST_TEST(records[i] == kRecord + 5 + 1 + 16);
  }
  BOOST_TEST((tls.peer.Open() == text));
}

BOOST_AUTO_TEST_CASE(writes_what_the_kernel_does_not_take_later) {
  TlsFixture tls;
  tls.sockets.LimitBuffers(20000);
  tls.Handshake();
  const std::string text = Pattern(3000000);
  std::string got;
  size_t sent = 0;
  int blocked = 0;
  for (int i = 0; i < 10000 && sent < text.size(); ++i) {
    // What was not taken is there again, in other pieces.
    const size_t cut = sent + (text.size() - sent) / 3;
    const iovec pieces[] = {
        {const_cast<char*>(text.data()) + sent, cut - sent},
        {const_cast<char*>(text.data()) + cut, text.size() - cut}};
    const IoResult result = tls.stream.Send(&tls.socket, pieces, 2);
    if (result.size >= 0) {
      sent += static_cast<size_t>(result.size);
      continue;
    }
    BOOST_TEST_REQUIRE(result.size == -EAGAIN);
    BOOST_TEST(result.exhausted);
    BOOST_TEST(tls.stream.wants_write());
    ++blocked;
    tls.FeedPeer();
    got += tls.peer.Open();
  }
  for (int i = 0; i < 1000 && tls.stream.wants_write(); ++i) {
    tls.FeedPeer();
    tls.stream.WriteRest(&tls.socket);
  }
  tls.FeedPeer();
  got += tls.peer.Open();
  BOOST_TEST(blocked > 5);
  BOOST_TEST((got == text));
  tls.Talk();
}

BOOST_AUTO_TEST_CASE(ends_behind_what_the_kernel_did_not_take) {
  TlsFixture tls;
  tls.Handshake();
  const std::string text = Fill(&tls);
  BOOST_TEST(!tls.stream.Shutdown(&tls.socket));
  std::string got;
  for (int i = 0; i < 1000 && !tls.stream.Shutdown(&tls.socket); ++i) {
    tls.FeedPeer();
    got += tls.peer.Open();
    BOOST_TEST(!tls.peer.has_ended());
  }
  tls.FeedPeer();
  got += tls.peer.Open();
  BOOST_TEST((got == text));
  BOOST_TEST(tls.peer.has_ended());
  BOOST_TEST(tls.sockets.ended);
}

// Reading makes it write, also while a message waits to be written.
BOOST_AUTO_TEST_CASE(answers_for_new_keys) {
  TlsFixture tls;
  tls.Handshake();
  for (int i = 0; i < 5; ++i) {
    tls.sockets.Write(tls.peer.UpdateKeys());
    BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
    tls.Talk(std::to_string(i));
  }
  const std::string text = Fill(&tls);
  const std::string update = tls.peer.UpdateKeys();
  tls.sockets.Write(update + tls.peer.Seal("new"));
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  BOOST_TEST(tls.received.ends_with("new"));
  std::string got;
  for (int i = 0; i < 1000 && tls.stream.wants_write(); ++i) {
    tls.FeedPeer();
    got += tls.peer.Open();
    tls.stream.WriteRest(&tls.socket);
  }
  tls.FeedPeer();
  got += tls.peer.Open();
  BOOST_TEST((got == text));
  // It still owes the answer to the call that could not be finished.
  BOOST_TEST(tls.Send(kFilling).size == static_cast<long>(kFilling.size()));
  tls.Talk();
}

BOOST_AUTO_TEST_CASE(does_not_answer_without_end) {
  TlsFixture tls;
  tls.sockets.LimitBuffers(5000);
  tls.Handshake();
  // Until a peer that reads nothing has made the kernel's buffers full.
  long size = -EAGAIN;
  int updates = 0;
  while (size == -EAGAIN && updates < 10000) {
    tls.sockets.Write(tls.peer.UpdateKeys());
    size = tls.ReceiveAll();
    ++updates;
  }
  BOOST_TEST(size == -EPROTO);
  BOOST_TEST(updates > 100);
  BOOST_TEST(Lines(tls.stream.ErrorInfo())[1] == "too many key updates");
}

BOOST_AUTO_TEST_CASE(says_when_there_is_no_memory) {
  for (size_t successes = 0;; ++successes) {
    TlsFixture tls;
    tls.Handshake();
    bool thrown = false;
    IoResult result = {0, false};
    const std::string text = Pattern(300000);
    FailingMemory memory(successes);
    try {
      result = tls.Send(text);
    } catch (const std::bad_alloc&) {
      thrown = true;
    }
    if (!memory.failed()) break;
    BOOST_TEST((thrown || result.size < 0 ||
                tls.stream.state() == TlsStream::State::kFailed));
    BOOST_TEST_REQUIRE(successes < 100u);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
