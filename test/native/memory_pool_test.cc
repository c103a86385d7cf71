#include "base/memory_pool.h"

#include <boost/test/unit_test.hpp>

#include "bridge/event_channel.h"
#include "bridge/event_writer.h"
#include "support/failing_memory.h"

namespace beastws::test {
namespace {

using Clock = MemoryPool::Clock;

ByteBuffer Filled(size_t size) {
  ByteBuffer buffer;
  buffer.Reserve(size);
  buffer.Commit(size);
  return buffer;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(memory_pool)

BOOST_AUTO_TEST_CASE(gives_what_it_got_if_that_is_large_enough) {
  MemoryPool pool;
  BOOST_TEST(pool.empty());
  ByteBuffer buffer = Filled(1000);
  const uint8_t* data = buffer.data();
  pool.Give(std::move(buffer));
  BOOST_TEST(!pool.empty());
  BOOST_TEST(pool.Take(1001).data() != data);
  BOOST_TEST(!pool.empty());
  const ByteBuffer again = pool.Take(1000);
  BOOST_TEST(again.data() == data);
  BOOST_TEST(again.empty());
  BOOST_TEST(pool.empty());
}

BOOST_AUTO_TEST_CASE(keeps_no_more_than_its_limit) {
  MemoryPool pool;
  for (int i = 0; i < 3; ++i) pool.Give(Filled(MemoryPool::kMaxBytes / 2));
  pool.Take(1);
  BOOST_TEST(!pool.empty());
  pool.Take(1);
  BOOST_TEST(pool.empty());
  pool.Give(Filled(MemoryPool::kMaxBytes + 1));
  BOOST_TEST(pool.empty());
}

BOOST_AUTO_TEST_CASE(gives_back_what_nobody_needed_for_a_period) {
  MemoryPool pool;
  const Clock::time_point start = Clock::now();
  pool.Trim(start);
  for (int i = 0; i < 3; ++i) pool.Give(Filled(1000));
  // Two are in use at times, the third one never is.
  ByteBuffer first = pool.Take(1);
  ByteBuffer second = pool.Take(1);
  pool.Give(std::move(first));
  pool.Give(std::move(second));
  pool.Trim(start + MemoryPool::kPeriod / 2);
  pool.Trim(start + MemoryPool::kPeriod);
  // Since the last period began, they came one by one.
  first = pool.Take(1);
  second = pool.Take(1);
  BOOST_TEST(first.capacity() > 0u);
  pool.Give(std::move(first));
  pool.Give(std::move(second));
  pool.Trim(start + 2 * MemoryPool::kPeriod);
  BOOST_TEST(!pool.empty());
  pool.Trim(start + 3 * MemoryPool::kPeriod);
  BOOST_TEST(pool.empty());
}

BOOST_AUTO_TEST_CASE(has_nothing_where_memory_ends) {
  MemoryPool pool;
  const FailingMemory failing(0);
  const ByteBuffer none = pool.Take(1000);
  BOOST_TEST(failing.failed());
  BOOST_TEST(none.capacity() == 0u);
}

BOOST_AUTO_TEST_CASE(a_channel_takes_the_next_slab_from_it) {
  EventChannel channel([] {});
  const auto deliver = [&](size_t size) {
    const std::string bytes(size, 'x');
    EventWriter(channel.filling(), 0)
        .AddBytes(EventKind::kRaw,
                  {reinterpret_cast<const uint8_t*>(bytes.data()), size});
    BOOST_TEST(channel.Deliver());
    EventBatch batch;
    BOOST_TEST(channel.Take(&batch));
    return std::move(batch.slab);
  };
  deliver(kLendSlabMin - 1);
  BOOST_TEST(channel.filling()->slab.capacity() == 0u);
  ByteBuffer large = deliver(kLendSlabMin);
  BOOST_TEST(channel.filling()->slab.capacity() >= kLendSlabMin);
  channel.filling()->slab.Reset();
  large.Reserve(2 * kLendSlabMin);
  const uint8_t* data = large.data();
  channel.memory()->Give(std::move(large));
  deliver(kLendSlabMin);
  BOOST_TEST(channel.filling()->slab.data() == data);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
