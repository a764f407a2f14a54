#pragma once

#include <string>

#include "base/result.h"

namespace runward {

// libbpf's warnings of this thread are kept from now on, not printed, and those of before
// forgotten.
void KeepBpfWarnings();

// The error of a call to libbpf, with the first warning that it gave: it says more than errno does,
// and those after it say less.
Error BpfError(const std::string& what, int err);

}  // namespace runward
