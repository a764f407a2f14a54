#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "oci/bolt.h"

namespace runward {

// Where containerd keeps what, below its state directory (/var/lib/containerd).
inline constexpr std::string_view kContainerdMetadata = "/io.containerd.metadata.v1.bolt/meta.db";
inline constexpr std::string_view kContainerdBlobs =
    "/io.containerd.content.v1.content/blobs/sha256/";

// Runs `read` on one consistent state: again, when containerd committed something meanwhile.
template <typename F>
auto ReadConsistent(BoltFile& file, F read) -> decltype(read(BoltBucket{})) {
  constexpr int kAttempts = 64;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const BoltBucket root = TRY(file.Begin());
    auto result = read(root);
    if (TRY(file.Unchanged())) return result;
  }
  return Error{"the image store's database changed each time it was read", "try again"};
}

// The bucket of that name; an Error when there is none.
inline Result<BoltBucket> NeedBucket(BoltFile& file, const BoltBucket& bucket,
                                     std::string_view name) {
  auto found = TRY(file.Sub(bucket, name));
  if (!found) return Error{"the image store has no bucket \"" + std::string(name) + "\"", ""};
  return *std::move(found);
}

}  // namespace runward
