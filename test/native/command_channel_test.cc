#include "bridge/command_channel.h"

#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>

#include "support/bytes.h"
#include "support/command_writer.h"

namespace beastws::test {
namespace {

struct Command {
  uint32_t kind;
  uint32_t slot;
  uint32_t ack;
  std::string payload;

  bool operator==(const Command&) const = default;
};

std::vector<Command> Drain(CommandChannel& channel, bool eager = false) {
  std::vector<Command> commands;
  const size_t count =
      channel.Drain(eager, [&](const CommandHeader& header, uint8_t* payload) {
        commands.push_back({header.kind_and_flags, header.slot, header.ack,
                            AsString({payload, header.length})});
      });
  BOOST_TEST(count == commands.size());
  return commands;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_channel)

BOOST_AUTO_TEST_CASE(nothing) {
  CommandChannel channel;
  BOOST_TEST(!channel.HasPublished());
  BOOST_TEST(Drain(channel).empty());
  BOOST_TEST(channel.TakeFreeChunk() == -1);
}

BOOST_AUTO_TEST_CASE(shows_what_is_published) {
  CommandChannel channel;
  CommandWriter writer(&channel, 1024);
  BOOST_TEST(!channel.HasPublished());
  writer.Write(1, 2, "abc", 4);
  BOOST_TEST(!channel.HasPublished());
  BOOST_TEST(Drain(channel).empty());
  writer.Publish();
  BOOST_TEST(channel.HasPublished());
  BOOST_TEST((Drain(channel) == std::vector<Command>{{1, 2, 4, "abc"}}));
  BOOST_TEST(!channel.HasPublished());
  BOOST_TEST(Drain(channel).empty());
}

BOOST_AUTO_TEST_CASE(an_eager_reader_takes_what_is_written) {
  CommandChannel channel;
  CommandWriter writer(&channel, 1024);
  writer.Write(1, 1, "one");
  writer.Write(2, 1, "");
  BOOST_TEST(Drain(channel, true).size() == 2u);
  // Being published later changes nothing.
  writer.Publish();
  BOOST_TEST(!channel.HasPublished());
  BOOST_TEST(Drain(channel).empty());
  writer.Write(3, 1, "three");
  writer.Publish();
  BOOST_TEST((Drain(channel) == std::vector<Command>{{3, 1, 0, "three"}}));
}

BOOST_AUTO_TEST_CASE(goes_from_chunk_to_chunk) {
  CommandChannel channel;
  CommandWriter writer(&channel, 128);
  std::vector<Command> expected;
  for (uint32_t i = 0; i < 100; ++i) {
    const std::string payload = Pattern(i % 70, i);
    writer.Write(i, i * 2, payload, i * 3);
    expected.push_back({i, i * 2, i * 3, payload});
  }
  writer.Publish();
  BOOST_TEST((Drain(channel) == expected));
  // All but the last one can be used again.
  const size_t chunks = writer.chunks();
  size_t free = 0;
  std::vector<bool> seen(chunks);
  for (;;) {
    const int32_t id = channel.TakeFreeChunk();
    if (id < 0) break;
    BOOST_TEST_REQUIRE(static_cast<size_t>(id) < chunks);
    BOOST_TEST(!seen[static_cast<size_t>(id)]);
    seen[static_cast<size_t>(id)] = true;
    ++free;
  }
  BOOST_TEST(free == chunks - 1);
}

BOOST_AUTO_TEST_CASE(uses_chunks_again) {
  CommandChannel channel;
  CommandWriter writer(&channel, 256);
  for (uint32_t i = 0; i < 1000; ++i) {
    writer.Write(i, i, Pattern(i % 200, i));
    writer.Publish();
    const auto commands = Drain(channel);
    BOOST_TEST_REQUIRE(commands.size() == 1u);
    BOOST_TEST(commands[0].kind == i);
    BOOST_TEST((commands[0].payload == Pattern(i % 200, i)));
  }
  BOOST_TEST(writer.chunks() <= 3u);
}

BOOST_AUTO_TEST_CASE(a_chunk_that_is_full_to_the_last_byte) {
  CommandChannel channel;
  // 16 + 2 * (16 + 24) + 8
  CommandWriter writer(&channel, 104);
  for (uint32_t i = 0; i < 9; ++i) writer.Write(i, 0, std::string(24, 'x'));
  writer.Publish();
  BOOST_TEST(Drain(channel).size() == 9u);
  BOOST_TEST(writer.chunks() == 5u);
}

// Who fills chunks as fast as they are read must not keep the reader.
BOOST_AUTO_TEST_CASE(drains_so_many_chunks_and_no_more) {
  CommandChannel channel;
  // Two records in each.
  CommandWriter writer(&channel, 104);
  for (uint32_t i = 0; i < 20; ++i) writer.Write(i, 0, std::string(24, 'x'));
  writer.Publish();
  uint32_t next = 0;
  for (const size_t max : {1u, 3u, 2u, 1u, 3u}) {
    BOOST_TEST(channel.HasPublished());
    const size_t count = channel.Drain(
        false,
        [&](const CommandHeader& header, uint8_t*) {
          BOOST_TEST(header.kind_and_flags == next);
          ++next;
          // Meanwhile there are more.
          if (next % 2 == 0) writer.Write(next + 18, 0, std::string(24, 'x'));
        },
        max);
    BOOST_TEST(count == 2 * max);
  }
  BOOST_TEST(next == 20u);
}

// The writer and the reader on threads of their own, at any pace.
BOOST_AUTO_TEST_CASE(two_threads) {
  constexpr uint32_t kCount = 60000;
  CommandChannel channel;
  CommandWriter writer(&channel, 2048);
  std::thread thread([&] {
    std::mt19937 random(1);
    for (uint32_t i = 0; i < kCount; ++i) {
      writer.Write(i, ~i, std::string(random() % 300, static_cast<char>(i)), i);
      if (random() % 8 == 0) writer.Publish();
      if (random() % 500 == 0) std::this_thread::yield();
    }
    writer.Publish();
  });
  std::mt19937 random(2);
  uint32_t next = 0;
  size_t wrong = 0;
  while (next < kCount) {
    const bool published = channel.HasPublished();
    const size_t count = channel.Drain(
        random() % 2 == 0, [&](const CommandHeader& header, uint8_t* payload) {
          wrong += header.kind_and_flags != next || header.slot != ~next ||
                   header.ack != next;
          for (uint32_t i = 0; i < header.length; ++i) {
            wrong += payload[i] != static_cast<uint8_t>(next);
          }
          ++next;
        });
    // A sealed chunk counts as published, even when it has been read.
    if (count == 0 && !published) std::this_thread::yield();
  }
  thread.join();
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(Drain(channel).empty());
  BOOST_TEST(!channel.HasPublished());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
