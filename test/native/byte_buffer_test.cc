#include "base/byte_buffer.h"

#include <boost/test/unit_test.hpp>

#include "support/bytes.h"
#include "support/failing_memory.h"

namespace beastws::test {
namespace {

std::string Content(const ByteBuffer& buffer) {
  return AsString({buffer.data(), buffer.size()});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(byte_buffer)

BOOST_AUTO_TEST_CASE(grows) {
  ByteBuffer buffer;
  BOOST_TEST(buffer.empty());
  BOOST_TEST(buffer.data() == nullptr);
  std::string model;
  for (uint32_t i = 0; i < 200; ++i) {
    const std::string bytes = Pattern(i * 13 % 400, i);
    buffer.Append(bytes.data(), bytes.size());
    model += bytes;
  }
  BOOST_TEST(Content(buffer) == model);
}

BOOST_AUTO_TEST_CASE(counts_what_is_committed) {
  ByteBuffer buffer;
  std::memcpy(buffer.Prepare(1000), "abcdef", 6);
  BOOST_TEST(buffer.size() == 0u);
  buffer.Commit(4);
  BOOST_TEST(Content(buffer) == "abcd");
  buffer.Truncate(2);
  BOOST_TEST(Content(buffer) == "ab");
  buffer.Clear();
  BOOST_TEST(buffer.empty());
  BOOST_TEST(buffer.capacity() >= 1000u);
}

BOOST_AUTO_TEST_CASE(reserves_exactly) {
  ByteBuffer buffer;
  buffer.Reserve(777);
  BOOST_TEST(buffer.capacity() == 777u);
  buffer.Reserve(10);
  BOOST_TEST(buffer.capacity() == 777u);
}

BOOST_AUTO_TEST_CASE(gives_its_memory_away_and_takes_it_over) {
  ByteBuffer buffer;
  buffer.Append("abc", 3);
  const size_t capacity = buffer.capacity();
  uint8_t* memory = buffer.Release();
  BOOST_TEST(buffer.capacity() == 0u);
  BOOST_TEST(buffer.empty());
  ByteBuffer other;
  other.Append("old", 3);
  other.Adopt(memory, capacity);
  BOOST_TEST(other.empty());
  other.Commit(3);
  BOOST_TEST(Content(other) == "abc");
  ByteBuffer third = std::move(other);
  BOOST_TEST(Content(third) == "abc");
  third.Reset();
  BOOST_TEST(third.capacity() == 0u);
}

BOOST_AUTO_TEST_CASE(drops_its_front) {
  const std::string bytes = Pattern(100000);
  for (const size_t count : {0, 1, 5000, 90000, 99999, 100000}) {
    ByteBuffer buffer;
    buffer.Append(bytes.data(), bytes.size());
    buffer.DropFront(count);
    BOOST_TEST(Content(buffer) == bytes.substr(count));
    BOOST_TEST(buffer.capacity() <= buffer.size() * 4 + 256);
    buffer.Append("more", 4);
    BOOST_TEST(Content(buffer) == bytes.substr(count) + "more");
  }
}

#ifdef __linux__  // realloc(3) fails there only
BOOST_AUTO_TEST_CASE(survives_a_failure_to_grow) {
  ByteBuffer buffer;
  buffer.Append("abc", 3);
  const std::string bytes = Pattern(100000);
  {
    const FailingMemory failing(0);
    BOOST_CHECK_THROW(buffer.Append(bytes.data(), bytes.size()),
                      std::bad_alloc);
  }
  BOOST_TEST(Content(buffer) == "abc");
}
#endif

BOOST_AUTO_TEST_CASE(fits_its_memory_to_its_bytes) {
  ByteBuffer buffer;
  buffer.Fit();
  BOOST_TEST(buffer.capacity() == 0u);
  const std::string bytes(1000, 'x');
  buffer.Reserve(1100);
  buffer.Append(bytes.data(), bytes.size());
  buffer.Fit();
  BOOST_TEST(buffer.capacity() == 1100u);
  buffer.Reserve(1500);
  buffer.Fit();
  BOOST_TEST(buffer.capacity() == 1000u);
  BOOST_TEST(std::string(buffer.data(), buffer.data() + buffer.size()) ==
             bytes);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
