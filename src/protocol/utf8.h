#pragma once

#include "base/bytes.h"

namespace beastws {

// Whether `bytes` are UTF-8 as RFC 3629 has it.
bool IsValidUtf8(Bytes bytes);

}  // namespace beastws
