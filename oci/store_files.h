#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "policy/names.h"

namespace runward {

// Chain IDs from the lowest layer up, for an image config's rootfs.diff_ids; empty when the text is
// no image config (image-spec config.md) or one with malformed or more than 1,000 diff IDs.
std::vector<Digest> ChainsOfConfig(const std::string& config_text);

// An image config, read from `path` and accepted only when its bytes have the digest: nullopt when
// it is missing, another file, or not root's.
std::optional<std::string> ReadConfigBlob(const std::string& path, const Digest& digest);

// A short file of one line (a digest, a cache id), without the newline. The file must be root's;
// the directories above it are the caller's to check, once for many files.
Result<std::string> ReadLine(const std::string& path);

// The name of the layer that a short link of an overlay driver leads to: "../<name>/diff". Docker
// and containers/storage mount layers by such links, because a mount's options are one page.
std::optional<std::string> LayerOfLink(const std::string& link);

}  // namespace runward
