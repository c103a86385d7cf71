#include "engine/io_thread.h"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>

#include "support/io_driver.h"
#include "support/io_expect.h"

// The whole I/O side over socket pairs, from one driving thread.

namespace beastws::test {

BOOST_AUTO_TEST_SUITE(io_thread)

BOOST_AUTO_TEST_CASE(starts_and_stops) {
  for (int i = 0; i < 50; ++i) {
    IoDriver driver;
    if (i % 3 == 0) driver.Flush();
    if (i % 2 == 0) driver.Stop();
    if (i % 5 == 0) driver.Stop();
  }
}

BOOST_AUTO_TEST_CASE(sleeps_when_there_is_nothing_to_do) {
  IoDriver driver;
  SocketPair idle, paused;
  driver.Attach(1, idle.Take());
  driver.Attach(2, paused.Take(), {}, "", true);
  driver.Flush();
  WaitUntil([&] { return driver.io_sleeping(); });
  paused.Write(kPeer.Text("not read"));
  BOOST_TEST(BusyTime(300) < 100.0);
}

// A read stops there, and no event tells of what follows.
BOOST_AUTO_TEST_CASE(reads_on_behind_urgent_bytes) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  const int peer = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  BOOST_TEST_REQUIRE(bind(listener, name, size) == 0);
  BOOST_TEST_REQUIRE(listen(listener, 1) == 0);
  BOOST_TEST_REQUIRE(getsockname(listener, name, &size) == 0);
  BOOST_TEST_REQUIRE(connect(peer, name, size) == 0);
  const int end = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
  const std::string before = kPeer.Text("before"), after = kPeer.Text("after");
  send(peer, before.data(), before.size(), 0);
  send(peer, "!", 1, MSG_OOB);
  send(peer, after.data(), after.size(), 0);
  IoDriver driver;
  driver.Attach(1, end);
  driver.Flush();
  Expect(driver.WaitFor(2), {Message("before"), Message("after")});
  close(peer);
  close(listener);
}

BOOST_AUTO_TEST_CASE(messages_both_ways) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(7, pair.Take(), {}, kPeer.Text("first"));
  driver.Send(7, "hello", 1, command_flags::kText);
  driver.Flush();
  BOOST_TEST(pair.Read(7) == TextFrame("hello"));
  GotList got = driver.WaitFor(2);
  Expect(got, {Message("first"), Event(EventKind::kAck, 1)});
  for (const Got& one : got) BOOST_TEST(one.slot == 7u);
  pair.Write(kPeer.Text("second"));
  Expect(driver.WaitFor(1), {Message("second")});
}

BOOST_AUTO_TEST_CASE(fragments_control_frames_and_masks) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(0, pair.Take(), {.role = Role::kClient});
  const auto data = static_cast<uint32_t>(CommandKind::kData);
  const auto masked = command_flags::kMasked;
  driver.writer().Write(data | command_flags::kText | masked, 0, "one ");
  driver.Control(0, Opcode::kPing, "ping");
  std::string with_mask(kMask.begin(), kMask.end());
  with_mask += std::string(4, '\0') + "two";
  driver.writer().Write(data | command_flags::kContinuation |
                            command_flags::kFin | masked |
                            command_flags::kHasMask,
                        0, with_mask);
  driver.Command(CommandKind::kShutdown, 0);
  driver.Flush();
  const auto frames = ReadFrames(pair.ReadToEnd());
  BOOST_TEST_REQUIRE(frames.size() == 3u);
  BOOST_TEST(frames[0].payload == "one ");
  BOOST_TEST(frames[0].mask.has_value());
  BOOST_TEST(frames[1].opcode == 9);
  BOOST_TEST(frames[2].opcode == 0);
  BOOST_TEST(frames[2].payload == "two");
  BOOST_TEST((frames[2].mask == kMask));
  Expect(driver.WaitFor(1), {Event(EventKind::kShutdown)});
}

