#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/paths.h"
#include "base/result.h"
#include "policy/policy.h"

namespace runward {

// Reads the keys that a policy names from the folder it lies in; each must be root's
// (Trust::kOwnerAndParents) and of at most 16 KiB.
class KeyFiles : public KeySource {
 public:
  explicit KeyFiles(std::string directory) : directory_(std::move(directory)) {}
  Result<std::string> ReadKey(std::string_view name) override;

 private:
  std::string directory_;
};

KeyFiles KeyFilesBeside(const std::string& policy_path);

// The text of a policy file under the same demands. When there is none, the hint is the command
// that makes one, with the installation of `paths`.
Result<std::string> ReadPolicyFile(const Paths& paths, const std::string& path);

}  // namespace runward
