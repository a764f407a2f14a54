#include "policy/host_view.h"

#include "policy/mount_groups.h"

namespace runward {

bool Beneath(const Location& inner, const Location& outer) {
  if (inner.device != outer.device || !inner.path.starts_with(outer.path)) return false;
  return outer.path == "/" || inner.path.size() == outer.path.size() ||
         inner.path[outer.path.size()] == '/';
}

std::vector<std::string_view> PlacesOf(const RunRule& rule) {
  std::vector<std::string_view> paths;
  if (rule.denied_sources.empty()) return paths;
  for (const std::string& source : rule.denied_sources) {
    const MountGroup* group = FindMountGroup(source);
    if (group == nullptr) {
      paths.emplace_back(source);
    } else {
      paths.insert(paths.end(), group->paths.begin(), group->paths.end());
    }
  }
  paths.insert(paths.end(), rule.allowed_sources.begin(), rule.allowed_sources.end());
  std::string_view last;
  for (const EngineFile& file : EngineFiles()) {
    if (file.directory != last) paths.push_back(file.directory);
    last = file.directory;
  }
  return paths;
}

}  // namespace runward
