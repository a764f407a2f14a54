#include "vault/appender.h"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace runward {

namespace {
constexpr size_t kFlushBytes = size_t{1} << 20;
}  // namespace

Appender::Appender(int fd, uint64_t offset, std::string path)
    : fd_(fd), path_(std::move(path)), begin_(offset), offset_(offset), written_(offset), hash_() {
  crypto_generichash_init(&hash_, nullptr, 0, sizeof(Mac));
}

Result<RecordRef> Appender::Append(std::string_view record) {
  const RecordRef ref = RefTo(record, offset_);
  TRY(AppendRaw(record));
  return ref;
}

Result<void> Appender::AppendRaw(std::string_view bytes) {
  crypto_generichash_update(&hash_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  pending_ += bytes;
  offset_ += bytes.size();
  return pending_.size() < kFlushBytes ? Result<void>{} : Flush();
}

Result<void> Appender::Flush() {
  TRY(WriteAt(fd_, written_, pending_, path_));
  written_ += pending_.size();
  pending_.clear();
  return {};
}

Mac Appender::Digest() const {
  crypto_generichash_state state = hash_;
  Mac digest{};
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

Result<void> WriteAt(int fd, uint64_t offset, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t wrote = pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return ErrnoError("write \"" + path + "\"", errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
    offset += static_cast<uint64_t>(wrote);
  }
  return {};
}

}  // namespace runward
