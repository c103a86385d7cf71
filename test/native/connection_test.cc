#include "engine/connection.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "support/event_list.h"
#include "support/frames.h"
#include "support/socket_pair.h"

// A connection over a socket pair, driven as the I/O thread does it.

namespace beastws::test {
namespace {

constexpr uint32_t kSlot = 3;

class Bench {
 public:
  explicit Bench(Session::Options options = {}, bool paused = false,
                 int buffers = 0)
      : peer(options.role),
        rows_(SlotTable::kRowsPerPage * SlotTable::kColumns),
        read_buffer_(16384) {
    if (buffers > 0) pair.LimitBuffers(buffers);
    slots_.AddPage(0, rows_.data());
    host_ = {&pools_,
             &batch,
             &slots_,
             &traffic_,
             read_buffer_.data(),
             read_buffer_.size(),
             nullptr,
             &spare_};
    AttachRequest request;
    descriptor = pair.Take();
    request.descriptor = descriptor;
    request.session = options;
    request.paused = paused;
    connection = std::make_unique<Connection>(host_, kSlot, request);
  }

  SocketPair pair;
  const Peer peer;
  EventBatch batch;
  int descriptor = -1;

  double figure(SlotTable::Column column) const {
    return rows_[kSlot * SlotTable::kColumns + column];
  }

  // Everything there is to read.
  void ReadAll() {
    connection->MarkReadable(false);
    while (connection->Read()) {
    }
  }

  void Send(std::string_view payload, uint32_t ack = 0,
            Outbox::LoanId loan = 0) {
    connection->SendData({.payload = AsBytes(payload), .loan = loan},
                         {.ack = ack, .queued = false});
  }

  GotList Take() {
    GotList list;
    ReadBatch(batch, &list);
    batch.Clear();
    return list;
  }

 private:
  SessionPools pools_;
  SlotTable slots_;
  std::vector<double> rows_;
  std::vector<uint8_t> read_buffer_;
  Traffic traffic_;
  ByteBuffer spare_;
  ConnectionHost host_ = {};

