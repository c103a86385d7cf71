#include "engine/io_thread.h"

#include <boost/test/unit_test.hpp>

#include "support/io_driver.h"
#include "support/io_expect.h"

// How connections and the thread itself end, and what happens when one side is
// behind.

namespace beastws::test {

BOOST_AUTO_TEST_SUITE(io_thread_ends)

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
