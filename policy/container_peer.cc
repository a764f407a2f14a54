#include "policy/container_peer.h"

#include <algorithm>
#include <functional>

#include "base/glob.h"
#include "policy/nearest.h"
#include "policy/wording.h"

namespace runward {
namespace {

constexpr std::string_view kProfile = "profile:";
constexpr std::string_view kImage = "image:";

using Found = std::function<void(const JsonValue&, const ContainerPeer&)>;

void EachPeerOf(const JsonValue& rules, const char* key, const Found& found) {
  for (const JsonValue rule : rules) {
    for (const JsonValue word : rule.Find(key)) {
      if (const auto peer = ParseContainerPeer(word.text())) found(word, *peer);
    }
  }
}

// Calls `found` with each peer of the section that is one of containers.
void EachPeer(const JsonValue& network, const Found& found) {
  for (const char* list : {"allow", "deny", "rules"}) {
    EachPeerOf(network.Find("egress").Find(list), "to", found);
    EachPeerOf(network.Find("ingress").Find(list), "from", found);
  }
}

}  // namespace

std::optional<ContainerPeer> ParseContainerPeer(std::string_view word) {
  const bool image = word.starts_with(kImage);
  if (!image && !word.starts_with(kProfile)) return std::nullopt;
  word.remove_prefix(image ? kImage.size() : kProfile.size());
  return ContainerPeer{.image = image, .pattern = std::string(word)};
}

std::string FormatContainerPeer(const ContainerPeer& peer) {
  return std::string(peer.image ? kImage : kProfile) + peer.pattern;
}

bool FitsPeer(const ContainerPeer& peer, std::string_view profile, std::string_view image) {
  if (!peer.image) return !profile.empty() && peer.pattern == profile;
  return !image.empty() && GlobMatch(peer.pattern, image);
}

bool NamesContainers(const JsonValue& network) {
  bool names = false;
  EachPeer(network, [&names](const JsonValue&, const ContainerPeer&) { names = true; });
  return names;
}

bool NamesContainers(const Policy& policy) {
  return std::ranges::any_of(
      policy.profiles, [](const Profile& profile) { return NamesContainers(profile.network); });
}

void CheckContainerPeer(const JsonValue& word, const ContainerPeer& peer, Problems& problems) {
  if (!peer.pattern.empty()) return;
  problems.At(word, Quoted(word.text()) + " names no containers",
              peer.image ? "write \"image:registry.example.com/web/*\""
                         : "write \"profile:\" and a profile's name");
}

void CheckPeerProfiles(const JsonValue& network, std::span<const Profile> profiles,
                       Problems& problems) {
  std::vector<std::string_view> names;
  for (const Profile& profile : profiles) names.push_back(profile.name);
  EachPeer(network, [&](const JsonValue& word, const ContainerPeer& peer) {
    if (peer.image || std::ranges::find(names, peer.pattern) != names.end()) return;
    const std::string_view nearest = NearestName(peer.pattern, names);
    problems.At(word, "there is no profile " + Quoted(peer.pattern),
                nearest.empty() ? "name a profile of this policy"
                                : "did you mean \"profile:" + std::string(nearest) + "\"?");
  });
}

}  // namespace runward
