#include "oci/containerd_store.h"

#include <algorithm>
#include <charconv>

#include "base/trusted_path.h"
#include "oci/bolt.h"
#include "oci/containerd_metadata.h"
#include "oci/store_files.h"

namespace runward {
namespace {

constexpr std::string_view kSnapshots = "/io.containerd.snapshotter.v1.overlayfs/snapshots/";
constexpr std::string_view kSnapshotDb = "/io.containerd.snapshotter.v1.overlayfs/metadata.db";
constexpr std::string_view kSnapshotLabel = "containerd.io/gc.ref.snapshot.";
constexpr char kCommitted = 3;  // snapshots.KindCommitted

// The number of ".../snapshots/<N>/fs" below `root`.
std::optional<uint64_t> SnapshotNumber(const std::string& root, const std::string& layer) {
  const std::string prefix = root + std::string(kSnapshots);
  if (!layer.starts_with(prefix) || !layer.ends_with("/fs")) return std::nullopt;
  uint64_t number = 0;
  const char* end = layer.data() + layer.size() - 3;
  const auto [stop, error] = std::from_chars(layer.data() + prefix.size(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// encoding/binary's unsigned varint.
std::string Varint(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(number | 0x80);
  return bytes + static_cast<char>(number);
}

// The index key under which the snapshotter keeps a child's name (storage/bolt.go, parentKey).
std::string ParentKey(uint64_t parent, uint64_t child) {
  return Varint(parent) + '\0' + Varint(child);
}

struct Layers {
  std::string name_space;
  std::vector<Digest> chains;  // topmost first
};

// The committed snapshot with that number, by its place below or above another; "" when unknown.
Result<std::string> TopName(BoltFile& file, const BoltBucket& version,
                            const std::vector<uint64_t>& numbers, std::optional<uint64_t> upper) {
  const auto parents = TRY(file.Sub(version, "parents"));
  if (parents && numbers.size() > 1) {
    const auto name = TRY(file.Get(*parents, ParentKey(numbers[1], numbers[0])));
    if (name) return *name;
  }
  if (!parents || !upper) return std::string();
  const auto active = TRY(file.Get(*parents, ParentKey(numbers[0], *upper)));
  if (!active) return std::string();
  const BoltBucket snapshots = TRY(NeedBucket(file, version, "snapshots"));
  const BoltBucket snapshot = TRY(NeedBucket(file, snapshots, *active));
  return TRY(file.Get(snapshot, "parent")).value_or("");
}

// "default/7/sha256:..." is a chain of the namespace "default".
std::optional<Digest> ChainOfName(std::string_view name, std::string& name_space) {
  const size_t first = name.find('/');
  const size_t second = first == std::string_view::npos ? first : name.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  name_space = name.substr(0, first);
  return Digest::Parse(name.substr(second + 1));
}

Result<Layers> FindLayers(BoltFile& file, const BoltBucket& root,
                          const std::vector<uint64_t>& numbers, std::optional<uint64_t> upper) {
  const BoltBucket version = TRY(NeedBucket(file, root, "v1"));
  const BoltBucket snapshots = TRY(NeedBucket(file, version, "snapshots"));
  std::string name = TRY(TopName(file, version, numbers, upper));
  Layers layers;
  for (const uint64_t number : numbers) {
    if (name.empty()) return Error{"containerd does not know the layers that are mounted", ""};
    const BoltBucket snapshot = TRY(NeedBucket(file, snapshots, name));
    const bool same = TRY(file.Get(snapshot, "id")) == Varint(number);
    const bool committed = TRY(file.Get(snapshot, "kind")) == std::string(1, kCommitted);
    const auto chain = ChainOfName(name, layers.name_space);
    if (!same || !committed || !chain) {
      return Error{"the snapshot \"" + name + "\" is not the layer of an image", ""};
    }
    layers.chains.push_back(*chain);
    name = TRY(file.Get(snapshot, "parent")).value_or("");
  }
  if (!name.empty()) return Error{"fewer layers are mounted than the image has", ""};
  return layers;
}

struct Records {
  std::vector<Digest> configs;  // that a label ties to the chain; not yet read
  std::string name;
};

Result<bool> RefersTo(BoltFile& file, const BoltBucket& blob, const Digest& chain) {
  const auto labels = TRY(file.Sub(blob, "labels"));
  bool refers = false;
  if (!labels) return false;
  TRY(file.ForEach(*labels, [&](std::string_view key, std::string_view value, bool) {
    refers = key.starts_with(kSnapshotLabel) && value == chain.text();
    return !refers;
  }));
  return refers;
}

Result<Records> FindRecords(BoltFile& file, const BoltBucket& root, const Layers& layers,
                            const ContainerId& container) {
  Records records;
  const BoltBucket version = TRY(NeedBucket(file, root, "v1"));
  const BoltBucket space = TRY(NeedBucket(file, version, layers.name_space));
  const auto containers = TRY(file.Sub(space, "containers"));
  if (containers) {
    const auto entry = TRY(file.Sub(*containers, container.text()));
    if (entry) records.name = TRY(file.Get(*entry, "image")).value_or("");
  }
  const auto content = TRY(file.Sub(space, "content"));
  const auto blobs = content ? TRY(file.Sub(*content, "blob")) : std::nullopt;
  if (!blobs) return records;
  Result<void> failed;
  TRY(file.ForEach(*blobs, [&](std::string_view key, std::string_view value, bool is_bucket) {
    const auto digest = Digest::Parse(key);
    auto blob = BoltFile::BucketOf(value);
    if (!digest || !is_bucket || !blob.ok()) return true;
    const Result<bool> refers = RefersTo(file, blob.value(), layers.chains.front());
    if (!refers.ok()) failed = refers.error();
    if (refers.ok() && refers.value()) records.configs.push_back(*digest);
    return refers.ok();
  }));
  TRY(std::move(failed));
  return records;
}

void KeepTrueConfigs(const std::string& root, const Records& records, ImageEvidence& image) {
  for (const Digest& config : records.configs) {
    const auto text =
        ReadConfigBlob(root + std::string(kContainerdBlobs) + std::string(config.hex()), config);
    if (text && ChainsOfConfig(*text) == image.prefixes) image.configs.push_back(config);
  }
  std::ranges::sort(image.configs);
  image.config_certain = image.configs.size() == 1;
}

ImageEvidence Without(std::string why) {
  return {.store = "containerd-overlayfs", .why = std::move(why)};
}

}  // namespace

std::optional<std::string> ContainerdRootOf(const std::string& lower) {
  const size_t snapshots = lower.rfind(kSnapshots);
  if (snapshots == std::string::npos || snapshots == 0) return std::nullopt;
  const std::string root = lower.substr(0, snapshots);
  if (!SnapshotNumber(root, lower)) return std::nullopt;
  return root;
}

Result<ImageEvidence> IdentifyContainerd(const std::string& root,
                                         const std::vector<std::string>& lower,
                                         const std::string& upper, const ContainerId& container) {
  std::vector<uint64_t> numbers;
  for (const std::string& layer : lower) {
    const auto number = SnapshotNumber(root, layer);
    if (!number) return Without("the layer \"" + layer + "\" is not one of containerd's store");
    const Result<std::string> resolved = ResolveUnderTrusted(layer);
    if (!resolved.ok()) return Without(resolved.error().message);
    numbers.push_back(*number);
  }
  Result<BoltFile> snapshots = BoltFile::Open(root + std::string(kSnapshotDb));
  if (!snapshots.ok()) return Without(snapshots.error().message);
  const auto layers = ReadConsistent(snapshots.value(), [&](const BoltBucket& bucket) {
    return FindLayers(snapshots.value(), bucket, numbers, SnapshotNumber(root, upper));
  });
  if (!layers.ok()) return Without(layers.error().message);

  ImageEvidence image{.store = "containerd-overlayfs"};
  image.prefixes = layers.value().chains;
  std::ranges::reverse(image.prefixes);
  image.chain = image.prefixes.back();
  Result<BoltFile> meta = BoltFile::Open(root + std::string(kContainerdMetadata));
  if (!meta.ok()) return Without(meta.error().message);
  const auto records = ReadConsistent(meta.value(), [&](const BoltBucket& bucket) {
    return FindRecords(meta.value(), bucket, layers.value(), container);
  });
  if (!records.ok()) return Without(records.error().message);
  image.unsigned_name = records.value().name;
  KeepTrueConfigs(root, records.value(), image);
  return image;
}

}  // namespace runward
