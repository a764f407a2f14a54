#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "policy/network_rule.h"
#include "policy/policy.h"
#include "policy/validate.h"

namespace runward {

// Containers as the peers of a network rule (policy/network_rule.h).

// nullopt for a word that is another kind of peer.
std::optional<ContainerPeer> ParseContainerPeer(std::string_view word);
std::string FormatContainerPeer(const ContainerPeer& peer);

// Whether a container of that profile and image is one. An empty profile or image is none's.
bool FitsPeer(const ContainerPeer& peer, std::string_view profile, std::string_view image);

// Whether a rule of the "network" section, or of a profile's, has such a peer.
bool NamesContainers(const JsonValue& network);
bool NamesContainers(const Policy& policy);

// What is wrong with one such peer, as it stands in a rule.
void CheckContainerPeer(const JsonValue& word, const ContainerPeer& peer, Problems& problems);
// Profiles that a rule of the section names, and that are not there.
void CheckPeerProfiles(const JsonValue& network, std::span<const Profile> profiles,
                       Problems& problems);

}  // namespace runward
