#include <napi.h>

#include "addon/inline_session.h"
#ifdef BEASTWS_IO_THREAD
#include "addon/io_bridge.h"
#include "addon/tls_bridge.h"
#endif

namespace beastws {

// The root of everything that belongs to one environment (the main thread or a
// worker).
class Addon : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    sessions_->exporter = &exporter_;
    exports.Set("InlineSession", InlineSession::Define(env, sessions_.get()));
#ifdef BEASTWS_IO_THREAD
    exports.Set("IoThread", IoBridge::Define(env, &exporter_));
    tls_bridge::Define(env, exports);
#endif
  }

 private:
  BatchExporter exporter_;
  std::shared_ptr<InlineSession::Shared> sessions_ =
      std::make_shared<InlineSession::Shared>();
};

}  // namespace beastws

using beastws::Addon;

NODE_API_ADDON(Addon)
