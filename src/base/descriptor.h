#pragma once

namespace beastws {

// A copy of a descriptor that child processes do not inherit, or minus errno.
int DuplicateDescriptor(int descriptor);

void CloseDescriptor(int descriptor);

}  // namespace beastws
