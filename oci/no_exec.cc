#include "oci/no_exec.h"

#include <algorithm>

#include "oci/json_edit.h"
#include "oci/spec.h"

namespace runward {
namespace {

bool Has(const JsonValue& options, std::string_view wanted) {
  for (const JsonValue option : options) {
    if (option.text() == wanted) return true;
  }
  return false;
}

bool Excepted(const JsonValue& mount, const std::vector<std::string>& except) {
  const std::string place = CleanPath(mount.Find("destination").text());
  return std::ranges::any_of(except, [&](const std::string& directory) {
    return place == directory || place.starts_with(directory + "/");
  });
}

// The mount, or its text with "noexec" as the last word about it; recursive where it is.
std::string Changed(const JsonValue& mount, const std::vector<std::string>& except) {
  const JsonValue options = mount.Find("options");
  const bool recursive = Has(options, "rbind");
  const bool bind = recursive || Has(options, "bind");
  if (!bind || Excepted(mount, except)) return "";
  const std::string_view list = options.raw();
  const size_t end = list.data() - mount.raw().data() + list.rfind(']');
  std::string text(mount.raw());
  return text.insert(end, recursive ? R"(,"noexec","rnoexec")" : R"(,"noexec")");
}

}  // namespace

std::string WithoutExec(const JsonDocument& config, const std::vector<std::string>& except) {
  const JsonValue mounts = config.root().Find("mounts");
  std::string list;
  bool any = false;
  for (const JsonValue mount : mounts) {
    const std::string changed = Changed(mount, except);
    any |= !changed.empty();
    list.append(list.empty() ? "" : ",").append(changed.empty() ? mount.raw() : changed);
  }
  return any ? WithReplaced(config, mounts, "[" + list + "]") : "";
}

}  // namespace runward
