#include "secrets/groups.h"

#include <algorithm>

#include "secrets/tmpfs.h"

namespace runward {
namespace {

SecretGroup& GroupOf(std::vector<SecretGroup>& groups, const std::string& directory) {
  const auto found = std::ranges::find(groups, directory, &SecretGroup::directory);
  if (found != groups.end()) return *found;
  return groups.emplace_back(SecretGroup{.directory = directory, .files = {}});
}

Error TooLarge() {
  return Error{"the container's secrets take more than " + std::to_string(kMostSecretBytes >> 20) +
                   " MiB together, more than the tmpfs that holds them",
               "give the profile fewer or smaller secrets"};
}

}  // namespace

Result<size_t> SizeTogether(const std::vector<size_t>& sizes) {
  constexpr size_t kPage = 4096;
  size_t total = 0;
  for (const size_t size : sizes) {
    if (size > kMostSecretBytes) return TooLarge();
    total += (size + kPage - 1) / kPage * kPage;
  }
  if (total > kMostSecretBytes) return TooLarge();
  return total;
}

Result<std::vector<SecretGroup>> GroupSecrets(const IdMaps& maps,
                                              const std::vector<SecretRule>& rules,
                                              const std::vector<std::string_view>& values) {
  std::vector<size_t> sizes;
  sizes.reserve(values.size());
  for (const std::string_view value : values) sizes.push_back(value.size());
  (void)TRY(SizeTogether(sizes));
  std::vector<SecretGroup> groups;
  for (size_t i = 0; i < rules.size(); ++i) {
    const SecretRule& rule = rules[i];
    const Owner owner = TRY(maps.Outside(rule.uid.value_or(0), rule.gid.value_or(0)));
    GroupOf(groups, rule.directory())
        .files.push_back({.name = rule.base_name(),
                          .bytes = values[i],
                          .uid = owner.uid,
                          .gid = owner.gid,
                          .mode = static_cast<mode_t>(rule.mode)});
  }
  return groups;
}

}  // namespace runward