BOOST_AUTO_TEST_CASE(large_payloads_lent_and_owned) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(1, pair.Take(),
                {.role = Role::kServer, .deflate = DeflateParams{}});
  const std::string payload = Pattern(3000000);
  driver.SendLent(1, payload, 55, 1);
  driver.SendOwned(1, payload, 2);
  driver.SendOwned(1, Prose(500000), 3, command_flags::kCompress);
  driver.Command(CommandKind::kShutdown, 1);
  driver.Flush();
  const auto frames = ReadFrames(pair.ReadToEnd());
  BOOST_TEST_REQUIRE(frames.size() == 3u);
  BOOST_TEST((frames[0].payload == payload));
  BOOST_TEST((frames[1].payload == payload));
  BOOST_TEST(frames[2].payload.size() < 100000u);
  const GotList got = driver.WaitFor(EventKind::kShutdown);
  BOOST_TEST((got.front() == Event(EventKind::kReleased, 55)));
  BOOST_TEST((got[got.size() - 2] == Event(EventKind::kAck, 3)));
}

BOOST_AUTO_TEST_CASE(many_connections) {
  constexpr uint32_t kConnections = 60;
  constexpr uint32_t kMessages = 200;
  IoDriver driver;
  std::vector<SocketPair> pairs(kConnections);
  for (uint32_t slot = 0; slot < kConnections; ++slot) {
    driver.Attach(slot, pairs[slot].Take());
  }
  driver.Flush();
  std::vector<std::string> expected(kConnections), received(kConnections);
  std::vector<uint32_t> counts(kConnections);
  uint32_t total = 0;
  const auto take = [&](uint32_t until) {
    const GotList got = driver.WaitFor(
        [&](const GotList& list) { return total + list.size() >= until; });
    for (const Got& one : got) {
      BOOST_TEST_REQUIRE((one.kind == EventKind::kBinary));
      BOOST_TEST_REQUIRE((one.data == Pattern(counts[one.slot] * 3, one.slot)));
      ++counts[one.slot];
      ++total;
      // Echoed.
      driver.Send(one.slot, one.data);
      expected[one.slot] += MakeFrame({.payload = one.data});
    }
    driver.Flush();
  };
  for (uint32_t i = 0; i < kMessages; ++i) {
    for (uint32_t slot = 0; slot < kConnections; ++slot) {
      pairs[slot].Write(kPeer.Binary(Pattern(i * 3, slot)));
      received[slot] += pairs[slot].ReadSome();
    }
    // Up to a few messages behind.
    if (i % 5 == 4) take((i - 3) * kConnections);
  }
  take(kMessages * kConnections);
  for (uint32_t slot = 0; slot < kConnections; ++slot) {
    received[slot] +=
        pairs[slot].Read(expected[slot].size() - received[slot].size());
    BOOST_TEST((received[slot] == expected[slot]));
  }
}

BOOST_AUTO_TEST_CASE(pauses_and_resumes) {
  IoDriver driver;
  SocketPair pair, other;
  driver.Attach(1, pair.Take());
  driver.Attach(2, other.Take());
  driver.Command(CommandKind::kPause, 1);
  driver.Flush();
  pair.Write(kPeer.Text("held back"));
  pair.Shutdown();
  other.Write(kPeer.Text("other"));
  GotList got = driver.WaitFor(1);
  Expect(got, {Message("other")});
  other.Write(kPeer.Text("again"));
  Expect(driver.WaitFor(1), {Message("again")});
  driver.Command(CommandKind::kResume, 1);
  driver.Flush();
  Expect(driver.WaitFor(2), {Message("held back"), Event(EventKind::kEnd)});
}

// Commands that JavaScript wrote but did not show, since it is busy.
BOOST_AUTO_TEST_CASE(reads_along_while_javascript_is_busy) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(1, pair.Take());
  driver.Flush();
  driver.BeBusy();
  driver.Send(1, "first");
  driver.writer().Publish();
  driver.thread().Wake();
  BOOST_TEST(pair.Read(7) == MakeFrame({.payload = "first"}));
  driver.Send(1, "second");
  BOOST_TEST(pair.Read(8) == MakeFrame({.payload = "second"}));
  driver.Flush();
}

