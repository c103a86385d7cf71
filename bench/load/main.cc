// A WebSocket load generator: many connections, one thread, every byte checked.

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>

#include "child_process.h"
#include "closed_loop.h"
#include "corpus.h"
#include "json_line.h"
#include "options.h"
#include "rate.h"
#include "scenario.h"

namespace load {

std::unique_ptr<Scenario> MakeScenario(const Materials& materials) {
  const std::string& mode = materials.options->mode;
  if (mode == "echo") return std::make_unique<EchoScenario>(materials);
  if (mode == "fanout") return std::make_unique<FanOutScenario>(materials);
  if (mode == "rate") return std::make_unique<RateScenario>(materials);
  if (mode == "connect") return std::make_unique<ConnectScenario>(materials);
  if (mode == "idle") return std::make_unique<IdleScenario>(materials);
  if (mode == "sink") return std::make_unique<SinkScenario>(materials);
  throw std::invalid_argument("unknown mode " + mode);
}

namespace {

std::unique_ptr<Corpus> MakeCorpus(const Options& options) {
  if (options.deflate != DeflateMode::kOff) {
    return std::make_unique<DeflatedCorpus>(
        options.size, options.deflate == DeflateMode::kTakeover);
  }
  const Framing framing = options.raw ? Framing::kRawEcho : Framing::kClient;
  return std::make_unique<StampedCorpus>(options.size, options.json, framing);
}

int Main(int argc, char** argv) {
  const Options options = ParseOptions(argc, argv);
  const std::unique_ptr<Corpus> corpus = MakeCorpus(options);
  std::unique_ptr<TlsContext> tls;
  if (!options.tls.empty()) tls = std::make_unique<TlsContext>(options.tls);

  Materials materials;
  materials.options = &options;
  materials.setup.port = options.port;
  materials.setup.corpus = corpus.get();
  materials.setup.tls = tls.get();
  materials.setup.deflate = options.deflate;
  materials.setup.raw = options.raw;
  return MakeScenario(materials)->Run();
}

}  // namespace
}  // namespace load

int main(int argc, char** argv) {
  load::PrepareProcess();
  // A run is never meant to last for ever, even if its deadlines fail.
  alarm(600);
  try {
    return load::Main(argc, argv);
  } catch (const std::invalid_argument& error) {
    fprintf(stderr, "%s\n%s", error.what(), load::UsageText());
    return 2;
  } catch (const std::exception& error) {
    load::JsonLine("error").Text("message", error.what()).Print();
    return 1;
  }
}
