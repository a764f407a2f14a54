#include "oci/containerd_images.h"

#include <unistd.h>

#include <algorithm>

#include "oci/containerd_metadata.h"

namespace runward {
namespace {

using Images = std::vector<ContainerdImage>;

constexpr std::string_view kSource = "containerd.io/distribution.source.";

// "host/repository", with the port that the label leaves out where the image's name has it.
std::string Whole(std::string_view host, std::string_view repository, std::string_view name) {
  std::string whole(host);
  whole.append("/").append(repository);
  const std::string_view authority = name.substr(0, name.find('/'));
  const bool ported = authority.size() > host.size() && authority.starts_with(host) &&
                      authority[host.size()] == ':';
  if (!ported) return whole;
  std::string with_port(authority);
  with_port.append("/").append(repository);
  const std::string_view rest = name.substr(std::min(with_port.size(), name.size()));
  const bool same =
      name.starts_with(with_port) && (rest.empty() || rest[0] == ':' || rest[0] == '@');
  return same ? with_port : whole;
}

// "library/busybox,other/name" of the label "…source.docker.io".
void AddRepositories(std::string_view host, std::string_view listed, std::string_view name,
                     std::vector<std::string>& repositories) {
  for (size_t at = 0; at <= listed.size();) {
    const size_t end = std::min(listed.find(',', at), listed.size());
    if (end > at) repositories.push_back(Whole(host, listed.substr(at, end - at), name));
    at = end + 1;
  }
}

Result<std::vector<std::string>> RepositoriesOf(BoltFile& file, const BoltBucket& space,
                                                const Digest& digest, std::string_view name) {
  std::vector<std::string> repositories;
  auto bucket = TRY(file.Sub(space, "content"));
  for (const std::string_view step :
       {std::string_view("blob"), std::string_view(digest.text()), std::string_view("labels")}) {
    if (!bucket) return repositories;
    bucket = TRY(file.Sub(*bucket, step));
  }
  if (!bucket) return repositories;
  TRY(file.ForEach(*bucket, [&](std::string_view key, std::string_view value, bool is_bucket) {
    if (!is_bucket && key.starts_with(kSource)) {
      AddRepositories(key.substr(kSource.size()), value, name, repositories);
    }
    return true;
  }));
  return repositories;
}

Result<void> AddImage(BoltFile& file, const BoltBucket& space, std::string_view name,
                      const BoltBucket& image, Images& images) {
  const auto target = TRY(file.Sub(image, "target"));
  const auto text = target ? TRY(file.Get(*target, "digest")) : std::nullopt;
  const auto digest = text ? Digest::Parse(*text) : std::nullopt;
  if (!digest) return {};  // its engine could not start it either
  std::vector<std::string> repositories = TRY(RepositoriesOf(file, space, *digest, name));
  images.push_back(
      {.name = std::string(name), .target = *digest, .repositories = std::move(repositories)});
  return {};
}

// Calls `visit` with each bucket in the bucket, until one fails.
template <typename F>
Result<void> EachBucket(BoltFile& file, const BoltBucket& bucket, F visit) {
  Result<void> failed;
  TRY(file.ForEach(bucket, [&](std::string_view key, std::string_view value, bool is_bucket) {
    if (!is_bucket) return true;
    const auto inner = BoltFile::BucketOf(value);
    failed = inner.ok() ? visit(key, inner.value()) : Result<void>(inner.error());
    return failed.ok();
  }));
  return failed;
}

Result<Images> ReadImages(BoltFile& file, const BoltBucket& root) {
  Images images;
  const BoltBucket version = TRY(NeedBucket(file, root, "v1"));
  const auto read_space = [&](std::string_view, const BoltBucket& space) -> Result<void> {
    const auto listed = TRY(file.Sub(space, "images"));
    if (!listed) return {};
    return EachBucket(file, *listed, [&](std::string_view name, const BoltBucket& image) {
      return AddImage(file, space, name, image, images);
    });
  };
  TRY(EachBucket(file, version, read_space));
  return images;
}

}  // namespace

bool HasContainerdStore(const std::string& root) {
  return access((root + std::string(kContainerdMetadata)).c_str(), R_OK) == 0;
}

Result<Images> ListContainerdImages(const std::string& root) {
  BoltFile file = TRY(BoltFile::Open(root + std::string(kContainerdMetadata)));
  return ReadConsistent(file, [&](const BoltBucket& bucket) { return ReadImages(file, bucket); });
}

std::string ContainerdBlob(const std::string& root, const Digest& digest) {
  return root + std::string(kContainerdBlobs) + std::string(digest.hex());
}

}  // namespace runward
