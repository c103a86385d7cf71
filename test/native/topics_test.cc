#include "engine/topics.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

#include "protocol/permessage_deflate.h"
#include "support/io_driver.h"
#include "support/io_expect.h"

// Topics of the I/O thread over socket pairs.

namespace beastws::test {

namespace {

constexpr uint32_t kText = command_flags::kText;
constexpr uint32_t kFin = command_flags::kFin;

void Topic(IoDriver& driver, CommandKind kind, uint32_t slot, uint32_t topic) {
  driver.writer().Write(static_cast<uint32_t>(kind), slot, "", topic);
}

void Subscribe(IoDriver& driver, uint32_t slot, uint32_t topic) {
  Topic(driver, CommandKind::kSubscribe, slot, topic);
}

std::string WithLimit(double limit, std::string_view payload) {
  std::string bytes(sizeof(limit), '\0');
  std::memcpy(bytes.data(), &limit, sizeof(limit));
  return bytes.append(payload);
}

void Publish(IoDriver& driver, uint32_t topic, std::string_view payload,
             uint32_t sender = kNoSlot, uint32_t flags = kText,
             double limit = 0) {
  driver.writer().Write(
      static_cast<uint32_t>(CommandKind::kPublish) | kFin | flags, sender,
      WithLimit(limit, payload), topic);
}

void PublishOwned(IoDriver& driver, uint32_t topic, std::string_view payload,
                  uint32_t flags = kText) {
  auto* copy = static_cast<uint8_t*>(std::malloc(payload.size()));
  std::memcpy(copy, payload.data(), payload.size());
  const PayloadReference reference = {copy, payload.size(), 0};
  driver.writer().Write(static_cast<uint32_t>(CommandKind::kPublish) | kFin |
                            command_flags::kOwned | flags,
                        kNoSlot,
                        WithLimit(0, {reinterpret_cast<const char*>(&reference),
                                      sizeof(reference)}),
                        topic);
}

// Everything that was sent to a peer.
std::vector<std::string> Payloads(IoDriver& driver, uint32_t slot,
                                  SocketPair& pair) {
  driver.Command(CommandKind::kShutdown, slot);
  driver.Flush();
  std::vector<std::string> payloads;
  for (const auto& frame : ReadFrames(pair.ReadToEnd())) {
    payloads.push_back(frame.payload);
  }
  return payloads;
}

using Strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(topics)

BOOST_AUTO_TEST_CASE(publishes_to_subscribers) {
  IoDriver driver;
  SocketPair pairs[3];
  for (uint32_t slot = 0; slot < 3; ++slot) {
    driver.Attach(slot, pairs[slot].Take());
    Subscribe(driver, slot, 1);
    Subscribe(driver, slot, 1);  // once is enough
  }
  Subscribe(driver, 9, 1);  // nobody
  Subscribe(driver, 2, 7);
  Publish(driver, 1, "to all");
  Publish(driver, 1, "not to 1", 1);
  Publish(driver, 7, "only to 2");
  Publish(driver, 8, "to nobody");
  PublishOwned(driver, 8, "to nobody");
  Topic(driver, CommandKind::kUnsubscribe, 0, 1);
  Topic(driver, CommandKind::kUnsubscribe, 0, 1);
  Topic(driver, CommandKind::kUnsubscribe, 1, 7);
  Publish(driver, 1, "not to 0");
  driver.Send(1, "own", 0, kText);
  Publish(driver, 1, "behind own");
  const std::vector<Strings> expected = {
      {"to all", "not to 1"},
      {"to all", "not to 0", "own", "behind own"},
      {"to all", "not to 1", "only to 2", "not to 0", "behind own"}};
  for (uint32_t slot = 0; slot < 3; ++slot) {
    BOOST_TEST(Payloads(driver, slot, pairs[slot]) == expected[slot],
               boost::test_tools::per_element());
  }
  BOOST_TEST(driver.figure(0, SlotTable::kPublished) == 2 + 6 + 2 + 8);
  BOOST_TEST(driver.thread().traffic().messages_out.value() == 2u + 4 + 5);
}

BOOST_AUTO_TEST_CASE(publishes_large_messages) {
  IoDriver driver;
  SocketPair pairs[2];
  const Strings expected = {Pattern(16384), Pattern(16385), Pattern(70000),
                            Pattern(2000000)};
  for (uint32_t slot = 0; slot < 2; ++slot) {
    driver.Attach(slot, pairs[slot].Take());
    Subscribe(driver, slot, 1);
  }
  for (const std::string& payload : expected) {
    if (payload.size() < 70000) {
      Publish(driver, 1, payload);
    } else {
      PublishOwned(driver, 1, payload);
    }
  }
  for (uint32_t slot = 0; slot < 2; ++slot) {
    BOOST_TEST((Payloads(driver, slot, pairs[slot]) == expected));
  }
}

BOOST_AUTO_TEST_CASE(compresses_for_those_who_agreed) {
  IoDriver driver;
  SocketPair pairs[4];
  const std::string payload = Prose(5000);
  const DeflateParams params[3] = {
      {.threshold = 1000},
      {.server_no_context_takeover = true, .server_max_window_bits = 9},
      {.threshold = 5001}};
  for (uint32_t slot = 0; slot < 4; ++slot) {
    Session::Options options;
    if (slot < 3) options.deflate = params[slot];
    driver.Attach(slot, pairs[slot].Take(), options);
    Subscribe(driver, slot, 1);
    // A window that is not empty any more.
    driver.Send(slot, payload, 0, kText | command_flags::kCompress);
  }
  Publish(driver, 1, payload, kNoSlot, kText | command_flags::kCompress);
  PublishOwned(driver, 1, payload);
  for (uint32_t slot = 0; slot < 4; ++slot) {
    driver.Send(slot, payload, 0, kText | command_flags::kCompress);
    driver.Command(CommandKind::kShutdown, slot);
  }
  driver.Flush();
  for (uint32_t slot = 0; slot < 4; ++slot) {
    const auto frames = ReadFrames(pairs[slot].ReadToEnd());
    BOOST_TEST_REQUIRE(frames.size() == 4u);
    BOOST_TEST((frames[1].rsv == 4) == (slot < 2));
    BOOST_TEST(frames[2].rsv == 0);
    // One window for all, as a peer has it.
    Inflater inflater(15);
    for (const auto& frame : frames) {
      ByteBuffer out;
      if (frame.rsv == 4) {
        BOOST_TEST(!inflater.Write(AsBytes(frame.payload), true, 0, &out));
      } else {
        out.Append(frame.payload.data(), frame.payload.size());
      }
      BOOST_TEST((AsString({out.data(), out.size()}) == payload));
    }
  }
}

BOOST_AUTO_TEST_CASE(sends_nothing_behind_a_close_frame_or_to_clients) {
  IoDriver driver;
  SocketPair closing, client, gone;
  driver.Attach(1, closing.Take());
  driver.Attach(2, client.Take(), {.role = Role::kClient});
  driver.Attach(3, gone.Take());
  for (uint32_t slot = 1; slot <= 3; ++slot) Subscribe(driver, slot, 1);
  driver.Control(1, Opcode::kClose, "");
  driver.Command(CommandKind::kDestroy, 3);
  Publish(driver, 1, "late");
  PublishOwned(driver, 1, "late");
  BOOST_TEST(Payloads(driver, 1, closing) == Strings{""},
             boost::test_tools::per_element());
  BOOST_TEST(Payloads(driver, 2, client).empty());
  BOOST_TEST(gone.ReadToEnd().empty());
}

BOOST_AUTO_TEST_CASE(leaves_out_who_is_behind) {
  IoDriver driver;
  SocketPair slow, fast;
  slow.LimitBuffers(4096);
  driver.Attach(1, slow.Take());
  driver.Attach(2, fast.Take());
  Subscribe(driver, 1, 1);
  Subscribe(driver, 2, 1);
  const std::string payload(20000, 'x');
  for (int i = 0; i < 100; ++i) {
    Publish(driver, 1, payload, kNoSlot, kText, 100000);
    driver.Flush();
    fast.Read(20004);
  }
  WaitUntil([&] { return driver.figure(1, SlotTable::kBacklog) > 80000; });
  BOOST_TEST(driver.figure(1, SlotTable::kBacklog) <= 120004);
  const auto got = Payloads(driver, 1, slow);
  BOOST_TEST(driver.thread().traffic().skipped.value() == 100 - got.size());
  BOOST_TEST(got.size() > 4u);
  BOOST_TEST(got.size() < 20u);
  for (const std::string& one : got) BOOST_TEST((one == payload));
}

// Against a model: who is subscribed to what, and what everybody gets.
BOOST_AUTO_TEST_CASE(random_subscriptions) {
  constexpr uint32_t kSlots = 12, kTopics = 6;
  std::mt19937 random(7);
  IoDriver driver;
  std::vector<SocketPair> pairs(kSlots);
  std::map<uint32_t, std::set<uint32_t>> model;
  std::vector<Strings> expected(kSlots);
  std::set<uint32_t> open;
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    driver.Attach(slot, pairs[slot].Take());
    open.insert(slot);
  }
  for (int step = 0; step < 4000; ++step) {
    const uint32_t slot = random() % kSlots, topic = random() % kTopics;
    switch (random() % 5) {
      case 0:
      case 1:
        Subscribe(driver, slot, topic);
        if (open.count(slot) > 0) model[topic].insert(slot);
        break;
      case 2:
        Topic(driver, CommandKind::kUnsubscribe, slot, topic);
        model[topic].erase(slot);
        break;
      case 3: {
        const std::string payload = std::to_string(step);
        Publish(driver, topic, payload, slot);
        for (const uint32_t one : model[topic]) {
          if (one != slot) expected[one].push_back(payload);
        }
        break;
      }
      default:
        if (step % 500 != 0 || slot < 4) break;
        driver.Command(CommandKind::kDestroy, slot);
        open.erase(slot);
        for (auto& [number, slots] : model) slots.erase(slot);
    }
    if (step % 100 == 0) driver.Flush();
  }
  for (const uint32_t slot : open) {
    BOOST_TEST(Payloads(driver, slot, pairs[slot]) == expected[slot],
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(ends_with_messages_on_their_way) {
  for (int i = 0; i < 20; ++i) {
    IoDriver driver;
    SocketPair pairs[3];
    for (uint32_t slot = 0; slot < 3; ++slot) {
      driver.Attach(slot, pairs[slot].Take());
      Subscribe(driver, slot, 1);
    }
    PublishOwned(driver, 1, Pattern(3000000));
    driver.Flush();
    if (i % 2 == 0) pairs[0].Read(1000);
    PublishOwned(driver, 1, Pattern(300000));
    if (i % 4 == 0) driver.Command(CommandKind::kDestroy, 1);
    if (i % 3 != 0) driver.Flush();
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
