#include "oci/bolt.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/trusted_path.h"
#include "oci/bolt_page.h"

namespace runward {
namespace {

constexpr uint32_t kMagic = 0xed0cdaed;
constexpr uint32_t kVersion = 2;
constexpr size_t kMetaSize = 64;        // bbolt db.go, type meta
constexpr size_t kChecksumOffset = 56;  // of what stands before it
constexpr size_t kMaxPageBytes = size_t{1} << 20;
constexpr size_t kMaxVisited = 50000;
constexpr int kMaxDepth = 32;
constexpr size_t kBucketHeader = 16;

uint64_t Fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

constexpr std::string_view kLeadsOut = "an element leads out of its page";

Error Damaged(std::string_view what) {
  return {"the image store's database is damaged: " + std::string(what),
          "restart the engine and try again"};
}

// The index of the last branch element whose key is not above `key`; the first when all are.
Result<uint64_t> ChildFor(const BoltPage& page, std::string_view key) {
  std::optional<uint64_t> child;
  for (size_t i = 0; i < page.count(); ++i) {
    const auto element = page.Branch(i);
    if (!element) return Damaged(kLeadsOut);
    if (child && element->key > key) break;
    child = element->child;
  }
  if (!child) return Damaged("a branch without children");
  return *child;
}

}  // namespace

Result<BoltFile> BoltFile::Open(const std::string& path) {
  const std::string resolved = TRY(ResolveTrusted(path));
  UniqueFd fd(open(resolved.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return ErrnoError("open \"" + path + "\"", errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if (!S_ISREG(info.st_mode)) return Error{"\"" + path + "\" is not a regular file", ""};
  return FromFd(std::move(fd));
}

Result<BoltFile> BoltFile::FromFd(UniqueFd fd) { return BoltFile(std::move(fd)); }

Result<std::string> BoltFile::ReadAt(uint64_t offset, size_t size) {
  if (offset > INT64_MAX - size) return Damaged("an offset beyond any file");
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got =
        pread(fd_.get(), bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read the image store's database", errno);
    if (got == 0) return Damaged("it ends too early");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Result<std::optional<BoltFile::Meta>> BoltFile::MetaAt(uint64_t offset) {
  const std::string bytes = TRY(ReadAt(offset + BoltPage::kHeader, kMetaSize));
  const BoltPage fields(bytes);
  const Meta meta{.page_size = *fields.Number<uint32_t>(8),
                  .root = *fields.Number<uint64_t>(16),
                  .pages = *fields.Number<uint64_t>(40),
                  .txid = *fields.Number<uint64_t>(48)};
  const bool sound = fields.Number<uint32_t>(0) == kMagic &&
                     fields.Number<uint32_t>(4) == kVersion &&
                     fields.Number<uint64_t>(kChecksumOffset) ==
                         Fnv1a(std::string_view(bytes).substr(0, kChecksumOffset));
  const bool size_sound = meta.page_size >= 1024 && meta.page_size <= 65536 &&
                          (meta.page_size & (meta.page_size - 1)) == 0;
  if (!sound || !size_sound) return std::optional<Meta>();
  return std::optional<Meta>(meta);
}

// Of the two meta pages the valid one with the higher transaction id; the other is being replaced.
Result<BoltFile::Meta> BoltFile::CurrentMeta() {
  const std::optional<Meta> first = TRY(MetaAt(0));
  const uint64_t page_size =
      first ? first->page_size : static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const std::optional<Meta> second = TRY(MetaAt(page_size));
  if (!first && !second) return Damaged("neither of its meta pages is valid");
  if (first && (!second || first->txid > second->txid)) return *first;
  return *second;
}

Result<BoltBucket> BoltFile::Begin() {
  meta_ = TRY(CurrentMeta());
  visited_ = 0;
  return BoltBucket{.root = meta_.root, .inlined = ""};
}

Result<bool> BoltFile::Unchanged() {
  const Meta now = TRY(CurrentMeta());
  return now.txid == meta_.txid;
}

Result<std::string> BoltFile::Page(uint64_t id) {
  if (id < 2 || id >= meta_.pages) return Damaged("a page beyond its end");
  if (++visited_ > kMaxVisited) return Damaged("a tree without end");
  std::string page = TRY(ReadAt(id * meta_.page_size, meta_.page_size));
  const BoltPage header(page);
  if (header.id() != id) return Damaged("a page that calls itself another");
  const uint64_t size = (uint64_t{*header.overflow()} + 1) * meta_.page_size;
  if (size > kMaxPageBytes) return Damaged("a page that is too large");
  if (size > page.size()) page = TRY(ReadAt(id * meta_.page_size, size));
  return page;
}

// A bucket is kept inline only while it is one leaf (bbolt bucket.go, inlineable).
Result<std::string> BoltFile::RootPage(const BoltBucket& bucket) {
  if (bucket.root != 0) return Page(bucket.root);
  if (!BoltPage(bucket.inlined).IsLeaf()) return Damaged("an inline bucket that is no leaf");
  return bucket.inlined;
}

Result<std::optional<BoltFile::Found>> BoltFile::Find(const BoltBucket& bucket,
                                                      std::string_view key) {
  std::string bytes = TRY(RootPage(bucket));
  for (int depth = 0; BoltPage(bytes).IsBranch(); ++depth) {
    if (depth == kMaxDepth) return Damaged("a tree that is too deep");
    const uint64_t child = TRY(ChildFor(BoltPage(bytes), key));
    bytes = TRY(Page(child));
  }
  const BoltPage leaf(bytes);
  if (!leaf.IsLeaf()) return Damaged("a page of the wrong kind");
  for (size_t i = 0; i < leaf.count(); ++i) {
    const auto element = leaf.Leaf(i);
    if (!element) return Damaged(kLeadsOut);
    if (element->key == key) {
      return std::optional<Found>(Found{std::string(element->value), element->is_bucket});
    }
  }
  return std::optional<Found>();
}

Result<std::optional<std::string>> BoltFile::Get(const BoltBucket& bucket, std::string_view key) {
  std::optional<Found> found = TRY(Find(bucket, key));
  if (!found || found->is_bucket) return std::optional<std::string>();
  return std::optional<std::string>(std::move(found->value));
}

Result<BoltBucket> BoltFile::BucketOf(std::string_view value) {
  const auto root = BoltPage(value).Number<uint64_t>(0);
  if (!root || value.size() < kBucketHeader) return Damaged("a bucket without a header");
  BoltBucket bucket{.root = *root, .inlined = ""};
  if (*root == 0) bucket.inlined = value.substr(kBucketHeader);
  return bucket;
}

Result<std::optional<BoltBucket>> BoltFile::Sub(const BoltBucket& bucket, std::string_view key) {
  const std::optional<Found> found = TRY(Find(bucket, key));
  if (!found || !found->is_bucket) return std::optional<BoltBucket>();
  return std::optional<BoltBucket>(TRY(BucketOf(found->value)));
}

// False when `visit` asked to stop.
Result<bool> BoltFile::Walk(const std::string& page, const Visitor& visit, int depth) {
  if (depth > kMaxDepth) return Damaged("a tree that is too deep");
  const BoltPage view(page);
  if (!view.IsLeaf() && !view.IsBranch()) return Damaged("a page of the wrong kind");
  bool more = true;
  for (size_t i = 0; i < view.count() && more; ++i) {
    if (view.IsBranch()) {
      const auto element = view.Branch(i);
      if (!element) return Damaged(kLeadsOut);
      const std::string child = TRY(Page(element->child));
      more = TRY(Walk(child, visit, depth + 1));
    } else {
      const auto element = view.Leaf(i);
      if (!element) return Damaged(kLeadsOut);
      more = visit(element->key, element->value, element->is_bucket);
    }
  }
  return more;
}

Result<void> BoltFile::ForEach(const BoltBucket& bucket, const Visitor& visit) {
  const std::string page = TRY(RootPage(bucket));
  TRY(Walk(page, visit, 0));
  return {};
}

}  // namespace runward
