#pragma once

#include <span>

#include "base/bytes.h"

namespace beastws::fuzz {

// What is fuzzed. Each target aborts, or trips over a sanitizer, when
// something does not hold; it keeps nothing from one call to the next but the
// pool of Beast's streams.

// Arbitrary bytes, cut at arbitrary places, to a session of either role.
void SessionServer(Bytes input);
void SessionClient(Bytes input);

// Valid traffic made from the input by one session, cut, and read by another
// one: what comes out must be what went in.
void SessionRoundtrip(Bytes input);

// The inflater, against itself in other pieces (and zlib, where it is).
void Inflate(Bytes input);

// The deflater with every setting, read back by the inflater (and zlib).
void Deflate(Bytes input);

// The gate: headers in every form, and what it makes of them.
void Gate(Bytes input);

// Text in fragments and in a close frame, and the close frame itself, against a
// decoder and a list of codes that share nothing with ours.
void Text(Bytes input);

// The head of an HTTP request, whole and cut.
void HttpRequest(Bytes input);

struct Target {
  const char* name;  // also that of its corpus
  void (*run)(Bytes input);
};

std::span<const Target> Targets();

}  // namespace beastws::fuzz
