#include "targets/checked_events.h"
#include "targets/input.h"
#include "targets/targets.h"

namespace beastws::fuzz {

namespace {

// Bytes are read in one piece, byte by byte, and in pieces of the input's
// choice. All must report the same, but for what depends on reads.
Report Receive(const Session::Options& options, Bytes bytes, Input cuts,
               int how) {
  Session session(Pools(), options);
  CheckedEvents events(&options.limits);
  Feed(session, events, bytes, [&]() -> size_t {
    if (how == 0) return bytes.size();
    if (how == 1) return 1;
    return cuts.Byte();
  });
  Require(session.finished() == events.report.over, "finished()");
  return events.report;
}

// Whether two ways of reading have reported the same. How far back a distance
// may reach beyond a small window depends on how much is inflated at once, in
// zlib as well: behind such an error nothing is compared.
bool AreSame(const Session::Options& options, const Report& one,
             const Report& two) {
  if (one.lines == two.lines) return true;
  // Which of two faults is found first, too many bytes or bad ones right behind
  // them, depends on it as well.
  if (one.failed && two.failed && one.lines.size() == two.lines.size() &&
      std::equal(one.lines.begin(), one.lines.end() - 1, two.lines.begin())) {
    const auto begins = [&](const char* text) {
      return one.lines.back().starts_with(text) ||
             two.lines.back().starts_with(text);
    };
    if (begins("error 11/") && begins("error 14/")) return true;
  }
  const bool small_window =
      options.deflate && (options.role == Role::kServer
                              ? options.deflate->client_max_window_bits
                              : options.deflate->server_max_window_bits) < 15;
  if (!small_window) return false;
  const auto checked = [](const Report& report) {
    const bool too_far =
        !report.lines.empty() && report.lines.back() == "error 14/11";
    return report.lines.size() - (too_far ? 1 : 0);
  };
  const size_t count = std::min(checked(one), checked(two));
  if (count == one.lines.size() && count == two.lines.size()) return false;
  return std::equal(one.lines.begin(),
                    one.lines.begin() + static_cast<ptrdiff_t>(count),
                    two.lines.begin());
}

void FuzzSession(Role role, Bytes bytes) {
  Input input(bytes);
  Session::Options options;
  options.role = role;
  const uint8_t flags = input.Byte();
  if (flags & 1) {
    DeflateParams params;
    const uint8_t bits = input.Byte();
    params.server_max_window_bits = 8 + bits % 8;
    params.client_max_window_bits = 8 + bits / 8 % 8;
    params.server_no_context_takeover = flags & 2;
    params.client_no_context_takeover = flags & 4;
    options.deflate = params;
  }
  options.limits.skip_utf8_validation = flags & 8;
  // Bombs must end somewhere: after two windows.
  options.limits.max_payload = flags & 16 ? 300 : 1 << 16;
  options.limits.max_fragments = flags & 32 ? 3 : 0;
  const Input cuts(input.Take(input.Byte() % 16));
  const Bytes traffic = input.Take(SIZE_MAX);

  const Report whole = Receive(options, traffic, cuts, 0);
  // The order of bytes decides, not their arrival: text that is not UTF-8 may
  // be found in the middle of a message, but it is always found.
  const Report bytewise = Receive(options, traffic, cuts, 1);
  Require(AreSame(options, whole, bytewise),
          "byte by byte it is something else");
  const Report cut = Receive(options, traffic, cuts, 2);
  Require(AreSame(options, whole, cut), "cut it is something else");

  // The limit of chunks, which does depend on reads.
  options.limits.max_chunks = 1 + flags / 64;
  Receive(options, traffic, cuts, 2);

  // What was abandoned half way must not disturb the next one.
  Session session(Pools(), {.role = role, .deflate = {}, .limits = {}});
  const ReceiveLimits none;
  CheckedEvents events(&none);
  const uint8_t server_text[] = {0x81, 0x82, 0, 0, 0, 0, 'o', 'k'};
  const uint8_t client_text[] = {0x81, 0x02, 'o', 'k'};
  session.Receive(
      role == Role::kServer ? Bytes(server_text) : Bytes(client_text), events);
  Require(
      events.report.lines.size() == 1 && events.report.lines[0] == "text ok",
      "the next session");
}

}  // namespace

void SessionServer(Bytes input) { FuzzSession(Role::kServer, input); }

void SessionClient(Bytes input) { FuzzSession(Role::kClient, input); }

}  // namespace beastws::fuzz