// However much there is to be done, sockets have their turn in between.
BOOST_AUTO_TEST_CASE(reads_between_many_commands) {
  IoDriver driver;
  SocketPair pair, last;
  driver.Attach(1, pair.Take());
  driver.Attach(2, last.Take());
  driver.Flush();
  WaitUntil([&] { return driver.io_sleeping(); });
  // Many chunks of 64 KiB, of which nobody tells the thread.
  const std::string payload = Pattern(30000);
  for (int i = 0; i < 100; ++i) driver.Send(3, payload);
  driver.Command(CommandKind::kDestroy, 2);
  driver.writer().Publish();
  pair.Write(kPeer.Text("in between"));
  const GotList got = driver.WaitFor(2);
  Expect(got, {Message("in between"), Event(EventKind::kClosed)});
}

BOOST_AUTO_TEST_CASE(flushes_on_request) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(1, pair.Take());
  for (int i = 0; i < 100; ++i) {
    driver.Send(1, "x");
    driver.writer().Publish();
    driver.thread().FlushAndWait(20000);
    BOOST_TEST_REQUIRE(pair.ReadSome() == MakeFrame({.payload = "x"}));
  }
  // What was only written counts as well.
  driver.Send(1, "unpublished");
  driver.thread().FlushAndWait(20000);
  BOOST_TEST(pair.ReadSome() == MakeFrame({.payload = "unpublished"}));
}

BOOST_AUTO_TEST_CASE(flushing_is_bounded_in_time) {
  IoDriver driver;
  SocketPair pair;
  pair.LimitBuffers(8192);
  driver.Attach(1, pair.Take());
  const std::string payload = Pattern(1000000);
  driver.SendLent(1, payload, 1);
  driver.writer().Publish();
  // A peer that does not read.
  driver.thread().FlushAndWait(20000);
  BOOST_TEST(driver.figure(1, SlotTable::kBacklog) > 0.0);
  Expect(driver.WaitFor(size_t{0}), {});
  driver.Command(CommandKind::kDestroy, 1);
  driver.Flush();
  Expect(driver.WaitFor(2),
         {Event(EventKind::kReleased, 1), Event(EventKind::kClosed)});
}

BOOST_AUTO_TEST_CASE(ignores_commands_for_nobody) {
  IoDriver driver;
  for (const uint32_t slot : {0u, 5u, 511u}) {
    driver.Send(slot, "x", 1);
    driver.Control(slot, Opcode::kPing, "x");
    for (const CommandKind kind :
         {CommandKind::kSkip, CommandKind::kRaw, CommandKind::kPause,
          CommandKind::kResume, CommandKind::kShutdown,
          CommandKind::kNoDelay}) {
      driver.Command(kind, slot);
    }
  }
  driver.Flush();
  SocketPair pair;
  driver.Attach(5, pair.Take());
  driver.Send(5, "alive", 9);
  driver.Flush();
  Expect(driver.WaitFor(1), {Event(EventKind::kAck, 9)});
}

// Whoever waits for a connection that there was no memory for.
BOOST_AUTO_TEST_CASE(closes_what_never_was) {
  IoDriver driver;
  driver.Command(CommandKind::kDestroy, 5);
  driver.Command(CommandKind::kCloseListener, 6);
  driver.Flush();
  Expect(driver.WaitFor(2),
         {Event(EventKind::kClosed), Event(EventKind::kListenerClosed)});
}

BOOST_AUTO_TEST_CASE(takes_limits_and_socket_options) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(1, pair.Take());
  const double limits[4] = {3, 0, 0, 1};
  driver.writer().WriteValue(static_cast<uint32_t>(CommandKind::kLimits), 1,
                             limits);
  // Unix sockets know neither.
  driver.Command(CommandKind::kNoDelay, 1, command_flags::kOn);
  driver.writer().WriteValue(
      static_cast<uint32_t>(CommandKind::kKeepAlive) | command_flags::kOn, 1,
      5.0);
  driver.Flush();
  WaitUntil([&] { return driver.io_sleeping(); });
  pair.Write(kPeer.Text("\xff") + kPeer.Text("1234"));
  Expect(driver.WaitFor(2),
         {Message("\xff"),
          Event(EventKind::kProtocolError,
                static_cast<uint32_t>(ProtocolErrorKind::kMessageTooBig))});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
