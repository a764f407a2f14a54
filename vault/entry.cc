#include "vault/entry.h"

#include "base/event_text.h"

namespace runward {
namespace {

void WriteVersion(const EntryVersion& version, ByteWriter& to) {
  to.U32(version.version).U64(static_cast<uint64_t>(version.created.ns));
  to.U64(version.not_after ? static_cast<uint64_t>(version.not_after->ns) : 0);
  to.U8(static_cast<uint8_t>(version.state));
  version.value.Write(to);
}

EntryVersion ReadVersion(ByteReader& from) {
  EntryVersion version;
  version.version = from.U32();
  version.created.ns = static_cast<int64_t>(from.U64());
  const auto not_after = static_cast<int64_t>(from.U64());
  if (not_after != 0) version.not_after = Time{not_after};
  version.state = static_cast<VersionState>(from.U8());
  version.value = RecordRef::Read(from);
  return version;
}

// Memory for a value is taken, and locked, by what is said here of its size.
bool CanBeValue(const RecordRef& value) {
  return value.size > kRecordOverhead && value.size - kRecordOverhead <= kMaxValueBytes;
}

bool Sound(const EntryVersion& version) {
  if (version.state > VersionState::kDestroyed || version.version == 0) return false;
  if (version.state == VersionState::kDestroyed) return !version.value;
  return CanBeValue(version.value);
}

bool InOrder(const std::vector<EntryVersion>& versions, uint32_t last) {
  uint32_t before = 0;
  for (const EntryVersion& version : versions) {
    if (!Sound(version) || version.version <= before || version.version > last) return false;
    before = version.version;
  }
  return true;
}

}  // namespace

const EntryVersion* Entry::Find(uint32_t version) const {
  const EntryVersion* newest = versions.empty() ? nullptr : &versions.back();
  for (auto one = versions.rbegin(); one != versions.rend(); ++one) {
    if (version == 0 ? one->state == VersionState::kLive : one->version == version) return &*one;
  }
  return version == 0 ? newest : nullptr;
}

void Entry::Write(ByteWriter& to) const {
  to.Text(name.path).Text(name.key).U32(last_version);
  to.U32(static_cast<uint32_t>(labels.size()));
  for (const auto& [key, text] : labels) to.Text(key).Text(text);
  to.U32(static_cast<uint32_t>(versions.size()));
  for (const EntryVersion& version : versions) WriteVersion(version, to);
}

Result<Entry> Entry::Read(ByteReader& from) {
  const Error bad{"an entry of the vault's index is malformed", "restore the vault from a backup"};
  Entry entry;
  entry.name.path = from.Text(EntryName::kMaxPathBytes);
  entry.name.key = from.Text(EntryName::kMaxKeyBytes);
  entry.last_version = from.U32();
  const uint32_t labels = from.U32();
  if (!from.ok() || labels > kMaxLabels) return bad;
  for (uint32_t i = 0; i < labels; ++i) {
    const std::string key(from.Text(kMaxLabelKey));
    if (!entry.labels.empty() && key <= entry.labels.rbegin()->first) return bad;
    entry.labels[key] = from.Text(kMaxLabelText);
  }
  const uint32_t versions = from.U32();
  if (!from.ok() || versions > kMaxVersions) return bad;
  for (uint32_t i = 0; i < versions; ++i) entry.versions.push_back(ReadVersion(from));
  const bool named = EntryName::Parse(entry.name.Text()).ok();
  if (!from.ok() || !named || !InOrder(entry.versions, entry.last_version)) return bad;
  return entry;
}

Result<void> CheckLabel(const std::string& key, const std::string& text) {
  if (!IsNamePart(key) || key.size() > Entry::kMaxLabelKey) {
    return Error{"label \"" + Printable(key) +
                     "\": its key may hold letters, digits, '.', '_' and '-', at most 63",
                 "write --label KEY=TEXT"};
  }
  if (text.size() > Entry::kMaxLabelText || Printable(text) != text) {
    return Error{"label \"" + key + "\": its text may be 255 bytes of printable UTF-8", ""};
  }
  return {};
}

}  // namespace runward
