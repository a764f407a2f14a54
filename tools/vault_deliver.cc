#include <algorithm>

#include "oci/record.h"
#include "oci/secret_record.h"
#include "secrets/note.h"
#include "secrets/replace.h"
#include "secrets/values.h"
#include "tools/vault.h"

namespace runward {
namespace {

std::string_view WordFor(Replaced replaced) {
  if (replaced == Replaced::kChanged) return "replaced";
  return replaced == Replaced::kGone ? "has ended" : "has them already";
}

Result<Replaced> Deliver(const Paths& paths, const std::string& key, const Record& record) {
  const std::vector<SecretRule> rules = TRY(ParseSecretRules(record.secrets));
  const SecretValues values = TRY(AskForValues(paths, key, record, rules));
  return ReplaceSecrets(paths, key, rules, values.views);
}

bool Wanted(const std::vector<std::string>& ids, const std::string& id) {
  return ids.empty() || std::ranges::any_of(ids, [&](const std::string& one) {
           return !one.empty() && id.starts_with(one);
         });
}

// Whether all went well.
bool DeliverTo(const Paths& paths, const std::string& key, const Record& record) {
  const Result<Replaced> done = Deliver(paths, key, record);
  if (done.ok()) {
    Print(Shown(record.id) + " " + std::string(WordFor(done.value())) + "\n");
    return true;
  }
  PrintError({"container " + Shown(record.id) + " keeps what it has: " + done.error().message,
              done.error().hint});
  return false;
}

}  // namespace

int VaultDeliver(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {});
  if (!options.ok()) return PrintUsage("vault deliver", options.error());
  const Result<void> hardened = HardenProcess();
  if (!hardened.ok()) return PrintError(hardened.error());
  bool good = true;
  size_t found = 0;
  for (const std::string& key : SuppliedContainers(line.paths)) {
    const Result<Record> record = ReadRecordOf(line.paths, key);
    if (!record.ok() || !Wanted(options.value().words(), record.value().id)) continue;
    ++found;
    good &= DeliverTo(line.paths, key, record.value());
  }
  if (found == 0) return PrintNo("no running container of these has secrets", "");
  return Finish(good ? kExitDone : kExitError);
}

}  // namespace runward
