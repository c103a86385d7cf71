#include "protocol/utf8.h"

#include <boost/beast/websocket/detail/utf8_checker.hpp>

namespace beastws {

bool IsValidUtf8(Bytes bytes) {
  // The checker steps back from the end: not from a null pointer.
  if (bytes.empty()) return true;
  // The checker that Beast's stream uses for text that is not compressed.
  boost::beast::websocket::detail::utf8_checker checker;
  checker.reset();
  return checker.write(bytes.data(), bytes.size()) && checker.finish();
}

}  // namespace beastws