 public:
  // Goes first.
  std::unique_ptr<Connection> connection;
};

Got Event(EventKind kind, uint32_t a = 0) { return {.kind = kind, .a = a}; }

void Expect(const GotList& got, const GotList& expected) {
  BOOST_TEST(got == expected, boost::test_tools::per_element());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection)

BOOST_AUTO_TEST_CASE(reads_messages) {
  Bench bench;
  Expect(bench.Take(), {});
  bench.ReadAll();
  Expect(bench.Take(), {});
  BOOST_TEST(!bench.connection->wants_read());
  const std::string bytes = bench.peer.Text("one") + bench.peer.Ping("two") +
                            bench.peer.Binary("three");
  bench.pair.Write(bytes);
  bench.ReadAll();
  const GotList got = bench.Take();
  Expect(got, {Message("one"),
               {.kind = EventKind::kPing, .data = "two"},
               Message("three", true)});
  BOOST_TEST(got[0].chunk_start);
  BOOST_TEST(!got[1].chunk_start);
  BOOST_TEST(!got[2].chunk_start);
  BOOST_TEST(got[0].slot == kSlot);
  BOOST_TEST(bench.figure(SlotTable::kBytesRead) ==
             static_cast<double>(bytes.size()));
}

BOOST_AUTO_TEST_CASE(takes_what_node_has_read) {
  Bench bench;
  const std::string bytes = bench.peer.Text("early") + bench.peer.Text("late");
  bench.connection->TakeReceived(AsBytes(bytes.substr(0, 15)));
  bench.pair.Write(bytes.substr(15));
  bench.ReadAll();
  Expect(bench.Take(), {Message("early"), Message("late")});
  BOOST_TEST(bench.figure(SlotTable::kBytesRead) ==
             static_cast<double>(bytes.size()));
}

// Payloads that are larger than the buffer for reading, with small messages
// right behind them.
BOOST_AUTO_TEST_CASE(reads_large_messages) {
  for (const size_t size : {10000, 20000, 40000, 100000, 1000000, 5000000}) {
    Bench bench;
    const std::string large = Pattern(size);
    const std::string bytes =
        bench.peer.Binary(large) + bench.peer.Text("small") +
        bench.peer.Binary(large, false) + bench.peer.Ping("ping") +
        bench.peer.More(large, true) + bench.peer.Text("end");
    std::string_view rest = bytes;
    GotList got;
    while (!rest.empty()) {
      rest.remove_prefix(bench.pair.WriteSome(rest));
      bench.ReadAll();
      for (Got& one : bench.Take()) got.push_back(std::move(one));
    }
    const auto part = static_cast<uint32_t>(size);
    Expect(got, {Message(large, true),
                 Message("small"),
                 {.kind = EventKind::kPing, .data = "ping"},
                 {.kind = EventKind::kBinary,
                  .data = large + large,
                  .fragments = {part, part}},
                 Message("end")});
  }
}

// Others have their turn, too.
BOOST_AUTO_TEST_CASE(reads_a_few_times_only) {
  Bench bench;
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += bench.peer.Binary(Pattern(1000));
  bench.pair.Write(bytes);
  BOOST_TEST(bench.connection->Read());
  // Four times the buffer.
  BOOST_TEST(bench.figure(SlotTable::kBytesRead) == 65536.0);
  BOOST_TEST(!bench.connection->Read());
  BOOST_TEST(bench.Take().size() == 100u);
}

BOOST_AUTO_TEST_CASE(reports_the_end) {
  Bench bench;
  bench.pair.Write(bench.peer.Text("last") + bench.peer.Text("cut off"));
  bench.pair.Shutdown();
  bench.connection->MarkReadable(true);
  while (bench.connection->Read()) {
  }
  Expect(bench.Take(),
         {Message("last"), Message("cut off"), Event(EventKind::kEnd)});
  bench.connection->MarkReadable(true);
  BOOST_TEST(!bench.connection->wants_read());
  BOOST_TEST(!bench.connection->Read());
  Expect(bench.Take(), {});
}

BOOST_AUTO_TEST_CASE(reports_a_reset_once) {
  Bench bench;
  // A socket that is closed with unread data resets the connection.
  bench.Send("unread");
  bench.connection->Flush();
  bench.pair.Close();
  bench.connection->MarkReadable(true);
  BOOST_TEST(!bench.connection->Read());
  Expect(bench.Take(), {Event(EventKind::kSocketError, ECONNRESET)});
  bench.Send("for nobody");
  bench.connection->Flush();
  Expect(bench.Take(), {});
}

BOOST_AUTO_TEST_CASE(pauses) {
  Bench bench({}, true);
  bench.pair.Write(bench.peer.Text("1"));
  bench.pair.Shutdown();
  bench.connection->MarkReadable(true);
  BOOST_TEST(!bench.connection->wants_read());
  BOOST_TEST(!bench.connection->Read());
  Expect(bench.Take(), {});
  bench.connection->Resume();
  BOOST_TEST(bench.connection->wants_read());
  while (bench.connection->Read()) {
  }
  Expect(bench.Take(), {Message("1"), Event(EventKind::kEnd)});
}

BOOST_AUTO_TEST_CASE(changes_limits) {
  Bench bench;
  bench.connection->SetLimits({.max_payload = 2});
  bench.pair.Write(bench.peer.Text("12") + bench.peer.Text("123"));
  bench.ReadAll();
  Expect(bench.Take(),
         {Message("12"),
          Event(EventKind::kProtocolError,
                static_cast<uint32_t>(ProtocolErrorKind::kMessageTooBig))});
}

BOOST_AUTO_TEST_CASE(writes_and_acknowledges) {
  Bench bench;
  bench.Send("one", 7);
  bench.Send("two");
  bench.Send("three", 8);
  bench.connection->SendControl(Opcode::kPing, AsBytes("p"), false, nullptr,
                                {.ack = 9});
  bench.connection->SendRaw(AsBytes("raw"), {.ack = 10});
  BOOST_TEST(bench.connection->wants_flush());
  Expect(bench.Take(), {});
  bench.connection->Flush();
  BOOST_TEST(!bench.connection->wants_flush());
  // The last one speaks for all.
  Expect(bench.Take(), {Event(EventKind::kAck, 10)});
  const std::string wire = Hex("82 03") + "one" + Hex("82 03") + "two" +
                           Hex("82 05") + "three" + Hex("89 01") + "praw";
  BOOST_TEST(bench.pair.ReadSome() == wire);
  BOOST_TEST(bench.figure(SlotTable::kAcceptedPlain) ==
             static_cast<double>(wire.size()));
  BOOST_TEST(bench.figure(SlotTable::kBytesWritten) ==
             static_cast<double>(wire.size()));
  BOOST_TEST(bench.figure(SlotTable::kBacklog) == 0.0);
}

// Those that wait for the compressor in ws count by their payloads.
BOOST_AUTO_TEST_CASE(counts_queued_payloads) {
  Bench bench({.role = Role::kServer, .deflate = DeflateParams{}});
  const std::string payload = Prose(10000);
  bench.connection->SendData({.compress = true, .payload = AsBytes(payload)},
                             {.ack = 1, .queued = true});
  BOOST_TEST(bench.figure(SlotTable::kAcceptedCompressed) == 10000.0);
  BOOST_TEST(bench.figure(SlotTable::kAcceptedPlain) == 0.0);
  bench.connection->Flush();
  Expect(bench.Take(), {Event(EventKind::kAck, 1)});
  BOOST_TEST(bench.figure(SlotTable::kBytesWritten) < 5000.0);
}

BOOST_AUTO_TEST_CASE(keeps_what_the_kernel_does_not_take) {
  Bench bench({}, false, 8192);
  const std::string payload = Pattern(300000);
  bench.Send(payload, 1, 50);  // lent
  bench.Send(std::string(5000, 'c'), 2);
  bench.connection->Flush();
  BOOST_TEST(!bench.connection->wants_flush());
  BOOST_TEST(bench.figure(SlotTable::kBacklog) > 200000.0);
  Expect(bench.Take(), {});
  std::string received;
  GotList got;
  int turns = 0;
  while (received.size() < 300000 + 10 + 5000 + 4) {
    BOOST_TEST_REQUIRE(++turns < 10000);
    received += bench.pair.ReadSome();
    bench.connection->MarkWritable();
    bench.connection->Flush();
    for (Got& one : bench.Take()) got.push_back(std::move(one));
    BOOST_TEST(bench.figure(SlotTable::kBacklog) +
                   bench.figure(SlotTable::kBytesWritten) ==
               305014.0);
  }
  const auto frames = ReadFrames(received);
  BOOST_TEST_REQUIRE(frames.size() == 2u);
  BOOST_TEST((frames[0].payload == payload));
  BOOST_TEST(bench.figure(SlotTable::kBacklog) == 0.0);
  // The loan is over before, or together with, its acknowledgement.
  BOOST_TEST_REQUIRE(got.size() >= 2u);
  BOOST_TEST((got.front() == Event(EventKind::kReleased, 50)));
  BOOST_TEST((got.back() == Event(EventKind::kAck, 2)));
}

// A peer that is gone: what it had sent is read first.
BOOST_AUTO_TEST_CASE(writing_to_a_closed_peer) {
  Bench bench;
  bench.pair.Write(bench.peer.Text("farewell") + bench.peer.Close(1000, "bye"));
  bench.pair.Close();
  const std::string payload = Pattern(100000);
  bench.Send(payload, 5, 60);
  bench.connection->Flush();
  const GotList got = bench.Take();
  Expect(got, {Event(EventKind::kReleased, 60),
               Message("farewell"),
               {.kind = EventKind::kCloseFrame, .data = "bye", .a = 1000},
               Event(EventKind::kEnd),
               {.kind = EventKind::kSocketError, .a = EPIPE, .b = 1}});
  // Later payloads come back at once, and nothing is reported twice.
  bench.Send(payload, 6, 61);
  BOOST_TEST(!bench.connection->wants_flush());
  bench.connection->Flush();
  Expect(bench.Take(), {Event(EventKind::kReleased, 61)});
  BOOST_TEST(bench.figure(SlotTable::kBacklog) == 0.0);
}

BOOST_AUTO_TEST_CASE(shuts_down_behind_what_was_sent) {
  Bench bench({}, false, 8192);
  const std::string payload = Pattern(100000);
  bench.Send(payload, 1);
  bench.connection->Shutdown();
  bench.connection->Flush();
  Expect(bench.Take(), {});
  std::string received;
  int turns = 0;
  GotList got;
  while (!bench.pair.ended) {
    BOOST_TEST_REQUIRE(++turns < 10000);
    received += bench.pair.ReadSome();
    bench.connection->MarkWritable();
    if (bench.connection->wants_flush()) bench.connection->Flush();
    for (Got& one : bench.Take()) got.push_back(std::move(one));
  }
  BOOST_TEST((ReadFrames(received).at(0).payload == payload));
  Expect(got, {Event(EventKind::kAck, 1), Event(EventKind::kShutdown)});
  // The other direction is open.
  bench.pair.Write(bench.peer.Text("still here"));
  bench.ReadAll();
  Expect(bench.Take(), {Message("still here")});
}

BOOST_AUTO_TEST_CASE(shuts_down_at_once_when_idle) {
  Bench bench;
  bench.connection->Shutdown();
  BOOST_TEST(bench.connection->wants_flush());
  bench.connection->Flush();
  Expect(bench.Take(), {Event(EventKind::kShutdown)});
  bench.pair.ReadSome();
  BOOST_TEST(bench.pair.ended);
}

BOOST_AUTO_TEST_CASE(destroying_writes_what_it_can) {
  Bench bench;
  bench.Send("last words", 1, 70);
  bench.connection->Destroy(false);
  const GotList got = bench.Take();
  BOOST_TEST_REQUIRE(got.size() == 3u);
  BOOST_TEST((got[0] == Event(EventKind::kReleased, 70)));
  BOOST_TEST((got[1] == Event(EventKind::kAck, 1)));
  BOOST_TEST((got[2] == Event(EventKind::kClosed)));
  BOOST_TEST(bench.pair.ReadToEnd() == Hex("82 0a") + "last words");
  BOOST_TEST(!IsOpen(bench.descriptor));
}

BOOST_AUTO_TEST_CASE(destroying_returns_all_loans) {
  for (const bool reset : {false, true}) {
    Bench bench({}, false, 8192);
    const std::string payload = Pattern(1000000);
    bench.Send(payload, 0, 80);
    bench.Send(payload, 0, 81);
    if (!reset) bench.connection->Flush();
    bench.connection->Destroy(reset);
    Expect(bench.Take(),
           {Event(EventKind::kReleased, 80), Event(EventKind::kReleased, 81),
            Event(EventKind::kClosed)});
  }
}

BOOST_AUTO_TEST_CASE(is_dropped_with_loans) {
  Bench bench({}, false, 8192);
  const std::string payload = Pattern(1000000);
  bench.Send(payload, 0, 90);
  bench.connection->Flush();
  bench.connection.reset();
  Expect(bench.Take(), {Event(EventKind::kReleased, 90)});
  BOOST_TEST(!IsOpen(bench.descriptor));
}

// A paused net.Socket has read ahead, and ws emits that after terminate().
BOOST_AUTO_TEST_CASE(destroying_a_paused_reader) {
  Bench bench({}, true);
  bench.pair.Write(bench.peer.Text("read ahead"));
  bench.connection->Destroy(false);
  Expect(bench.Take(), {Message("read ahead"), Event(EventKind::kClosed)});
}

BOOST_AUTO_TEST_CASE(destroying_half_a_message) {
  Bench bench({.role = Role::kServer, .deflate = DeflateParams{}});
  bench.pair.Write(bench.peer.Binary(Pattern(100000)).substr(0, 90000));
  bench.ReadAll();
  bench.connection->Destroy(false);
  bench.connection.reset();
  Expect(bench.Take(), {Event(EventKind::kClosed)});
}

BOOST_AUTO_TEST_CASE(both_ends_talk) {
  Bench bench;
  std::string sent;
  GotList expected;
  for (uint32_t i = 0; i < 2000; ++i) {
    const std::string payload = Pattern(i % 500, i);
    bench.pair.Write(bench.peer.Binary(payload));
    bench.Send(payload);
    bench.connection->Flush();
    bench.ReadAll();
    sent += bench.pair.ReadSome();
    expected.push_back(Message(payload, true));
  }
  Expect(bench.Take(), expected);
  const auto frames = ReadFrames(sent);
  BOOST_TEST_REQUIRE(frames.size() == 2000u);
  for (size_t i = 0; i < frames.size(); ++i) {
    BOOST_TEST((frames[i].payload == expected[i].data));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
