#include "support/tls_fixture.h"

// What goes together, so that it is one segment and not several.

namespace beastws::test {

namespace {

// Brings a handshake to where the peer's last message is ready to be sent.
std::string LastOfPeer(TlsFixture* tls) {
  while (!tls->peer.is_open()) {
    tls->peer.Advance();
    if (tls->peer.is_open()) break;
    tls->sockets.Write(tls->peer.TakeOutput());
    BOOST_TEST(tls->ReceiveAll() == -EAGAIN);
    tls->FeedPeer();
  }
  return tls->peer.TakeOutput();
}

constexpr size_t kTicketRecord = 150;  // at least

std::shared_ptr<const TlsContext> WithTickets() {
  TlsContext::Options options;
  options.ticket_keys = std::string(TlsContext::kTicketKeysSize, 'k');
  return MakeServerContext(std::move(options));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_flights)

BOOST_AUTO_TEST_CASE(tickets_go_with_the_answer_to_a_request) {
  TlsFixture tls(WithTickets());
  const std::string finished = LastOfPeer(&tls);
  tls.sockets.Write(finished + tls.peer.Seal("request"));
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  BOOST_TEST(tls.received == "request");
  BOOST_TEST(tls.stream.is_open());
  BOOST_TEST(!tls.stream.wants_write());
  BOOST_TEST(tls.sockets.ReadSome() == "");
  BOOST_TEST(tls.Send("answer").size == 6);
  BOOST_TEST(tls.FeedPeer().size() > kTicketRecord);
  BOOST_TEST(tls.peer.Open() == "answer");
  BOOST_TEST(tls.peer.error() == "");
  tls.Talk();
}

BOOST_AUTO_TEST_CASE(tickets_go_with_the_end) {
  TlsFixture tls(WithTickets());
  const std::string finished = LastOfPeer(&tls);
  tls.sockets.Write(finished + tls.peer.Seal("request"));
  BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
  BOOST_TEST(tls.stream.Shutdown(&tls.socket));
  BOOST_TEST(tls.FeedPeer().size() > kTicketRecord);
  BOOST_TEST(tls.peer.Open() == "");
  BOOST_TEST(tls.peer.has_ended());
  BOOST_TEST(tls.peer.error() == "");
}

BOOST_AUTO_TEST_CASE(tickets_do_not_wait_for_what_may_never_come) {
  {
    TlsFixture tls(WithTickets());  // no request
    tls.sockets.Write(LastOfPeer(&tls));
    BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
    BOOST_TEST(tls.FeedPeer().size() > kTicketRecord);
    tls.Talk();
  }
  {
    TlsFixture tls(WithTickets());  // more to read
    const std::string finished = LastOfPeer(&tls);
    tls.sockets.Write(finished + tls.peer.Seal("request"));
    BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
    tls.sockets.Write(tls.peer.Seal("more"));
    BOOST_TEST(tls.ReceiveAll() == -EAGAIN);
    BOOST_TEST(tls.FeedPeer().size() > kTicketRecord);
    tls.Talk();
  }
}

BOOST_AUTO_TEST_CASE(close_notify_goes_with_the_last_bytes) {
  TlsFixture tls;
  tls.Handshake();
  std::string text = "last";
  const iovec piece = {text.data(), text.size()};
  BOOST_TEST(tls.stream.Send(&tls.socket, &piece, 1, true).size == 4);
  tls.FeedPeer();
  BOOST_TEST(tls.peer.Open() == text);
  BOOST_TEST(tls.peer.has_ended());
  BOOST_TEST(!tls.sockets.ended);
  BOOST_TEST(tls.stream.Shutdown(&tls.socket));
  BOOST_TEST(tls.FeedPeer() == "");
  BOOST_TEST(tls.sockets.ended);
}

// The kernel takes a part of the last bytes, and the rest later.
BOOST_AUTO_TEST_CASE(close_notify_waits_with_the_last_bytes) {
  TlsFixture tls;
  const int room = 16 * 1024;
  setsockopt(tls.socket.descriptor(), SOL_SOCKET, SO_SNDBUF, &room,
             sizeof(room));
  tls.Handshake();
  std::string text = Pattern(100000);
  const iovec piece = {text.data(), text.size()};
  IoResult result = tls.stream.Send(&tls.socket, &piece, 1, true);
  BOOST_TEST(result.size == -EAGAIN);
  std::string got;
  for (int i = 0; i < 1000 && result.size == -EAGAIN; ++i) {
    tls.FeedPeer();
    got += tls.peer.Open();
    BOOST_TEST(!tls.peer.has_ended());
    result = tls.stream.Send(&tls.socket, &piece, 1, true);
  }
  BOOST_TEST(result.size == static_cast<long>(text.size()));
  BOOST_TEST(tls.stream.Shutdown(&tls.socket));
  tls.FeedPeer();
  got += tls.peer.Open();
  BOOST_TEST((got == text));
  BOOST_TEST(tls.peer.has_ended());
  BOOST_TEST(tls.sockets.ended);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
