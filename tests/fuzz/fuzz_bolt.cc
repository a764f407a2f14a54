#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "oci/bolt.h"

// Property: whatever the bytes are, a walk and look-ups end, in an answer or an error, and what the
// walk saw is what a look-up finds as long as its keys are in order, as a sound file's are.
namespace {

using runward::BoltBucket;
using runward::BoltFile;

void Explore(BoltFile& file, const BoltBucket& bucket, int depth) {
  std::vector<std::pair<std::string, std::string>> values;
  bool in_order = true;
  std::optional<std::string> last;
  const auto walked =
      file.ForEach(bucket, [&](std::string_view key, std::string_view value, bool is_bucket) {
        in_order = in_order && (!last || *last < key);
        last = key;
        if (!is_bucket && values.size() < 16) values.emplace_back(key, value);
        const auto below = BoltFile::BucketOf(value);
        if (is_bucket && depth < 4 && below.ok()) Explore(file, below.value(), depth + 1);
        return true;
      });
  if (!walked.ok() || !in_order || bucket.root != 0) return;
  for (const auto& [key, value] : values) {
    const auto found = file.Get(bucket, key);
    if (!found.ok() || found.value() != value) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  runward::UniqueFd fd(memfd_create("bolt", MFD_CLOEXEC));
  if (!fd.valid() || write(fd.get(), data, size) != static_cast<ssize_t>(size)) return 0;
  auto file = BoltFile::FromFd(std::move(fd));
  if (!file.ok()) return 0;
  const auto root = file.value().Begin();
  if (root.ok()) Explore(file.value(), root.value(), 0);
  return 0;
}
