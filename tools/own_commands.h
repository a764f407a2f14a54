#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "policy/policy.h"
#include "tools/local_images.h"

namespace runward {

// An image whose own command the command rules of its profile forbid: its containers would be
// refused, unless they are given another command.
struct ForbiddenOwnCommand {
  std::string image;
  std::string profile;
  bool enforced = true;
  std::string reason;  // `"/bin/sh" is denied by the command "sh"`
};

// Which profile governs is decided as at a start, with the verdicts on file. What the image's files
// are is looked up in its layers; without them only names are compared, and nothing is said that
// they might contradict.
std::vector<ForbiddenOwnCommand> FindForbidden(const Paths& paths, const Policy& policy,
                                               const std::vector<StoredImage>& images);

}  // namespace runward
