#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "handshake.h"

namespace load {

/** The command line of the load generator; see UsageText(). */
struct Options {
  std::string mode = "echo";
  uint16_t port = 0;
  pid_t pid = 0;  // the process to watch
  uint32_t connections = 1;
  uint32_t depth = 1;  // messages in flight on a connection
  size_t size = 64;    // of a message, bytes
  double seconds = 1;
  double warmup = 0.2;  // seconds
  double rate = 0;      // messages a second, mode "rate"
  bool json = false;
  bool raw = false;
  DeflateMode deflate = DeflateMode::kOff;
  std::string tls;  // path of the certificate to trust
};

/** Throws std::invalid_argument with a text for people. */
Options ParseOptions(int argc, char** argv);

const char* UsageText();

}  // namespace load
