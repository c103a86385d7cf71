#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/bytes.h"
#include "targets/targets.h"

// Runs the fuzz targets on what was found worth keeping (fuzz/corpus).

namespace beastws::test {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(corpus)

BOOST_AUTO_TEST_CASE(replays) {
  for (const fuzz::Target& target : fuzz::Targets()) {
    const fs::path dir = fs::path("fuzz/corpus") / target.name;
    BOOST_TEST_REQUIRE(fs::is_directory(dir), dir);
    size_t count = 0;
    for (const auto& entry : fs::directory_iterator(dir)) {
      const std::string bytes = ReadFile(entry.path());
      // A target that fails ends the program: say where.
      BOOST_TEST_CHECKPOINT(entry.path());
      BOOST_TEST_MESSAGE(entry.path());
      target.run(AsBytes(bytes));
      ++count;
    }
    BOOST_TEST(count > 0u, dir << " is empty");
  }
}

BOOST_AUTO_TEST_CASE(short_inputs) {
  for (const fuzz::Target& target : fuzz::Targets()) {
    target.run({});
    for (int first = 0; first < 256; ++first) {
      const uint8_t bytes[] = {static_cast<uint8_t>(first), 0x81, 0x05, 0x48};
      target.run({bytes, 1});
      target.run({bytes, 4});
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
