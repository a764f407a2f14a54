#include "vault/writer.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "vault/compact.h"
#include "vault/replacement.h"
#include "vault/tree.h"
#include "vault/tree_update.h"
#include "vault/write_lock.h"

namespace runward {
namespace {

Error NoSuch(const EntryName& name, uint32_t version) {
  const std::string what =
      version == 0 ? "no secret \"" : "no version " + std::to_string(version) + " of \"";
  return {"there is " + what + name.Text() + "\" to do that with",
          "runwardctl vault list shows the names, and vault show NAME the versions"};
}

Result<void> CheckValue(const EntryName& name, std::string_view value) {
  if (value.empty()) {
    return Error{"the value for \"" + name.Text() + "\" is empty",
                 "give it by standard input or --from FILE"};
  }
  if (value.size() <= kMaxValueBytes) return {};
  return Error{"the value for \"" + name.Text() + "\" is larger than the " +
                   std::to_string(kMaxValueBytes) + " bytes that a value may have",
               "keep large files elsewhere, encrypted, and their key in the vault"};
}

Result<void> CheckExpected(const EntryName& name, const std::optional<Entry>& entry,
                           const PutOptions& options) {
  const uint32_t last = entry ? entry->last_version : 0;
  if (!options.expected || *options.expected == last) return {};
  return Error{"\"" + name.Text() + "\" has version " + std::to_string(last) + " by now, not " +
                   std::to_string(*options.expected),
               "look at it again: somebody else changed it"};
}

}  // namespace

Result<VaultWriter> VaultWriter::Open(const std::string& path, const MasterKey& key) {
  VaultWriter writer;
  writer.key_ = &key;
  UniqueFd fd = TRY(LockForWriting(path));
  writer.file_ = std::make_unique<VaultFile>(TRY(VaultFile::From(std::move(fd), path, key)));
  const uint64_t end = writer.file_->superblock().end;
  // What a writer that died left behind the end.
  if (ftruncate(writer.file_->fd(), static_cast<off_t>(end)) != 0) {
    return ErrnoError("truncate \"" + path + "\"", errno);
  }
  writer.body_ = std::make_unique<Appender>(writer.file_->fd(), end, path);
  return writer;
}

Result<std::optional<Entry>> VaultWriter::Look(const EntryName& name) {
  const auto changed = changes_.find(name);
  if (changed != changes_.end()) return changed->second;
  return FindEntry(*file_, name);
}

Result<Entry> VaultWriter::Existing(const EntryName& name) {
  std::optional<Entry> entry = TRY(Look(name));
  if (!entry) return NoSuch(name, 0);
  return *std::move(entry);
}

Result<RecordRef> VaultWriter::WriteValue(const EntryName& name, const EntryVersion& version,
                                          std::string_view value) {
  const ValueBinding binding{name, version.version, static_cast<uint64_t>(version.created.ns)};
  const RecordRef ref = TRY(body_->Append(SealValue(*key_, file_->vault(), binding, value)));
  live_ += ref.size;
  return ref;
}

void VaultWriter::Drop(EntryVersion& version) {
  live_ -= version.value.size;
  version.value = {};
  version.state = VersionState::kDestroyed;
}

Result<uint32_t> VaultWriter::Put(const EntryName& name, std::string_view value,
                                  const PutOptions& options, Time now) {
  TRY(CheckValue(name, value));
  std::optional<Entry> found = TRY(Look(name));
  TRY(CheckExpected(name, found, options));
  Entry entry = found ? *std::move(found) : Entry{.name = name};
  if (options.labels) entry.labels = *options.labels;
  EntryVersion version{
      .version = ++entry.last_version, .created = now, .not_after = options.not_after};
  version.value = TRY(WriteValue(name, version, value));
  entry.versions.push_back(version);
  const size_t keep = std::clamp<size_t>(options.keep, 1, Entry::kMaxVersions);
  while (entry.versions.size() > keep) {
    Drop(entry.versions.front());
    entry.versions.erase(entry.versions.begin());
  }
  changes_[name] = std::move(entry);
  return version.version;
}

Result<void> VaultWriter::ChangeState(const EntryName& name, uint32_t version, VersionState from,
                                      VersionState to) {
  Entry entry = TRY(Existing(name));
  bool any = false;
  for (EntryVersion& one : entry.versions) {
    if ((version != 0 && one.version != version) || one.state != from) continue;
    one.state = to;
    any = true;
  }
  if (!any) return NoSuch(name, version);
  changes_[name] = std::move(entry);
  return {};
}

Result<void> VaultWriter::Remove(const EntryName& name, uint32_t version) {
  return ChangeState(name, version, VersionState::kLive, VersionState::kRemoved);
}

Result<void> VaultWriter::Restore(const EntryName& name, uint32_t version) {
  return ChangeState(name, version, VersionState::kRemoved, VersionState::kLive);
}

Result<void> VaultWriter::Destroy(const EntryName& name, uint32_t version) {
  Entry entry = TRY(Existing(name));
  const bool known = version == 0 || std::ranges::any_of(entry.versions, [&](const auto& one) {
                       return one.version == version && one.state != VersionState::kDestroyed;
                     });
  if (!known) return NoSuch(name, version);
  for (EntryVersion& one : entry.versions) {
    if (version == 0 || one.version == version) Drop(one);
  }
  purge_ = true;
  changes_[name] = version == 0 ? std::nullopt : std::optional<Entry>(std::move(entry));
  return {};
}

Result<void> VaultWriter::Adopt(Entry entry, const std::vector<std::string_view>& values) {
  size_t next = 0;
  for (EntryVersion& version : entry.versions) {
    if (version.state == VersionState::kDestroyed) continue;
    if (next == values.size()) return Error{"a version came without its value", ""};
    version.value = TRY(WriteValue(entry.name, version, values[next++]));
  }
  const EntryName name = entry.name;
  changes_[name] = std::move(entry);
  return {};
}

Result<uint64_t> VaultWriter::Commit(Time now) {
  const std::unique_ptr<VaultFile> file = std::move(file_);
  const Superblock& before = file->superblock();
  std::vector<EntryChange> changes;
  for (auto& [name, entry] : changes_) {
    changes.push_back({HashName(*key_, name), name, std::move(entry)});
  }
  TreeUpdate update(file.get(), *key_, file->vault(), *body_);
  Superblock next{.generation = before.generation + 1, .time = static_cast<uint64_t>(now.ns)};
  next.root = TRY(update.Apply(before.root, std::move(changes)));
  next.entries = before.entries + static_cast<uint64_t>(update.entries());
  next.live = before.live + static_cast<uint64_t>(live_ + update.live_bytes());
  next.header = file->header().mac;
  next.purge = purge_ || before.purge;
  const std::string& path = file->path();
  TRY(EndCommit(*body_, *key_, file->vault(), before.commit, next));
  if (fdatasync(file->fd()) != 0) return ErrnoError("sync \"" + path + "\"", errno);
  TRY(WriteAt(file->fd(), Superblock::PlaceOf(next.generation), next.Format(*key_, file->vault()),
              path));
  if (fdatasync(file->fd()) != 0) return ErrnoError("sync \"" + path + "\"", errno);
  changes_.clear();
  if (!CompactionDue(next)) return next.generation;
  return Compact(file->fd(), path, *key_, now);
}

}  // namespace runward
