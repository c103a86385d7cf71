#include "options.h"

#include <cstdlib>
#include <stdexcept>

namespace load {
namespace {

double Number(const std::string& name, const std::string& text, double least,
              double most) {
  char* end = nullptr;
  const double value = strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(value >= least && value <= most)) {
    throw std::invalid_argument("bad value for " + name + ": " + text);
  }
  return value;
}

DeflateMode Deflate(const std::string& text) {
  if (text == "takeover") return DeflateMode::kTakeover;
  if (text == "fresh") return DeflateMode::kFresh;
  throw std::invalid_argument("bad value for --deflate: " + text);
}

}  // namespace

const char* UsageText() {
  return "usage: load --port N [--mode echo|fanout|rate|connect|idle|sink] "
         "[--pid N]\n"
         "            [--connections N] [--depth N] [--size BYTES] [--seconds "
         "S] [--warmup S]\n"
         "            [--rate N] [--json] [--deflate takeover|fresh] [--tls "
         "CERT.pem] [--raw]\n";
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--json") {
      options.json = true;
      continue;
    }
    if (name == "--raw") {
      options.raw = true;
      continue;
    }
    if (i + 1 == argc) throw std::invalid_argument("no value for " + name);
    const std::string value = argv[++i];
    if (name == "--mode") {
      options.mode = value;
    } else if (name == "--port") {
      options.port = static_cast<uint16_t>(Number(name, value, 1, 65535));
    } else if (name == "--pid") {
      options.pid = static_cast<pid_t>(Number(name, value, 1, 1 << 30));
    } else if (name == "--connections") {
      options.connections =
          static_cast<uint32_t>(Number(name, value, 1, 100000));
    } else if (name == "--depth") {
      options.depth = static_cast<uint32_t>(Number(name, value, 1, 4096));
    } else if (name == "--size") {
      options.size = static_cast<size_t>(Number(name, value, 8, 1 << 28));
    } else if (name == "--seconds") {
      options.seconds = Number(name, value, 0.1, 3600);
    } else if (name == "--warmup") {
      options.warmup = Number(name, value, 0, 60);
    } else if (name == "--rate") {
      options.rate = Number(name, value, 1, 1e7);
    } else if (name == "--deflate") {
      options.deflate = Deflate(value);
    } else if (name == "--tls") {
      options.tls = value;
    } else {
      throw std::invalid_argument("unknown option " + name);
    }
  }
  if (options.port == 0) throw std::invalid_argument("no --port");
  if (options.raw &&
      (!options.tls.empty() || options.deflate != DeflateMode::kOff)) {
    throw std::invalid_argument("--raw goes with neither --tls nor --deflate");
  }
  return options;
}

}  // namespace load
