#include "transport/tls_context.h"

#include "support/tls_fixture.h"

namespace beastws::test {

BOOST_AUTO_TEST_SUITE(tls_context)

BOOST_AUTO_TEST_CASE(matches_names_with_patterns) {
  const auto matches = MatchesHostPattern;
  BOOST_TEST(matches("example.com", "example.com"));
  BOOST_TEST(matches("example.com", "EXAMPLE.com"));
  BOOST_TEST(!matches("example.com", "example.org"));
  BOOST_TEST(!matches("example.com", "example.com."));
  BOOST_TEST(!matches("example.com", "exampleXcom"));
  BOOST_TEST(matches("*.example.com", "a.example.com"));
  BOOST_TEST(!matches("*.example.com", "a.b.example.com"));
  BOOST_TEST(!matches("*.example.com", "example.com"));
  BOOST_TEST(matches("a*c.com", "abbc.com"));
  BOOST_TEST(matches("*", "localhost"));
  BOOST_TEST(!matches("*", "local.host"));
  BOOST_TEST(matches("", ""));
  BOOST_TEST(!matches("", "a"));
}

BOOST_AUTO_TEST_CASE(shows_the_certificate_of_the_name_that_is_asked_for) {
  const TlsMaterial first("first"), second("second");
  TlsContext::Options options;
  options.serial = 7;
  options.names = {{"*.example.com", std::make_shared<TlsIdentity>(
                                         &SystemOpenSsl(), first.context)},
                   {"b.example.com", std::make_shared<TlsIdentity>(
                                         &SystemOpenSsl(), second.context)}};
  const auto context = MakeServerContext(options);
  BOOST_TEST(context->Certificates().size() == 3u);
  const auto shown = [&](const std::string& host, const char* which) {
    TlsFixture tls(context, {.host = host});
    tls.Handshake();
    BOOST_TEST(Lines(tls.stream.Info())[8] == which);
    BOOST_TEST(Lines(tls.stream.Info())[5] == host);
    return tls.peer.PeerName();
  };
  BOOST_TEST(shown("", "7 0") == "localhost");
  BOOST_TEST(shown("other.com", "7 0") == "localhost");
  BOOST_TEST(shown("a.example.com", "7 1") == "first");
  // The last one that matches.
  BOOST_TEST(shown("b.example.com", "7 2") == "second");
}

BOOST_AUTO_TEST_CASE(chooses_a_protocol_that_both_have) {
  const auto chosen = [](const std::string& ours, const std::string& theirs) {
    TlsContext::Options options;
    options.alpn = ours;
    TlsFixture tls(MakeServerContext(options), {.alpn = theirs});
    tls.Handshake();
    BOOST_TEST(Lines(tls.stream.Info())[4] == tls.peer.Alpn());
    return tls.peer.Alpn();
  };
  BOOST_TEST(chosen("\x08http/1.1", "\x02h2\x08http/1.1") == "http/1.1");
  BOOST_TEST(chosen("\x01"
                    "b\x01"
                    "a",
                    "\x01"
                    "a\x01"
                    "b") == "b");
  BOOST_TEST(chosen("", "\x02h2") == "");
  BOOST_TEST(chosen("\x08http/1.1", "") == "");
}

BOOST_AUTO_TEST_CASE(refuses_who_has_no_protocol_in_common) {
  TlsContext::Options options;
  options.alpn = "\x08http/1.1";
  TlsFixture tls(MakeServerContext(options), {.alpn = "\x02h2"});
  tls.peer.Advance();
  tls.sockets.Write(tls.peer.TakeOutput());
  BOOST_TEST(tls.ReceiveAll() == -EPROTO);
  tls.FeedPeer();
  tls.peer.Advance();
  BOOST_TEST(tls.peer.error().find("no application protocol") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(asks_for_certificates_and_refuses_without) {
  TlsContext::Options options;
  options.request_certificate = true;
  {
    TlsFixture tls(MakeServerContext(options));
    tls.Handshake();
    BOOST_TEST(tls.stream.VerifyResult() == -1);
    BOOST_TEST(Lines(tls.stream.Info())[7] == "-1");
  }
  options.reject_unauthorized = true;
  TlsFixture tls(MakeServerContext(options));
  long size = -EAGAIN;
  for (int i = 0; i < 5 && size == -EAGAIN; ++i) {
    tls.peer.Advance();
    tls.sockets.Write(tls.peer.TakeOutput());
    size = tls.ReceiveAll();
    tls.FeedPeer();
  }
  BOOST_TEST(size == -EPROTO);
  BOOST_TEST(Lines(tls.stream.ErrorInfo())[1] ==
             "peer did not return a certificate");
}

// Tickets are good for every context that has the same keys, and no other.
BOOST_AUTO_TEST_CASE(uses_sessions_again) {
  TlsContext::Options options;
  options.ticket_keys = std::string(TlsContext::kTicketKeysSize, 'k');
  const auto base = MakeServerContext(options);
  TlsContext::Options others = options;
  others.ticket_keys = std::string(TlsContext::kTicketKeysSize, 'o');
  const auto client = MakeClientContext();

  // Both ends are ours.
  const auto connect = [&](std::shared_ptr<const TlsContext> server,
                           std::string* session) {
    int ends[2];
    BOOST_TEST_REQUIRE(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    Socket near(ends[0]), far(ends[1]);
    TlsBuffers buffers;
    TlsStream here(std::move(server), &buffers), there(client, &buffers);
    std::string room(65536, '\0');
    const iovec piece = {room.data(), room.size()};
    there.Connect(
        &far, "",
        {reinterpret_cast<const uint8_t*>(session->data()), session->size()});
    for (int i = 0; i < 10; ++i) {
      here.Receive(&near, &piece, 1);
      there.Receive(&far, &piece, 1);
    }
    BOOST_TEST_REQUIRE(here.is_open());
    BOOST_TEST_REQUIRE(there.is_open());
    BOOST_TEST(Lines(here.Info())[6] == Lines(there.Info())[6]);
    const bool again = Lines(there.Info())[6] == "1";
    // The old one stays good.
    if (!again) *session = there.TakeSession();
    BOOST_TEST(!session->empty());
    BOOST_TEST(there.TakeSession().empty());
    return again;
  };
  std::string session;
  BOOST_TEST(!connect(base, &session));
  BOOST_TEST(connect(base, &session));
  BOOST_TEST(connect(std::make_shared<TlsContext>(*base, options), &session));
  BOOST_TEST(!connect(std::make_shared<TlsContext>(*base, others), &session));
  session = "no session";
  BOOST_TEST(!connect(base, &session));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
