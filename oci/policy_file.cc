#include "oci/policy_file.h"

#include <string>

#include "base/file.h"
#include "oci/load.h"

namespace runward {
namespace {

constexpr size_t kMaxKeyBytes = size_t{16} << 10;

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::string> KeyFiles::ReadKey(std::string_view name) {
  const std::string path =
      name.starts_with('/') ? std::string(name) : directory_ + "/" + std::string(name);
  return ReadFileCapped(path, kMaxKeyBytes, trust_);
}

KeyFiles KeyFilesBeside(const std::string& policy_path, Trust trust) {
  return {DirectoryOf(policy_path), trust};
}

Result<std::string> ReadPolicyFile(const Paths& paths, const std::string& path, Trust trust) {
  auto text = ReadFileCapped(path, kMaxPolicyBytes, trust);
  if (!text.ok() && FileMissing(path)) {
    const std::string flag = paths.root_flag.empty() ? "" : paths.root_flag + " ";
    return Error{"there is no policy at \"" + path + "\"", "runwardctl " + flag + "policy init"};
  }
  return text;
}

Result<Policy> LoadPolicy(const Paths& paths) {
  std::string text = TRY(ReadPolicyFile(paths, paths.policy, Trust::kOwnerAndParents));
  KeyFiles keys = KeyFilesBeside(paths.policy, Trust::kOwnerAndParents);
  return ParsePolicy(std::move(text), paths.policy, keys);
}

}  // namespace runward
