#include "protocol/frame.h"

#include <boost/test/unit_test.hpp>

#include "protocol/mask_source.h"
#include "support/bytes.h"
#include "support/frames.h"

namespace beastws::test {

BOOST_AUTO_TEST_SUITE(frame)

BOOST_AUTO_TEST_CASE(writes_headers_in_their_shortest_form) {
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{125}, uint64_t{126}, uint64_t{65535},
        uint64_t{65536}, uint64_t{1} << 52, UINT64_MAX >> 1}) {
    for (const bool masked : {false, true}) {
      FrameHeader header;
      header.opcode = Opcode::kText;
      header.fin = !masked;
      header.rsv1 = masked;
      header.masked = masked;
      header.length = length;
      std::copy(kMask.begin(), kMask.end(), header.mask);
      uint8_t bytes[kMaxFrameHeader];
      const size_t size = WriteFrameHeader(header, bytes);
      FrameSpec spec{.opcode = 1,
                     .fin = !masked,
                     .rsv = masked ? 4 : 0,
                     .declared = length};
      if (masked) spec.mask = kMask;
      BOOST_TEST(ToHex(AsString({bytes, size})) == ToHex(MakeFrame(spec)));
    }
  }
}

BOOST_AUTO_TEST_CASE(masks_every_size_at_every_place) {
  const std::string bytes = Pattern(64);
  for (size_t at = 0; at < 9; ++at) {
    for (size_t size = 0; size < 40; ++size) {
      std::string copy = bytes;
      ApplyMask(reinterpret_cast<uint8_t*>(copy.data()) + at, size,
                kMask.data());
      const std::string expected = bytes.substr(0, at) +
                                   Masked(bytes.substr(at, size), kMask) +
                                   bytes.substr(at + size);
      BOOST_TEST(copy == expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(draws_different_masks) {
  MaskSource source, other;
  std::vector<Mask> masks;
  for (int i = 0; i < 2000; ++i) {
    Mask mask;
    source.Next(mask.data());
    masks.push_back(mask);
    other.Next(mask.data());
    masks.push_back(mask);
  }
  std::sort(masks.begin(), masks.end());
  masks.erase(std::unique(masks.begin(), masks.end()), masks.end());
  BOOST_TEST(masks.size() > 3990u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace beastws::test
