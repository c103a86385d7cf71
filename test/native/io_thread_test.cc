#include "engine/io_thread.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <ctime>

#include "support/frames.h"
#include "support/io_driver.h"

// The whole I/O side over socket pairs, from one driving thread.

namespace beastws::test {
namespace {

const Peer kPeer(Role::kServer);

void Expect(const GotList& got, const GotList& expected) {
  BOOST_TEST(got == expected, boost::test_tools::per_element());
}

Got Event(EventKind kind, uint32_t a = 0) { return {.kind = kind, .a = a}; }

std::string TextFrame(std::string_view payload) {
  return MakeFrame({.opcode = 1, .payload = std::string(payload)});
}

// Waits for something that no event tells.
void WaitUntil(const std::function<bool()>& condition) {
  for (int i = 0; !condition(); ++i) {
    if (i > 20000) throw std::runtime_error("it did not happen");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// Processor time of the whole program in milliseconds, while we wait.
double BusyTime(int milliseconds) {
  const std::clock_t start = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

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

// JavaScript takes nothing for a while: reading stops, the process does not
// fill up, and nothing is lost.
BOOST_AUTO_TEST_CASE(stops_reading_when_nobody_takes) {
  IoDriver driver;
  constexpr uint32_t kPairs = 4;
  std::vector<SocketPair> pairs(kPairs);
  std::string sent;
  for (uint32_t i = 0; i < 600; ++i) sent += kPeer.Binary(Pattern(60000, i));
  for (uint32_t slot = 0; slot < kPairs; ++slot) {
    driver.Attach(slot, pairs[slot].Take());
  }
  driver.Flush();
  size_t at[kPairs] = {};
  const auto write_all = [&] {
    size_t written = 0;
    for (size_t i = 0; i < kPairs; ++i) {
      at[i] += pairs[i].WriteSome(std::string_view(sent).substr(at[i]));
      written += at[i];
    }
    return written;
  };
  // Until nothing goes in any more.
  size_t before = 0;
  for (int idle = 0; idle < 100;) {
    const size_t written = write_all();
    idle = written == before ? idle + 1 : 0;
    before = written;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  double read = 0;
  for (uint32_t slot = 0; slot < kPairs; ++slot) {
    read += driver.figure(slot, SlotTable::kBytesRead);
  }
  BOOST_TEST(read < 20.0 * 1024 * 1024);
  BOOST_TEST(BusyTime(200) < 80.0);

  uint32_t counts[kPairs] = {};
  GotList got;
  while (counts[0] + counts[1] + counts[2] + counts[3] < 600 * kPairs) {
    write_all();
    got.clear();
    if (!driver.TakeBatch(&got)) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    for (const Got& one : got) {
      BOOST_TEST_REQUIRE((one.data == Pattern(60000, counts[one.slot]++)));
    }
  }
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

BOOST_AUTO_TEST_CASE(destroys_in_every_state) {
  IoDriver driver;
  const std::string payload = Pattern(500000);
  for (uint32_t i = 0; i < 300; ++i) {
    SocketPair pair;
    const uint32_t slot = i % 7;
    const int descriptor = pair.Take();
    driver.Attach(slot, descriptor, {}, "", i % 5 == 0);
    pair.WriteSome(kPeer.Text("a") + kPeer.Binary(payload));
    if (i % 2 == 0) driver.Send(slot, "b", 1);
    if (i % 3 == 0) driver.SendLent(slot, payload, i + 1);
    if (i % 4 == 0) driver.Flush();
    if (i % 6 == 0) pair.Close();
    if (i % 11 == 0) driver.Command(CommandKind::kShutdown, slot);
    driver.Command(CommandKind::kDestroy, slot,
                   i % 8 == 0 ? command_flags::kReset : 0);
    driver.Send(slot, "too late");
    driver.Flush();
    const GotList got = driver.WaitFor(EventKind::kClosed);
    BOOST_TEST(!IsOpen(descriptor));
    bool released = i % 3 != 0;
    for (const Got& one : got) {
      released = released || one == Event(EventKind::kReleased, i + 1);
      BOOST_TEST(one.slot == slot);
    }
    BOOST_TEST(released);
  }
}

BOOST_AUTO_TEST_CASE(destroys_many_at_once) {
  IoDriver driver;
  std::vector<SocketPair> pairs(300);
  std::vector<int> descriptors;
  for (uint32_t slot = 0; slot < pairs.size(); ++slot) {
    descriptors.push_back(pairs[slot].Take());
    driver.Attach(slot, descriptors.back());
    driver.Send(slot, "bye");
  }
  driver.Flush();
  for (uint32_t slot = 0; slot < pairs.size(); ++slot) {
    pairs[slot].Write(kPeer.Text("x"));
    driver.Command(CommandKind::kDestroy, slot);
  }
  driver.Flush();
  size_t closed = 0;
  driver.WaitFor([&](const GotList& list) {
    closed = 0;
    for (const Got& one : list) closed += one.kind == EventKind::kClosed;
    return closed == pairs.size();
  });
  for (const int descriptor : descriptors) BOOST_TEST(!IsOpen(descriptor));
  for (SocketPair& pair : pairs) {
    BOOST_TEST(pair.ReadToEnd() == MakeFrame({.payload = "bye"}));
  }
}

BOOST_AUTO_TEST_CASE(a_peer_that_is_gone) {
  IoDriver driver;
  SocketPair pair;
  driver.Attach(4, pair.Take());
  driver.Flush();
  pair.Write(kPeer.Text("last"));
  pair.Close();
  GotList got = driver.WaitFor(2);
  Expect(got, {Message("last"), Event(EventKind::kEnd)});
  driver.Send(4, "for nobody", 1);
  driver.Flush();
  Expect(driver.WaitFor(1),
         {{.kind = EventKind::kSocketError, .a = EPIPE, .b = 1}});
  BOOST_TEST(BusyTime(200) < 80.0);
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_cannot_be_polled) {
  IoDriver driver;
  const int file = open("/dev/null", O_RDWR | O_CLOEXEC);
  driver.Attach(1, file);
  driver.Flush();
  Expect(driver.WaitFor(1), {Event(EventKind::kSocketError, EPERM)});
  driver.Command(CommandKind::kDestroy, 1);
  driver.Flush();
  driver.WaitFor(EventKind::kClosed);
  BOOST_TEST(!IsOpen(file));
}

BOOST_AUTO_TEST_CASE(ignores_commands_for_nobody) {
  IoDriver driver;
  for (const uint32_t slot : {0u, 5u, 511u}) {
    driver.Send(slot, "x", 1);
    driver.Control(slot, Opcode::kPing, "x");
    for (const CommandKind kind :
         {CommandKind::kSkip, CommandKind::kRaw, CommandKind::kPause,
          CommandKind::kResume, CommandKind::kShutdown, CommandKind::kDestroy,
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

BOOST_AUTO_TEST_CASE(stopping_ends_all_connections) {
  for (const bool busy : {false, true}) {
    IoDriver driver;
    std::vector<SocketPair> pairs(20);
    std::vector<int> descriptors;
    const std::string payload = Pattern(1000000);
    for (uint32_t slot = 0; slot < pairs.size(); ++slot) {
      descriptors.push_back(pairs[slot].Take());
      driver.Attach(slot, descriptors.back());
      driver.SendLent(slot, payload, slot + 1);
    }
    driver.Flush();
    // All of them are attached.
    for (SocketPair& pair : pairs) pair.Read(1);
    if (busy) {
      for (SocketPair& pair : pairs) {
        pair.WriteSome(kPeer.Binary(payload) + kPeer.Text("x"));
      }
    }
    driver.Stop();
    for (const int descriptor : descriptors) BOOST_TEST(!IsOpen(descriptor));
    // No batch comes after that, but the one that was ready may be taken.
    const int notified = driver.notified();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    BOOST_TEST(driver.notified() == notified);
  }
}

// What was on its way when the thread ended: descriptors are closed, memory is
// freed (a sanitizer looks), and nothing is said any more.
BOOST_AUTO_TEST_CASE(stopping_drops_what_was_not_read) {
  for (const bool published : {false, true}) {
    IoDriver driver;
    SocketPair attached, waiting;
    driver.Attach(1, attached.Take());
    driver.Flush();
    WaitUntil([&] { return driver.io_sleeping(); });
    // Nobody wakes the thread.
    const int descriptor = waiting.Take();
    driver.Attach(2, descriptor, {}, kPeer.Text("x"));
    driver.SendOwned(1, Pattern(100000));
    driver.SendOwned(2, Pattern(100000));
    driver.SendOwned(3, Pattern(100000), 0, command_flags::kCompress);
    driver.SendLent(3, "lent", 1);
    driver.Command(CommandKind::kDestroy, 1);
    if (published) driver.writer().Publish();
    driver.Stop();
    BOOST_TEST(driver.notified() == 0);
    driver.DropThread();
    BOOST_TEST(!IsOpen(descriptor));
    BOOST_TEST(waiting.ReadToEnd() == "");
  }
}

// Payloads for a connection that is gone already.
BOOST_AUTO_TEST_CASE(gives_back_payloads_for_nobody) {
  IoDriver driver;
  const std::string payload = Pattern(100000);
  driver.SendOwned(9, payload);
  driver.SendLent(9, payload, 5);
  driver.Flush();
  Expect(driver.WaitFor(1), {Event(EventKind::kReleased, 5)});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
