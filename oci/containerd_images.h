#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "policy/names.h"

namespace runward {

// An image in containerd's metadata.
struct ContainerdImage {
  std::string name;                       // as its client calls it
  Digest target;                          // of its manifest, or of an index of several
  std::vector<std::string> repositories;  // "registry.example.com/web", from which it was pulled
};

bool HasContainerdStore(const std::string& root);

// The images of all namespaces below containerd's state directory, read while containerd holds the
// database. Who may use containerd's socket can write there what they like: good for knowing what
// to ask a registry about, never for a decision.
Result<std::vector<ContainerdImage>> ListContainerdImages(const std::string& root);

// Where the content store has that blob.
std::string ContainerdBlob(const std::string& root, const Digest& digest);

}  // namespace runward
