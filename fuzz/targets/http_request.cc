#include "protocol/http_request_head.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

using Result = HttpRequestHead::Result;

struct Verdict {
  Result result = Result::kIncomplete;
  HttpRequestHead head;
};

// Looks again after every `step` bytes, as a connection does.
Verdict Read(Bytes bytes, size_t step, const HttpLimits& limits) {
  Verdict verdict;
  size_t scanned = 0;
  while (scanned < bytes.size() && verdict.result == Result::kIncomplete) {
    const size_t size = std::min(bytes.size(), scanned + step);
    const std::vector<uint8_t> exact(
        bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    verdict.head = {};
    verdict.result =
        ParseHttpRequestHead(exact, scanned, limits, &verdict.head);
    scanned = size;
  }
  return verdict;
}

// Three lines for the first one, two for each field; names are tokens.
void CheckText(std::string_view text) {
  size_t lines = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    Require(end != text.npos, "a line without an end");
    const std::string_view line = text.substr(0, end);
    Require(line.find('\r') == line.npos, "a line break in a line");
    Require(line.find('\0') == line.npos, "a zero");
    if (lines == 0 || (lines > 2 && lines % 2 == 1)) {
      Require(!line.empty(), "a name that is empty");
      for (const char c : line) {
        Require(c > ' ' && c < 0x7f && c != ':', "a name that is no token");
      }
    }
    if (lines == 2) Require(line == "0" || line == "1", "the version");
    ++lines;
    text.remove_prefix(end + 1);
  }
  Require(lines >= 3 && lines % 2 == 1, "a field without a value");
}

}  // namespace

void HttpRequest(Bytes bytes) {
  Input input(bytes);
  const uint8_t flags = input.Byte();
  HttpLimits limits;
  if (flags & 1) limits.max_header_size = 1 + input.UpTo(200);
  if (flags & 2) limits.max_headers = input.UpTo(3);
  const size_t step = 1 + flags / 4;
  const Bytes text = input.Take(SIZE_MAX);

  const Verdict whole = Read(text, SIZE_MAX / 2, limits);
  const Verdict cut = Read(text, step, limits);
  Require(
      (whole.result == Result::kComplete) == (cut.result == Result::kComplete),
      "cut it is something else");
  if (whole.result != Result::kComplete) return;
  Require(whole.head.text == cut.head.text, "cut it has other fields");
  Require(whole.head.size == cut.head.size, "cut it has another size");
  Require(
      whole.head.size >= 4 && whole.head.size <= text.size() &&
          std::equal(text.begin() + static_cast<ptrdiff_t>(whole.head.size) - 4,
                     text.begin() + static_cast<ptrdiff_t>(whole.head.size),
                     "\r\n\r\n"),
      "the size");
  Require(whole.head.size <= limits.max_header_size, "the limit of bytes");
  CheckText(whole.head.text);
  Require(static_cast<size_t>(std::count(whole.head.text.begin(),
                                         whole.head.text.end(), '\n')) <=
              3 + 2 * limits.max_headers,
          "the limit of fields");
}

}  // namespace beastws::fuzz
