#include "base/outbox.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <random>

#include "support/bytes.h"
#include "support/failing_memory.h"

namespace beastws::test {
namespace {

using Loans = std::vector<Outbox::LoanId>;

void Append(Outbox& outbox, std::string_view bytes) {
  outbox.Append(bytes.data(), bytes.size());
}

void AppendLent(Outbox& outbox, std::string_view bytes, Outbox::LoanId loan) {
  outbox.AppendLent(AsBytes(bytes).data(), bytes.size(), loan);
}

std::vector<std::string> Pieces(const Outbox& outbox, size_t max = SIZE_MAX) {
  std::vector<std::string> pieces;
  const size_t count =
      outbox.Gather(max, [&](size_t i, const uint8_t* data, size_t size) {
        BOOST_TEST(i == pieces.size());
        pieces.push_back(AsString({data, size}));
      });
  BOOST_TEST(count == pieces.size());
  return pieces;
}

Loans Consume(Outbox& outbox, size_t count) {
  Loans loans;
  outbox.Consume(count, [&](Outbox::LoanId loan) { loans.push_back(loan); });
  return loans;
}

using Strings = std::vector<std::string>;

SharedBytes* Share(std::string_view head, std::string_view body = "") {
  ByteBuffer buffers[2];
  buffers[0].Append(head.data(), head.size());
  buffers[1].Append(body.data(), body.size());
  return SharedBytes::Make(std::move(buffers[0]), std::move(buffers[1]));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outbox)

BOOST_AUTO_TEST_CASE(joins_its_own_bytes) {
  Outbox box;
  BOOST_TEST(box.empty());
  Append(box, "");
  BOOST_TEST(Pieces(box).empty());
  Append(box, "ab");
  Append(box, "cd");
  BOOST_TEST(box.size() == 4u);
  BOOST_TEST(Pieces(box) == Strings{"abcd"}, boost::test_tools::per_element());
  BOOST_TEST(box.own_size() == 4u);
  BOOST_TEST(AsString({box.own_data(), box.own_size()}) == "abcd");
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_own_and_lent_bytes) {
  Outbox box;
  const std::string lent = "LENT", other = "OTHER";
  Append(box, "ab");
  AppendLent(box, lent, 7);
  Append(box, "cd");
  Append(box, "ef");
  AppendLent(box, other, 8);
  BOOST_TEST(Pieces(box) == (Strings{"ab", "LENT", "cdef", "OTHER"}),
             boost::test_tools::per_element());
  BOOST_TEST(Pieces(box, 2) == (Strings{"ab", "LENT"}),
             boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 5) == Loans{}, boost::test_tools::per_element());
  BOOST_TEST(Pieces(box) == (Strings{"T", "cdef", "OTHER"}),
             boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 1) == Loans{7}, boost::test_tools::per_element());
  Append(box, "gh");
  BOOST_TEST(Consume(box, 3) == Loans{}, boost::test_tools::per_element());
  BOOST_TEST(Pieces(box) == (Strings{"f", "OTHER", "gh"}),
             boost::test_tools::per_element());
  BOOST_TEST(box.size() == 8u);
  BOOST_TEST(Consume(box, 8) == Loans{8}, boost::test_tools::per_element());
  BOOST_TEST(box.empty());
  BOOST_TEST(box.own_size() == 0u);
}

// Beast writes a large payload in several calls.
BOOST_AUTO_TEST_CASE(joins_the_parts_of_a_loan) {
  Outbox box;
  const std::string lent = "0123456789";
  Append(box, "head");
  AppendLent(box, std::string_view(lent).substr(0, 4), 0);
  AppendLent(box, std::string_view(lent).substr(4, 4), 0);
  AppendLent(box, std::string_view(lent).substr(8), 5);
  BOOST_TEST(Pieces(box) == (Strings{"head", lent}),
             boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 13) == Loans{}, boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 1) == Loans{5}, boost::test_tools::per_element());
}

