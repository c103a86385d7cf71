#pragma once

#include "base/traffic.h"

namespace beastws {

// Writes the five figures in the order that lib/metrics.js reads, and returns
// where the next one goes.
inline double* WriteTraffic(const Traffic& traffic, double* out) {
  for (const Counter* counter :
       {&traffic.messages_in, &traffic.bytes_in, &traffic.messages_out,
        &traffic.bytes_out, &traffic.skipped}) {
    *out++ = static_cast<double>(counter->value());
  }
  return out;
}

}  // namespace beastws
