#include "agent/secret_supplier.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/descriptors.h"
#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/fill.h"
#include "secrets/values.h"

namespace runward {
namespace {

// How long they lie there for a start that never asks; a runtime takes some thousandths of it.
constexpr int64_t kSeconds = 10;
constexpr size_t kMostPrepared = 64;

FileStamp RecordStamp(const Paths& paths, const std::string& key) {
  return StampOf((RecordDirectory(paths, key) + "/plan.json").c_str());
}

}  // namespace

Result<HandedFilesystems> SecretSupplier::Fill(const std::string& key, const IdMaps& maps,
                                               Time& until) {
  const Record record = TRY(ReadRecordOf(paths_, key));
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  const SecretValues values = TRY(holder_.Read(record, rules));
  if (values.until) until = std::min(until, *values.until);
  HandedFilesystems filled{.rootfs = record.rootfs, .filesystems = {}};
  filled.filesystems = TRY(FillFilesystems(maps, rules, values.views));
  if (filled.filesystems.size() <= kMostDescriptors) return filled;
  return Error{"the container's secrets lie in too many directories",
               "put them into " + std::to_string(kMostDescriptors) + " at most"};
}

void SecretSupplier::Prepare(const std::string& key) {
  ForgetOld();
  if (prepared_.size() >= kMostPrepared) return;
  const Result<IdMaps> own = IdMaps::Of(getpid());
  if (!own.ok()) return;
  // Looked at first: what changes while it is read does not count as what was read.
  const FileStamp vault = StampOf(paths_.vault.c_str());
  const FileStamp record = RecordStamp(paths_, key);
  Time until{Now().ns + kSeconds * 1'000'000'000};
  Result<HandedFilesystems> filled = Fill(key, own.value(), until);
  prepared_.insert_or_assign(key, Prepared{.maps = own.value(),
                                           .vault = vault,
                                           .record = record,
                                           .until = until,
                                           .filesystems = std::move(filled)});
}

std::optional<Result<HandedFilesystems>> SecretSupplier::TakePrepared(const std::string& key,
                                                                      const IdMaps& maps) {
  const auto found = prepared_.find(key);
  if (found == prepared_.end()) return std::nullopt;
  Prepared one = std::move(found->second);
  prepared_.erase(found);
  const bool fresh = one.maps == maps && Now() < one.until &&
                     one.vault == StampOf(paths_.vault.c_str()) &&
                     one.record == RecordStamp(paths_, key);
  if (!fresh) return std::nullopt;
  return std::move(one.filesystems);
}

Result<HandedFilesystems> SecretSupplier::Supply(const std::string& key, pid_t pid) {
  const IdMaps maps = TRY(IdMaps::Of(pid));
  std::optional<Result<HandedFilesystems>> prepared = TakePrepared(key, maps);
  Time until;
  HandedFilesystems filled = TRY(prepared ? *std::move(prepared) : Fill(key, maps, until));
  TRY(NoteFilesystems(paths_, key, pid, filled.filesystems));
  return filled;
}

void SecretSupplier::ForgetOld() {
  const Time now = Now();
  std::erase_if(prepared_, [now](const auto& one) {
    const int64_t left = one.second.until.ns - now.ns;
    return left <= 0 || left > kSeconds * 1'000'000'000;  // the clock was set back
  });
}

}  // namespace runward
