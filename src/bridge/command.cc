#include "bridge/command.h"

#include "base/descriptor.h"

namespace beastws {

AttachRequest::~AttachRequest() {
  if (descriptor >= 0) CloseDescriptor(descriptor);
}

}  // namespace beastws
