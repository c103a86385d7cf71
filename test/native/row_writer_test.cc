#include "bridge/row_writer.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "support/endpoint.h"

// What a session reads, as rows and payloads in memory that was given for it.

namespace beastws::test {
namespace {

struct Read {
  // Memory of exactly these sizes, so that a sanitizer sees a step beyond it.
  Read(size_t rows, size_t pool_size, size_t used)
      : words(rows * RowWriter::kColumns),
        pool(pool_size),
        writer(words, pool, used, &rest) {}

  std::string Row(size_t index) const {
    const int32_t* row = words.data() + index * RowWriter::kColumns;
    return std::to_string(row[0]) + " at " + std::to_string(row[1]) + " " +
           AsString(Bytes(pool).subspan(static_cast<size_t>(row[1]),
                                        static_cast<size_t>(row[2])));
  }

  std::vector<int32_t> words;
  std::vector<uint8_t> pool;
  EventBatch rest;
  RowWriter writer;
};

std::string Frame(int opcode, std::string payload, bool fin = true) {
  return MakeFrame({.opcode = opcode,
                    .payload = std::move(payload),
                    .fin = fin,
                    .mask = kMask});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(row_writer)

BOOST_AUTO_TEST_CASE(small_events_are_rows) {
  Endpoint end(Role::kServer);
  Read read(8, 64, 8);
  end.session.Receive(AsBytes(Frame(1, "one")), read.writer);
  end.session.Receive(
      AsBytes(Frame(2, "two") + Frame(9, "p") + Frame(10, "") + Frame(1, "")),
      read.writer);
  BOOST_TEST(read.rest.empty());
  BOOST_TEST(read.writer.count() == 5u);
  BOOST_TEST(read.writer.used() == 15u);
  BOOST_TEST(read.writer.messages() == 3u);
  BOOST_TEST(read.writer.message_bytes() == 6u);
  BOOST_TEST(read.Row(0) == "0 at 8 one");
  BOOST_TEST(read.Row(1) == "1 at 11 two");
  BOOST_TEST(read.Row(2) == "2 at 14 p");
  BOOST_TEST(read.Row(3) == "3 at 15 ");
  BOOST_TEST(read.Row(4) == "0 at 15 ");
}

// Also when it came in pieces, as long as it is one frame.
BOOST_AUTO_TEST_CASE(a_message_that_was_cut_is_a_row) {
  Endpoint end(Role::kServer);
  Read read(8, 64, 0);
  const std::string bytes = Frame(2, "in pieces");
  for (const char byte : bytes) {
    end.session.Receive(AsBytes({&byte, 1}), read.writer);
  }
  BOOST_TEST(read.rest.empty());
  BOOST_TEST(read.writer.count() == 1u);
  BOOST_TEST(read.Row(0) == "1 at 0 in pieces");
  BOOST_TEST(read.writer.messages() == 1u);
}

// The order stays: nothing is a row behind something that is not.
BOOST_AUTO_TEST_CASE(what_is_no_row_takes_all_behind_it_along) {
  const std::string cases[] = {
      Frame(2, "frag", false) + Frame(0, "ments"),
      Frame(2, std::string(kOwnMemoryMin, 'x')),
      Frame(1, std::string(65, 'x')),
      Frame(9, std::string(65, 'x')),
  };
  for (const std::string& bytes : cases) {
    Endpoint end(Role::kServer);
    Read read(8, 64, 0);
    end.session.Receive(AsBytes(Frame(1, "a") + bytes + Frame(1, "b") +
                                Frame(10, "c") + Frame(8, "")),
                        read.writer);
    BOOST_TEST(read.writer.count() == 1u);
    BOOST_TEST(read.writer.used() == 1u);
    BOOST_TEST(read.rest.events.size() == 4u);
    BOOST_TEST((read.rest.events[1].kind == EventKind::kText));
    BOOST_TEST((read.rest.events[2].kind == EventKind::kPong));
    BOOST_TEST((read.rest.events[3].kind == EventKind::kCloseFrame));
  }
}

BOOST_AUTO_TEST_CASE(room_ends_at_the_last_row_and_byte) {
  Endpoint end(Role::kServer);
  Read full(1, 3, 0);
  end.session.Receive(AsBytes(Frame(1, "abc") + Frame(1, "")), full.writer);
  BOOST_TEST(full.writer.count() == 1u);
  BOOST_TEST(full.rest.events.size() == 1u);

  Read beyond(1, 3, 64);
  end.session.Receive(AsBytes(Frame(1, "")), beyond.writer);
  BOOST_TEST(beyond.writer.count() == 0u);
  BOOST_TEST(beyond.rest.events.size() == 1u);

  Read none(0, 3, 0);
  end.session.Receive(AsBytes(Frame(10, "x")), none.writer);
  BOOST_TEST(none.writer.count() == 0u);
  BOOST_TEST(none.rest.events.size() == 1u);
}

BOOST_AUTO_TEST_CASE(errors_are_no_rows_and_drop_what_was_begun) {
  Endpoint end(Role::kServer);
  Read read(8, 64, 0);
  end.session.Receive(AsBytes(Frame(1, "ok") + Frame(1, "\xff")), read.writer);
  BOOST_TEST(read.writer.count() == 1u);
  BOOST_TEST(read.writer.used() == 2u);
  BOOST_TEST(read.writer.messages() == 1u);
  BOOST_TEST(read.rest.events.size() == 1u);
  BOOST_TEST((read.rest.events[0].kind == EventKind::kProtocolError));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
