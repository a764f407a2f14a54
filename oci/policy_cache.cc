#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <type_traits>

#include "base/file.h"
#include "base/file_stamp.h"
#include "oci/load.h"
#include "oci/policy_file.h"

namespace runward {
namespace {

constexpr size_t kWorthwhile = size_t{16} << 10;  // bytes of policy; a smaller one is quickly read
constexpr size_t kMaxCacheBytes = size_t{64} << 20;
constexpr size_t kDigestSize = 64;  // SHA-256 in hex

// The cache's beginning; the document's compiled form follows it, then its text.
struct Head {
  char magic[24] = "runward policy cache 2\n";
  FileStamp program;
  FileStamp policy;
  char digest[kDigestSize] = {};
};
static_assert(sizeof(Head) % JsonDocument::kCompiledAlignment == 0);
static_assert(std::is_trivially_copyable_v<Head> && std::has_unique_object_representations_v<Head>);

Head HeadFor(const FileStamp& policy) {
  Head head;
  head.program = StampOf("/proc/self/exe");
  head.policy = policy;
  return head;
}

// A file can be written twice within one tick of the clock that its times come from.
bool IsSettled(const FileStamp& stamp) {
  constexpr time_t kSeconds = 2;
  timespec now{};
  return clock_gettime(CLOCK_REALTIME, &now) == 0 && stamp.size >= 0 &&
         std::max(stamp.modified.tv_sec, stamp.changed.tv_sec) + kSeconds < now.tv_sec;
}

std::string CacheOf(const Paths& paths) { return paths.run + "/policy.cache"; }

// What the cache knows of the policy with that stamp; no text: nothing.
KnownPolicy Known(const Paths& paths, const FileStamp& stamp) {
  auto cache = MapFileCapped(CacheOf(paths), kMaxCacheBytes, Trust::kOwnerAndParents);
  if (!cache.ok()) return {};
  const std::string_view bytes = cache.value().bytes;
  const auto text_size = static_cast<size_t>(stamp.size);
  Head head;
  const Head wanted = HeadFor(stamp);
  if (bytes.size() <= sizeof head + text_size) return {};
  std::memcpy(&head, bytes.data(), sizeof head);
  const bool ours = std::memcmp(head.magic, wanted.magic, sizeof head.magic) == 0 &&
                    head.program == wanted.program && head.policy == stamp;
  if (!ours) return {};
  return {.text = bytes.substr(bytes.size() - text_size),
          .compiled = bytes.substr(sizeof head, bytes.size() - sizeof head - text_size),
          .digest = std::string(head.digest, kDigestSize),
          .owner = std::move(cache.value().owner)};
}

// Best effort: what cannot be kept is found out again. Synced: after a power failure a file that
// was renamed may be there without all of its content.
void Keep(const Paths& paths, const FileStamp& stamp, const Policy& policy) {
  const std::string compiled = policy.document->Compiled();
  const std::string_view text = policy.document->text();
  const bool whole = !compiled.empty() && policy.digest.size() == kDigestSize &&
                     text.size() == static_cast<size_t>(stamp.size);
  if (!whole) return;
  Head head = HeadFor(stamp);
  std::memcpy(head.digest, policy.digest.data(), kDigestSize);
  std::string content(reinterpret_cast<const char*>(&head), sizeof head);
  content += compiled;
  content += text;
  if (!MakeDirectories(paths.run, true).ok()) return;
  (void)WriteFileAtomic(CacheOf(paths), content, 0600, true).ok();
}

}  // namespace

Result<Policy> LoadPolicyAgain(const Paths& paths) {
  if (StampOf(paths.policy.c_str()).size < static_cast<int64_t>(kWorthwhile)) {
    return LoadPolicy(paths);
  }
  const UniqueFd file = TRY(OpenTrusted(paths.policy, Trust::kOwnerAndParents));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoError("stat \"" + paths.policy + "\"", errno);
  const FileStamp stamp = StampOf(info);
  if (!IsSettled(stamp)) return LoadPolicy(paths);
  KeyFiles keys = KeyFilesBeside(paths.policy, Trust::kOwnerAndParents);
  KnownPolicy known = Known(paths, stamp);
  if (!known.text.empty()) {
    Result<Policy> policy = ReadKnownPolicy(std::move(known), paths.policy, keys);
    return policy.ok() ? std::move(policy) : LoadPolicy(paths);
  }
  std::string text = TRY(ReadFdCapped(file.get(), kMaxPolicyBytes, paths.policy));
  const bool steady = fstat(file.get(), &info) == 0 && stamp == StampOf(info);
  Result<Policy> policy = ParsePolicy(std::move(text), paths.policy, keys);
  if (policy.ok() && steady) Keep(paths, stamp, policy.value());
  return policy;
}

}  // namespace runward
