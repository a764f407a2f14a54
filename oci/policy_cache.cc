#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <type_traits>

#include "base/file.h"
#include "oci/load.h"
#include "oci/policy_file.h"

namespace runward {
namespace {

constexpr size_t kWorthwhile = size_t{16} << 10;  // bytes of policy; a smaller one is quickly read
constexpr size_t kMaxCacheBytes = size_t{64} << 20;
constexpr size_t kDigestSize = 64;  // SHA-256 in hex

struct FileStamp {
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t size = -1;
  timespec modified{};
  timespec changed{};
};

// The cache's beginning; the document's compiled form follows it.
struct Head {
  char magic[24] = "runward policy cache 1\n";
  FileStamp program;
  FileStamp policy;
  char digest[kDigestSize] = {};
};
static_assert(std::is_trivially_copyable_v<Head> && std::has_unique_object_representations_v<Head>);

FileStamp StampOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim, info.st_ctim};
}

Head HeadFor(const FileStamp& policy) {
  Head head;
  head.program = StampOf("/proc/self/exe");
  head.policy = policy;
  return head;
}

bool Same(const FileStamp& a, const FileStamp& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

// A file can be written twice within one tick of the clock that its times come from.
bool IsSettled(const FileStamp& stamp) {
  constexpr time_t kSeconds = 2;
  timespec now{};
  return clock_gettime(CLOCK_REALTIME, &now) == 0 && stamp.size >= 0 &&
         std::max(stamp.modified.tv_sec, stamp.changed.tv_sec) + kSeconds < now.tv_sec;
}

std::string CacheOf(const Paths& paths) { return paths.run + "/policy.cache"; }

// What is known of the policy with that stamp; "" compiled for nothing.
KnownPolicy Known(const std::string& cache, const FileStamp& stamp) {
  Head head;
  const Head wanted = HeadFor(stamp);
  if (cache.size() <= sizeof head) return {};
  std::memcpy(&head, cache.data(), sizeof head);
  const bool ours = std::memcmp(head.magic, wanted.magic, sizeof head.magic) == 0 &&
                    Same(head.program, wanted.program) && Same(head.policy, stamp);
  if (!ours) return {};
  return {std::string(head.digest, kDigestSize), std::string_view(cache).substr(sizeof head)};
}

// Best effort: what cannot be kept is found out again.
void Keep(const Paths& paths, const FileStamp& stamp, const Policy& policy) {
  const std::string compiled = policy.document->Compiled();
  if (compiled.empty() || policy.digest.size() != kDigestSize) return;
  Head head = HeadFor(stamp);
  std::memcpy(head.digest, policy.digest.data(), kDigestSize);
  std::string content(reinterpret_cast<const char*>(&head), sizeof head);
  content += compiled;
  if (!MakeDirectories(paths.run, true).ok()) return;
  (void)WriteFileAtomic(CacheOf(paths), content, 0600, false).ok();
}

}  // namespace

Result<Policy> LoadPolicyAgain(const Paths& paths) {
  const FileStamp stamp = StampOf(paths.policy);
  if (stamp.size < static_cast<int64_t>(kWorthwhile)) return LoadPolicy(paths);
  std::string text = TRY(ReadPolicyFile(paths, paths.policy, Trust::kOwnerAndParents));
  KeyFiles keys = KeyFilesBeside(paths.policy, Trust::kOwnerAndParents);
  const bool steady = Same(stamp, StampOf(paths.policy)) && IsSettled(stamp);
  if (!steady) return ParsePolicy(std::move(text), paths.policy, keys);
  const auto cache = ReadFileCapped(CacheOf(paths), kMaxCacheBytes, Trust::kOwnerAndParents);
  const KnownPolicy known = cache.ok() ? Known(cache.value(), stamp) : KnownPolicy{};
  if (!known.compiled.empty()) {
    Result<Policy> policy = ReadKnownPolicy(std::move(text), known, paths.policy, keys);
    return policy.ok() ? std::move(policy) : LoadPolicy(paths);
  }
  Result<Policy> policy = ParsePolicy(std::move(text), paths.policy, keys);
  if (policy.ok()) Keep(paths, stamp, policy.value());
  return policy;
}

}  // namespace runward
