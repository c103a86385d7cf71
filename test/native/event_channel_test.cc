#include "bridge/event_channel.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <thread>

#include "bridge/event_writer.h"
#include "bridge/slot_table.h"
#include "protocol/session.h"
#include "support/bytes.h"

namespace beastws::test {

BOOST_AUTO_TEST_SUITE(event_channel)

BOOST_AUTO_TEST_CASE(delivers_one_batch_at_a_time) {
  int notified = 0;
  EventChannel channel([&] { ++notified; });
  EventBatch batch;
  BOOST_TEST(channel.Deliver());
  BOOST_TEST(!channel.Take(&batch));
  BOOST_TEST(notified == 0);

  EventWriter(channel.filling(), 1).Add(EventKind::kEnd);
  BOOST_TEST(channel.Deliver());
  BOOST_TEST(notified == 1);
  EventWriter(channel.filling(), 2).Add(EventKind::kEnd);
  BOOST_TEST(!channel.Deliver());
  EventWriter(channel.filling(), 3).Add(EventKind::kEnd);
  BOOST_TEST(notified == 1);

  BOOST_TEST(channel.Take(&batch));
  BOOST_TEST(batch.events.size() == 1u);
  BOOST_TEST(batch.events[0].slot == 1u);
  batch.Clear();
  BOOST_TEST(!channel.Take(&batch));
  BOOST_TEST(channel.Deliver());
  BOOST_TEST(notified == 2);
  BOOST_TEST(channel.Take(&batch));
  BOOST_TEST(batch.events.size() == 2u);
  BOOST_TEST(batch.events[1].slot == 3u);
}

BOOST_AUTO_TEST_CASE(says_nothing_after_it_was_closed) {
  int notified = 0;
  EventChannel channel([&] { ++notified; });
  channel.Close();
  EventWriter(channel.filling(), 1).Add(EventKind::kEnd);
  BOOST_TEST(channel.Deliver());
  BOOST_TEST(channel.filling()->empty());
  EventBatch batch;
  BOOST_TEST(!channel.Take(&batch));
  BOOST_TEST(notified == 0);
}

BOOST_AUTO_TEST_CASE(two_threads) {
  constexpr uint32_t kCount = 20000;
  std::mutex mutex;
  std::condition_variable ready;
  int pending = 0;
  EventChannel channel([&] {
    const std::lock_guard lock(mutex);
    ++pending;
    ready.notify_one();
  });
  std::thread thread([&] {
    for (uint32_t i = 0; i < kCount; ++i) {
      const std::string payload(i % 50, static_cast<char>(i));
      EventWriter writer(channel.filling(), i);
      writer.OnControl(Opcode::kPing, AsBytes(payload));
      if (i % 7 == 0) channel.Deliver();
    }
    while (!channel.Deliver()) std::this_thread::yield();
  });
  uint32_t next = 0;
  size_t wrong = 0;
  EventBatch batch;
  while (next < kCount) {
    {
      std::unique_lock lock(mutex);
      ready.wait(lock, [&] { return pending > 0; });
      --pending;
    }
    if (!channel.Take(&batch)) {
      ++wrong;
      continue;
    }
    for (const Event& event : batch.events) {
      wrong += event.slot != next || event.length != next % 50;
      for (uint32_t i = 0; i < event.length; ++i) {
        wrong +=
            batch.slab.data()[event.offset + i] != static_cast<uint8_t>(next);
      }
      ++next;
    }
    batch.Clear();
  }
  thread.join();
  BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_CASE(a_burst_does_not_pin_its_memory) {
  EventBatch batch;
  EventWriter writer(&batch, 1);
  const std::string payload = Pattern(20000);
  for (int i = 0; i < 200; ++i) {
    std::memcpy(writer.BeginMessage(payload.size()), payload.data(),
                payload.size());
    writer.EndMessage(true);
  }
  BOOST_TEST(batch.bytes() == 200 * 20000u);
  batch.Clear();
  BOOST_TEST(batch.empty());
  BOOST_TEST(batch.bytes() == 0u);
  BOOST_TEST(batch.slab.capacity() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(event_writer)

BOOST_AUTO_TEST_CASE(marks_the_first_event_of_a_read) {
  EventBatch batch;
  EventWriter first(&batch, 4);
  first.OnControl(Opcode::kPing, AsBytes("a"));
  first.OnControl(Opcode::kPong, AsBytes("bc"));
  EventWriter second(&batch, 4);
  second.OnClose(1001, AsBytes("bye"));
  second.OnError({ProtocolErrorKind::kInflate, 3});
  BOOST_TEST_REQUIRE(batch.events.size() == 4u);
  const bool starts[] = {true, false, true, false};
  const EventKind kinds[] = {EventKind::kPing, EventKind::kPong,
                             EventKind::kCloseFrame, EventKind::kProtocolError};
  const char* payloads[] = {"a", "bc", "bye", ""};
  for (size_t i = 0; i < 4; ++i) {
    const Event& event = batch.events[i];
    BOOST_TEST(event.chunk_start == starts[i]);
    BOOST_TEST((event.kind == kinds[i]));
    BOOST_TEST(event.slot == 4u);
    BOOST_TEST(event.large == -1);
    BOOST_TEST(AsString({batch.slab.data() + event.offset, event.length}) ==
               payloads[i]);
  }
  BOOST_TEST(batch.events[2].a == 1001u);
  BOOST_TEST(batch.events[3].a ==
             static_cast<uint32_t>(ProtocolErrorKind::kInflate));
  BOOST_TEST(batch.events[3].b == 3u);
}

BOOST_AUTO_TEST_CASE(drops_a_message) {
  EventBatch batch;
  EventWriter writer(&batch, 1);
  std::memcpy(writer.BeginMessage(4), "lost", 4);
  writer.DropMessage();
  BOOST_TEST(batch.empty());
  BOOST_TEST(batch.slab.size() == 0u);
  std::memcpy(writer.BeginMessage(4), "kept", 4);
  writer.EndMessage(false);
  BOOST_TEST_REQUIRE(batch.events.size() == 1u);
  BOOST_TEST((batch.events[0].kind == EventKind::kText));
  BOOST_TEST(AsString({batch.slab.data(), batch.slab.size()}) == "kept");
}

// The sizes of fragments follow the payload, or stand alone for large ones.
BOOST_AUTO_TEST_CASE(writes_the_sizes_of_fragments) {
  for (const size_t size : {size_t{10}, kOwnMemoryMin}) {
    EventBatch batch;
    EventWriter writer(&batch, 1);
    writer.OnControl(Opcode::kPing, AsBytes("xyz"));
    ByteBuffer data;
    const std::string payload = Pattern(size);
    data.Append(payload.data(), payload.size());
    const auto rest = static_cast<uint32_t>(size - 3);
    writer.OnMessage(true, std::move(data), {3, rest});
    writer.OnControl(Opcode::kPong, AsBytes("after"));
    BOOST_TEST_REQUIRE(batch.events.size() == 3u);
    const Event& event = batch.events[1];
    BOOST_TEST(event.a == 2u);
    BOOST_TEST(event.length == size);
    BOOST_TEST(event.offset == 3u);
    size_t sizes_at = event.offset;
    if (size == 10) {
      BOOST_TEST(event.large == -1);
      BOOST_TEST(
          (AsString({batch.slab.data() + event.offset, size}) == payload));
      sizes_at += size;
    } else {
      BOOST_TEST_REQUIRE(event.large == 0);
      BOOST_TEST((AsString({batch.large[0].data(), batch.large[0].size()}) ==
                  payload));
      BOOST_TEST(batch.large_bytes == size);
    }
    uint32_t sizes[2];
    std::memcpy(sizes, batch.slab.data() + sizes_at, sizeof(sizes));
    BOOST_TEST(sizes[0] == 3u);
    BOOST_TEST(sizes[1] == rest);
    BOOST_TEST(batch.events[2].offset == sizes_at + 8);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(slot_table)

BOOST_AUTO_TEST_CASE(finds_the_cell) {
  SlotTable table;
  constexpr size_t kCells = SlotTable::kRowsPerPage * SlotTable::kColumns;
  std::vector<double> first(kCells, -1), last(kCells, -1);
  table.AddPage(0, first.data());
  table.AddPage(SlotTable::kMaxPages - 1, last.data());
  table.Set(0, SlotTable::kAcceptedPlain, 1);
  table.Set(511, SlotTable::kBytesWritten, 2);
  table.Set(4095 * 512, SlotTable::kBacklog, 3);
  table.Set(4095 * 512 + 511, SlotTable::kBytesRead, (uint64_t{1} << 53) - 1);
  BOOST_TEST(first[0] == 1.0);
  BOOST_TEST(first[511 * 8 + 4] == 2.0);
  BOOST_TEST(last[2] == 3.0);
  BOOST_TEST(last[511 * 8 + 3] == 9007199254740991.0);
  BOOST_TEST(std::count(first.begin(), first.end(), -1.0) ==
             static_cast<ptrdiff_t>(kCells - 2));
}

// A reader on another thread sees whole numbers only.
BOOST_AUTO_TEST_CASE(two_threads) {
  SlotTable table;
  std::vector<double> rows(SlotTable::kRowsPerPage * SlotTable::kColumns, 0);
  table.AddPage(0, rows.data());
  constexpr uint64_t kStep = 0x100000001;
  std::thread thread([&] {
    for (uint64_t i = 0; i <= 100000; ++i) {
      table.Set(7, SlotTable::kBacklog, i * kStep);
    }
  });
  double last = 0;
  size_t wrong = 0;
  auto* cell = reinterpret_cast<uint64_t*>(&rows[7 * 8 + 2]);
  while (last < 100000.0 * kStep) {
    const uint64_t bits = __atomic_load_n(cell, __ATOMIC_RELAXED);
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    wrong += value < last || static_cast<uint64_t>(value) % kStep != 0;
    last = value;
  }
  thread.join();
  BOOST_TEST(wrong == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
