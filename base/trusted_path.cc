#include "base/trusted_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "base/fd.h"
#include "base/rootless.h"

namespace runward {
namespace {

Result<void> CheckComponent(const std::string& part, const std::string& path, bool is_parent) {
  struct stat info {};
  if (lstat(part.c_str(), &info) != 0) return ErrnoError("stat \"" + part + "\"", errno);
  // Group root's too: where there is an access control list, these bits are its mask.
  const bool others = (info.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  if (others && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {  // no advice for /dev/null
    return Error{"refusing \"" + path + "\": it is not a regular file", ""};
  }
  if (!OwnedByRoot(info.st_uid) && info.st_uid != geteuid()) {
    return Error{"refusing \"" + path + "\": \"" + part + "\" belongs to user " +
                     std::to_string(info.st_uid) + ", not to root",
                 "chown root:root " + part};
  }
  const bool sticky = is_parent && (info.st_mode & S_ISVTX) != 0;
  if (others && !sticky) {
    return Error{"refusing \"" + path + "\": users other than root may write \"" + part + "\"",
                 "chmod go-w " + part};
  }
  return {};
}

Result<void> CheckAbove(const std::string& resolved, const std::string& path) {
  for (std::string part = resolved; part.size() > 1;) {
    const size_t slash = part.rfind('/');
    part.resize(slash == 0 ? 1 : slash);
    TRY(CheckComponent(part, path, true));
  }
  return {};
}

}  // namespace

Result<std::string> Resolve(const std::string& path) {
  const CHandle<char, std::free> resolved(realpath(path.c_str(), nullptr));
  if (resolved == nullptr) return ErrnoError("resolve \"" + path + "\"", errno);
  return std::string(resolved.get());
}

Result<std::string> ResolveUnderTrusted(const std::string& path) {
  const std::string resolved = TRY(Resolve(path));
  TRY(CheckAbove(resolved, path));
  return resolved;
}

Result<std::string> ResolveTrusted(const std::string& path) {
  const std::string resolved = TRY(Resolve(path));
  TRY(CheckComponent(resolved, path, false));
  TRY(CheckAbove(resolved, path));
  return resolved;
}

}  // namespace runward
