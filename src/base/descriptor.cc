#include "base/descriptor.h"

#include <fcntl.h>

#include <cerrno>

namespace beastws {

int DuplicateDescriptor(int descriptor) {
  const int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  return copy < 0 ? -errno : copy;
}

}  // namespace beastws