// Neighbours in memory that are two loans stay two.
BOOST_AUTO_TEST_CASE(tells_loans_apart) {
  Outbox box;
  const std::string lent = "aabb";
  AppendLent(box, std::string_view(lent).substr(0, 2), 1);
  AppendLent(box, std::string_view(lent).substr(2, 2), 2);
  BOOST_TEST(Pieces(box).size() == 2u);
  BOOST_TEST(Consume(box, 2) == Loans{1}, boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 2) == Loans{2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(returns_a_loan_behind_what_it_became) {
  Outbox box;
  Append(box, "copy");
  box.ReturnLater(3);
  Append(box, "next");
  BOOST_TEST(box.size() == 8u);
  BOOST_TEST(Pieces(box) == (Strings{"copy", "next"}),
             boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 3) == Loans{}, boost::test_tools::per_element());
  BOOST_TEST(Consume(box, 2) == Loans{3}, boost::test_tools::per_element());
  box.ReturnLater(4);
  BOOST_TEST(Consume(box, 3) == Loans{4}, boost::test_tools::per_element());
  BOOST_TEST(box.empty());
}

BOOST_AUTO_TEST_CASE(clearing_returns_all_loans) {
  Outbox box;
  const std::string lent = "lent";
  AppendLent(box, lent, 1);
  Append(box, "own");
  AppendLent(box, lent, 2);
  box.ReturnLater(3);
  Consume(box, 1);
  Loans loans;
  box.Clear([&](Outbox::LoanId loan) { loans.push_back(loan); });
  BOOST_TEST(loans == (Loans{1, 2, 3}), boost::test_tools::per_element());
  BOOST_TEST(box.empty());
  BOOST_TEST(Pieces(box).empty());
  // And it can be used again.
  Append(box, "more");
  BOOST_TEST(Pieces(box) == Strings{"more"}, boost::test_tools::per_element());
}

// A peer that is always a little behind.
BOOST_AUTO_TEST_CASE(does_not_keep_what_is_written) {
  Outbox box;
  const std::string lent = Pattern(3000);
  const std::string own = Pattern(1000, 2);
  size_t largest = 0;
  Append(box, own);
  for (int i = 0; i < 20000; ++i) {
    AppendLent(box, lent, 9);
    Append(box, own);
    box.ReturnLater(10);
    Consume(box, 4000);
    largest = std::max(largest, box.own_size());
    BOOST_TEST_REQUIRE(box.size() == 1000u);
  }
  BOOST_TEST(largest < 300 * 1000u);
  BOOST_TEST(Pieces(box) == Strings{own}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gives_the_memory_of_a_burst_back) {
  Outbox box;
  Append(box, std::string(8 << 20, 'x'));
  Consume(box, (8 << 20) - 100);
  BOOST_TEST(box.own_size() == 100u);
  BOOST_TEST(Pieces(box) == Strings{std::string(100, 'x')},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dropping_needs_no_memory) {
  Outbox box;
  Append(box, std::string(1 << 20, 'x') + "end");
  {
    const FailingMemory failing(0);
    Consume(box, 1 << 20);
  }
  BOOST_TEST(Pieces(box) == Strings{"end"}, boost::test_tools::per_element());
}

// Against a model: a queue of bytes.
BOOST_AUTO_TEST_CASE(random_use) {
  std::mt19937 random(42);
  const std::string memory = Pattern(100000, 3);
  for (int round = 0; round < 20; ++round) {
    Outbox box;
    std::string model;  // what is still to be written
    size_t written = 0;
    std::deque<std::pair<size_t, Outbox::LoanId>> due;  // end of each loan
    Outbox::LoanId next = 1;
    for (int step = 0; step < 2000; ++step) {
      const size_t size = random() % 3000;
      const std::string_view bytes =
          std::string_view(memory).substr(random() % 90000, size);
      switch (random() % 4) {
        case 0:
          Append(box, bytes);
          model += bytes;
          break;
        case 1:
          if (size == 0) break;
          AppendLent(box, bytes, next);
          model += bytes;
          due.push_back({written + model.size(), next++});
          break;
        default: {
          const size_t count = std::min<size_t>(size, model.size());
          std::string front;
          for (const std::string& piece : Pieces(box)) front += piece;
          BOOST_TEST_REQUIRE((front == model));
          const Loans loans = Consume(box, count);
          model.erase(0, count);
          written += count;
          Loans expected;
          while (!due.empty() && due.front().first <= written) {
            expected.push_back(due.front().second);
            due.pop_front();
          }
          BOOST_TEST_REQUIRE((loans == expected));
        }
      }
      BOOST_TEST_REQUIRE(box.size() == model.size());
    }
    Loans rest;
    box.Clear([&](Outbox::LoanId loan) { rest.push_back(loan); });
    BOOST_TEST(rest.size() == due.size());
  }
}

// Leaks and uses after the end are for the address sanitizer to see.
BOOST_AUTO_TEST_CASE(shares_bytes_with_others) {
  const std::string head = "head ", body(5000, 'b');
  SharedBytes* shared = Share(head, body);
  std::vector<Outbox> boxes(3);
  for (Outbox& box : boxes) {
    box.AppendShared(shared);
    BOOST_TEST(box.size() == 5005u);
    BOOST_TEST(box.own_size() == 0u);
    BOOST_TEST(Pieces(box) == (Strings{head, body}),
               boost::test_tools::per_element());
  }
  shared->Release();
  BOOST_TEST(Consume(boxes[0], 5005) == Loans{0},
             boost::test_tools::per_element());
  BOOST_TEST(boxes[0].empty());
  BOOST_TEST(Consume(boxes[1], 100) == Loans{0},
             boost::test_tools::per_element());
  BOOST_TEST(Pieces(boxes[1]) == Strings{body.substr(95)},
             boost::test_tools::per_element());
  boxes[1].Clear([](Outbox::LoanId) {});
  BOOST_TEST(Pieces(boxes[2]) == (Strings{head, body}),
             boost::test_tools::per_element());
  Consume(boxes[2], 5005);
}

BOOST_AUTO_TEST_CASE(copies_small_shared_bytes_behind_others) {
  SharedBytes* small = Share("small");
  SharedBytes* large = Share("large", std::string(2000, 'x'));
  Outbox box;
  box.AppendShared(small);
  BOOST_TEST(box.own_size() == 0u);
  box.AppendShared(small);
  box.AppendShared(small);
  BOOST_TEST(box.own_size() == 10u);
  box.AppendShared(large);
  AppendLent(box, "lent", 7);
  Append(box, "own");
  small->Release();
  large->Release();
  BOOST_TEST(Pieces(box) == (Strings{"small", "smallsmall", "large",
                                     std::string(2000, 'x'), "lent", "own"}),
             boost::test_tools::per_element());
  BOOST_TEST(Consume(box, box.size()) == (Loans{0, 7}),
             boost::test_tools::per_element());
}

// Memory that follows shared bytes by chance is not part of them.
BOOST_AUTO_TEST_CASE(keeps_shared_bytes_apart_from_lent_ones) {
  SharedBytes* shared = Share(std::string(2000, 's') + "lent");
  Outbox box;
  ByteBuffer head;
  head.Append(shared->head().data(), 2000);
  SharedBytes* part = SharedBytes::Make(std::move(head), {});
  box.AppendShared(part);
  box.AppendLent(part->head().data() + 2000, 0, 9);
  part->Release();
  shared->Release();
  BOOST_TEST(Consume(box, 2000) == Loans{9}, boost::test_tools::per_element());
}

// Memory goes from one that is empty to the next one that needs some.
BOOST_AUTO_TEST_CASE(a_pool_hands_memory_on) {
  Outbox::Pool pool;
  Outbox first(&pool), second(&pool);
  Append(first, "hello");
  const uint8_t* memory = first.own_data();
  Consume(first, 5);
  Append(second, "world");
  BOOST_TEST(second.own_data() == memory);
  BOOST_TEST(Pieces(second) == Strings{"world"});
  // What is in use is not handed on.
  Append(first, "again");
  BOOST_TEST(first.own_data() != memory);
  BOOST_TEST(Pieces(first) == Strings{"again"});
  Consume(second, 5);
  BOOST_TEST(second.own_data() == nullptr);
  // Large memory goes back to the system.
  Append(first, std::string(100000, 'x'));
  Consume(first, first.size());
  Append(second, "a");
  BOOST_TEST(second.own_data() == memory);
  Outbox third(&pool);
  Append(third, "b");
  BOOST_TEST(Pieces(third) == Strings{"b"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
