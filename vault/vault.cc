#include "vault/vault.h"

#include <algorithm>
#include <utility>

#include "vault/tree.h"

namespace runward {
namespace {

std::string Quoted(const EntryName& name) { return "secret \"" + name.Text() + "\""; }

Error Missing(const EntryName& name, const std::string& path) {
  return {
      "there is no " + Quoted(name) + " in the vault \"" + path + "\"",
      "runwardctl vault list shows the names; runwardctl vault put " + name.Text() + " stores one"};
}

Error NoVersion(const Entry& entry, uint32_t version) {
  if (entry.versions.empty()) {
    return {Quoted(entry.name) + " has no version left",
            "runwardctl vault put " + entry.name.Text()};
  }
  return {Quoted(entry.name) + " has no version " + std::to_string(version),
          "runwardctl vault show " + entry.name.Text() + " lists its versions"};
}

Result<void> CheckReadable(const EntryName& name, const EntryVersion& version, Time now) {
  const std::string what = Quoted(name) + ", version " + std::to_string(version.version) + ", ";
  const std::string put = "runwardctl vault put " + name.Text() + " stores a new one";
  if (version.state == VersionState::kDestroyed) return Error{what + "was destroyed", put};
  if (version.state == VersionState::kRemoved) {
    return Error{what + "was removed", "runwardctl vault restore " + name.Text() + "@" +
                                           std::to_string(version.version) + " brings it back"};
  }
  if (version.not_after && now >= *version.not_after) {
    return Error{what + "has not been valid since " + FormatTime(*version.not_after), put};
  }
  return {};
}

}  // namespace

std::string WithoutDataPart(const std::string& path) {
  constexpr std::string_view kData = "/data/";
  const size_t first = path.find('/');
  if (first == std::string::npos || path.compare(first, kData.size(), kData) != 0) return "";
  return path.substr(0, first) + path.substr(first + kData.size() - 1);
}

Result<Vault> Vault::Open(const std::string& path, const MasterKey& key, NodeShelf* shelf) {
  VaultFile file = TRY(VaultFile::Open(path, key));
  file.KeepNodesOn(shelf);
  return Vault(std::move(file));
}

Result<Entry> Vault::Look(const EntryName& name) const {
  std::optional<Entry> entry = TRY(FindEntry(file_, name));
  const std::string other = WithoutDataPart(name.path);
  if (!entry && !other.empty()) entry = TRY(FindEntry(file_, {other, name.key}));
  if (!entry) return Missing(name, file_.path());
  return *std::move(entry);
}

Result<FoundVersion> Vault::Find(const EntryName& name, uint32_t version, Time now) const {
  const Entry entry = TRY(Look(name));
  const EntryVersion* found = entry.Find(version);
  if (found == nullptr) return NoVersion(entry, version);
  TRY(CheckReadable(entry.name, *found, now));
  return FoundVersion{.name = entry.name, .version = *found};
}

size_t Vault::SizeOf(const FoundVersion& found) {
  const size_t sealed = found.version.value.size;
  return sealed > kRecordOverhead ? sealed - kRecordOverhead : 0;
}

Result<void> Vault::ReadFoundInto(const FoundVersion& found, std::span<uint8_t> into) const {
  const EntryVersion& version = found.version;
  const std::string record = TRY(file_.ReadRecord(version.value));
  Result<void> opened = OpenValueInto(
      file_.key(), file_.vault(),
      {found.name, version.version, static_cast<uint64_t>(version.created.ns)}, record, into);
  if (opened.ok()) return opened;
  return file_.Damaged("the value of " + Quoted(found.name) + ": " + opened.error().message);
}

Result<SecretValue> Vault::ReadFound(const FoundVersion& found) const {
  SecretValue value = TRY(SecretValue::Make(SizeOf(found)));
  TRY(ReadFoundInto(found, {value.data(), value.size()}));
  return value;
}

Result<SecretValue> Vault::Read(const EntryName& name, uint32_t version, Time now) const {
  return ReadFound(TRY(Find(name, version, now)));
}

Result<std::vector<Entry>> Vault::List() const {
  std::vector<Entry> entries;
  TRY(EachEntry(file_, [&](const Entry& entry) {
    entries.push_back(entry);
    return Result<void>{};
  }));
  std::ranges::sort(entries, {}, &Entry::name);
  return entries;
}

}  // namespace runward
