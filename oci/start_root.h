#pragma once

#include <string>

#include "base/result.h"
#include "oci/image.h"
#include "oci/root_cover.h"
#include "oci/spec.h"
#include "policy/decide.h"

namespace runward {

// What a start would have as its root, and which image that is.
struct StartRoot {
  std::string rootfs;  // resolved; "" when it could not be
  RootCover cover;
  ImageEvidence image;  // has its name, signed or not; no identity under a cover
};

// A root filesystem that is not there, or that somebody else could exchange, has no identity; the
// real runtime will say what else is wrong with it. Fails when a store cannot be read.
Result<StartRoot> LookAtRoot(const Spec& spec, const ContainerId& id);

}  // namespace runward
