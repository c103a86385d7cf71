#include <sys/resource.h>

#include <boost/test/unit_test.hpp>

#include "bridge/event_writer.h"
#include "support/endpoint.h"
#include "support/failing_memory.h"

// What a session asks of memory, and what it does when there is none.

namespace beastws::test {
namespace {

// Traffic that goes through every way of reading.
std::string Traffic() {
  const Peer peer(Role::kServer);
  Endpoint sender(DeflateOptions(Role::kClient));
  sender.SendText(Prose(50000), true);
  sender.SendBinary(Prose(500), true);
  std::string bytes;
  bytes += peer.Text("small");
  bytes += peer.Text("frag", false) + peer.Ping("ping") +
           peer.More("ment", false) + peer.More("", true);
  bytes += sender.TakeSent();
  bytes += peer.Binary(Pattern(100000));
  bytes += peer.Binary(Pattern(40000), false) + peer.More(Pattern(40000), true);
  bytes += peer.Close(1000, "enough");
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(session_memory)

// One allocation fails, each in its turn. The connection may be lost, with an
// error that says so, but not the process.
BOOST_AUTO_TEST_CASE(every_allocation_fails_once) {
  const std::string bytes = Traffic();
  for (const size_t step : {size_t{700}, bytes.size()}) {
    size_t failures = 0;
    for (size_t nth = 0;; ++nth) {
      BOOST_TEST_REQUIRE(nth < 10000u);
      EventBatch batch;
      SessionPools pools;
      auto session =
          std::make_unique<Session>(pools, DeflateOptions(Role::kServer));
      bool failed = false;
      {
        const FailingMemory failing(nth);
        for (size_t at = 0; at < bytes.size(); at += step) {
          EventWriter events(&batch, 1);
          session->Receive(AsBytes(std::string_view(bytes).substr(at, step)),
                           events);
        }
        failed = failing.failed();
      }
      BOOST_TEST_REQUIRE(session->finished());
      BOOST_TEST_REQUIRE(!batch.empty());
      const Event& last = batch.events.back();
      if (failed && last.kind == EventKind::kProtocolError) {
        ++failures;
        BOOST_TEST(last.a ==
                   static_cast<uint32_t>(ProtocolErrorKind::kNoResources));
      } else {
        // Some failures cost nothing: an idle stream that is not kept.
        BOOST_TEST((last.kind == EventKind::kCloseFrame));
      }
      // Every event refers to memory that is there.
      for (const Event& event : batch.events) {
        if (event.large >= 0) {
          BOOST_TEST_REQUIRE(static_cast<size_t>(event.large) <
                             batch.large.size());
          BOOST_TEST(batch.large[static_cast<size_t>(event.large)].size() ==
                     event.length);
        } else {
          BOOST_TEST(event.offset + event.length <= batch.slab.size());
        }
      }
      if (!failed) break;
    }
    BOOST_TEST(failures > 10u);
  }
}

// The first stream of a thread takes a few descriptors (Asio's reactor).
BOOST_AUTO_TEST_CASE(no_descriptors_are_left) {
  rlimit before;
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit none = before;
  none.rlim_cur = 0;
  const Peer peer(Role::kServer);
  SessionPools pools;
  Session session(pools, {.role = Role::kServer});
  Recorder recorder;
  setrlimit(RLIMIT_NOFILE, &none);
  // Not all there: that needs a stream.
  const std::string text = peer.Text("ab");
  session.Receive(AsBytes(text).first(text.size() - 1), recorder);
  session.Receive(AsBytes(peer.Text("c")), recorder);
  setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(recorder.seen ==
                 std::vector<Seen>{Failed(ProtocolErrorKind::kNoResources)},
             boost::test_tools::per_element());
  // It passes with the shortage.
  Session next(pools, {.role = Role::kServer});
  Recorder other;
  next.Receive(AsBytes(peer.Text("a")), other);
  BOOST_TEST(other.seen == std::vector<Seen>{Text("a")},
             boost::test_tools::per_element());
}

// A frame may declare any size: memory follows what has arrived.
BOOST_AUTO_TEST_CASE(a_declared_length_costs_nothing) {
  const Peer peer(Role::kServer);
  // Untouched pages are not memory, but they must stay few, too.
  Endpoint end(Role::kServer);
  end.Receive(peer.Frame({.payload = "x", .declared = 0x7fffffff}));
  const size_t direct = end.session.DirectBuffer(16384, SIZE_MAX).size();
  BOOST_TEST(direct > 0u);
  BOOST_TEST(direct <= 1u << 20);
  // What is asked for at most doubles what has come.
  std::string more = Pattern(1 << 20);
  for (int i = 0; i < 10; ++i) {
    end.ReceiveDirect(more, more.size());
    BOOST_TEST(end.session.DirectBuffer(16384, SIZE_MAX).size() <=
               (static_cast<size_t>(i) + 2) << 20);
  }
}

BOOST_AUTO_TEST_CASE(a_compressed_length_costs_nothing) {
  const Peer peer(Role::kServer);
  Endpoint end(DeflateOptions(Role::kServer));
  end.Receive(peer.Frame({.rsv = 4, .declared = 0x7fffffff}));
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).empty());
}

// After a large message the next one is received where it belongs, if it is
// like it, and nothing is lost if it is not.
BOOST_AUTO_TEST_CASE(forecasts) {
  for (const Role role : kRoles) {
    const Peer peer(role);
    const std::string large = Pattern(65536);
    const std::string other = Pattern(40000);
    const std::string wire =
        peer.Binary(large) + peer.Binary(large) + peer.Text("small") +
        peer.Binary(large) + peer.Ping("ping") + peer.Binary(large) +
        peer.Binary(other) + peer.Binary(other) +
        peer.Text(std::string(40000, 'a')) +
        peer.Frame({.opcode = 2, .payload = other, .fin = false}) +
        peer.Ping("between") + peer.Frame({.opcode = 0, .payload = large}) +
        peer.Binary(large) + peer.Binary(Pattern(200000)) +
        peer.Close(1000, "end") + peer.Text("ignored");
    const size_t exact = peer.Binary(large).size();
    Endpoint plain(role);
    plain.Receive(wire);
    BOOST_TEST(plain.seen().size() == 14u);
    for (const size_t step :
         {size_t{1}, size_t{13}, size_t{14}, size_t{15}, size_t{1000},
          size_t{40008}, exact, exact + 1, wire.size()}) {
      Endpoint end(role);
      end.ReceiveForecasts(wire, step);
      BOOST_TEST(end.seen() == plain.seen(), boost::test_tools::per_element());
      if (step == exact) BOOST_TEST(end.forecasts > 0u);
    }
  }
}

// One read is one chunk, whatever it was put into.
BOOST_AUTO_TEST_CASE(forecasts_count_as_one_chunk) {
  const Peer peer(Role::kServer);
  const std::string large = peer.Binary(Pattern(65536));
  Endpoint end({.role = Role::kServer, .limits = {.max_chunks = 2}});
  end.Receive(large);
  BOOST_TEST(end.session.NextMessage().payload == 65536u);
  end.ReceiveForecasts(large + large.substr(0, 5), large.size() + 5);
  end.Receive(large.substr(5));
  BOOST_TEST(end.seen().size() == 3u);
  BOOST_TEST(end.forecasts == 1u);
}

// Where a payload is received directly, and where not.
BOOST_AUTO_TEST_CASE(direct_buffers) {
  const Peer peer(Role::kServer);
  const std::string payload = Pattern(100000);
  const std::string frame = peer.Binary(payload);
  Endpoint end(Role::kServer);
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).empty());
  end.Receive(frame.substr(0, 14));  // the header
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).empty());
  end.Receive(frame.substr(14, 10));
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).size() == 99990u);
  BOOST_TEST(end.session.DirectBuffer(1, 500).size() == 500u);
  BOOST_TEST(end.session.DirectBuffer(99990, SIZE_MAX).size() == 99990u);
  BOOST_TEST(end.session.DirectBuffer(99991, SIZE_MAX).empty());
  // Less may come than there is room for.
  const MutableBytes direct = end.session.DirectBuffer(1, SIZE_MAX);
  std::copy_n(frame.begin() + 24, 50000, direct.begin());
  end.session.Receive({direct.data(), 50000}, end.recorder);
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).size() == 49990u);
  end.Receive(frame.substr(50024));
  BOOST_TEST(end.seen() == std::vector<Seen>{Binary(payload)},
             boost::test_tools::per_element());
  BOOST_TEST(end.session.DirectBuffer(1, SIZE_MAX).empty());
}

BOOST_AUTO_TEST_CASE(large_messages_have_memory_of_their_own) {
  const Peer peer(Role::kServer);
  for (const size_t size : {kOwnMemoryMin - 1, kOwnMemoryMin}) {
    const std::string payload = Pattern(size);
    EventBatch batch;
    EventWriter events(&batch, 5);
    SessionPools pools;
    Session session(pools, {.role = Role::kServer});
    session.Receive(AsBytes(peer.Binary(payload)), events);
    BOOST_TEST_REQUIRE(batch.events.size() == 1u);
    const Event& event = batch.events[0];
    BOOST_TEST(event.length == size);
    if (size < kOwnMemoryMin) {
      BOOST_TEST(event.large == -1);
      BOOST_TEST(
          (AsString({batch.slab.data() + event.offset, size}) == payload));
    } else {
      BOOST_TEST_REQUIRE(event.large == 0);
      BOOST_TEST((AsString({batch.large[0].data(), size}) == payload));
      // No more than was needed.
      BOOST_TEST(batch.large[0].capacity() == size);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test