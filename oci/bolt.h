#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace runward {

// A bucket of a bolt file: a tree's root page, or a small tree kept inline in its parent.
struct BoltBucket {
  uint64_t root = 0;    // page id; 0 when inline
  std::string inlined;  // the inline page's bytes
};

// Reads a bbolt database (go.etcd.io/bbolt, format version 2) while its owner holds the lock and
// writes. The owner copies pages before it changes them and names a new tree by writing a meta page
// last, so everything read between two looks at the same transaction id is one consistent state;
// Unchanged() takes the second look. Every offset, count, size and depth is checked against the
// file, and the number of pages a reader may visit is bounded, so that a damaged or hostile file
// ends in an Error.
class BoltFile {
 public:
  // The file must be root's, as Trust::kOwnerAndParents demands.
  static Result<BoltFile> Open(const std::string& path);
  // For tests and fuzzing: any descriptor that can be read at offsets.
  static Result<BoltFile> FromFd(UniqueFd fd);

  // The state that is current now; what was read before is of the past.
  Result<BoltBucket> Begin();
  // Whether no transaction was committed since Begin.
  Result<bool> Unchanged();

  Result<std::optional<std::string>> Get(const BoltBucket& bucket, std::string_view key);
  Result<std::optional<BoltBucket>> Sub(const BoltBucket& bucket, std::string_view key);
  // Keys in order; `is_bucket` values are bucket headers. Stops when `visit` says false.
  using Visitor = std::function<bool(std::string_view key, std::string_view value, bool is_bucket)>;
  Result<void> ForEach(const BoltBucket& bucket, const Visitor& visit);
  // The bucket that a ForEach value with `is_bucket` stands for.
  static Result<BoltBucket> BucketOf(std::string_view value);

 private:
  struct Meta {
    uint32_t page_size = 0;
    uint64_t root = 0;
    uint64_t pages = 0;  // one past the highest page in use
    uint64_t txid = 0;
  };
  struct Found {
    std::string value;
    bool is_bucket = false;
  };

  explicit BoltFile(UniqueFd fd) : fd_(std::move(fd)) {}
  Result<std::string> ReadAt(uint64_t offset, size_t size);
  Result<std::optional<Meta>> MetaAt(uint64_t offset);
  Result<Meta> CurrentMeta();
  Result<std::string> Page(uint64_t id);
  Result<std::string> RootPage(const BoltBucket& bucket);
  Result<std::optional<Found>> Find(const BoltBucket& bucket, std::string_view key);
  Result<bool> Walk(const std::string& page, const Visitor& visit, int depth);

  UniqueFd fd_;
  Meta meta_;
  size_t visited_ = 0;  // pages since Begin
};

}  // namespace runward
