#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "tools/vault.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

std::string StateOf(const EntryVersion& version, Time now) {
  if (version.state == VersionState::kDestroyed) return "destroyed";
  if (version.state == VersionState::kRemoved) return "removed";
  return version.not_after && now >= *version.not_after ? "expired" : "live";
}

std::string DateOf(const std::optional<Time>& time) {
  return time ? FormatTime(*time).substr(0, 19) + "Z" : "-";
}

std::string LabelsOf(const Entry& entry) {
  std::string text;
  for (const auto& [key, label] : entry.labels) {
    text += (text.empty() ? "" : ", ") + key + "=" + Printable(label);
  }
  return text;
}

Json JsonOf(const Entry& entry, Time now) {
  Json versions = Json::array();
  for (const EntryVersion& version : entry.versions) {
    Json one = {{"version", version.version},
                {"created", FormatTime(version.created)},
                {"state", StateOf(version, now)}};
    if (version.not_after) one["notAfter"] = FormatTime(*version.not_after);
    versions.push_back(std::move(one));
  }
  return {{"name", entry.name.Text()},
          {"labels", entry.labels},
          {"lastVersion", entry.last_version},
          {"versions", std::move(versions)}};
}

void PrintRows(const std::vector<Entry>& entries, Time now) {
  size_t width = 4;
  for (const Entry& entry : entries) width = std::max(width, entry.name.Text().size());
  Print("NAME" + std::string(width - 4, ' ') +
        "  VERSION  STATE      CREATED               NOT AFTER"
        "             LABELS\n");
  for (const Entry& entry : entries) {
    const EntryVersion* newest = entry.Find(0);
    std::string row = entry.name.Text();
    row.resize(width + 2, ' ');
    row += newest == nullptr ? "-" : std::to_string(newest->version);
    row.resize(width + 11, ' ');
    row += newest == nullptr ? "-" : StateOf(*newest, now);
    row.resize(width + 22, ' ');
    row += newest == nullptr ? "-" : DateOf(newest->created);
    row.resize(width + 44, ' ');
    row += newest == nullptr ? "-" : DateOf(newest->not_after);
    row.resize(width + 66, ' ');
    row += LabelsOf(entry);
    row.resize(row.find_last_not_of(' ') + 1);
    Print(row + "\n");
  }
}

void PrintEntries(const std::vector<Entry>& entries, const Options& options, Time now) {
  if (options.Has("--json")) {
    Json all = Json::array();
    for (const Entry& entry : entries) all.push_back(JsonOf(entry, now));
    Print(all.dump(2) + "\n");
  } else if (options.Has("--names")) {
    for (const Entry& entry : entries) Print(entry.name.Text() + "\n");
  } else {
    PrintRows(entries, now);
  }
}

void PrintEntry(const Entry& entry, Time now) {
  Print(entry.name.Text() + "\n");
  if (!entry.labels.empty()) Print("labels: " + LabelsOf(entry) + "\n");
  Print("VERSION  STATE      CREATED               NOT AFTER\n");
  for (auto version = entry.versions.rbegin(); version != entry.versions.rend(); ++version) {
    std::string row = std::to_string(version->version);
    row.resize(9, ' ');
    row += StateOf(*version, now);
    row.resize(20, ' ');
    row += DateOf(version->created);
    row.resize(42, ' ');
    Print(row + DateOf(version->not_after) + "\n");
  }
}

}  // namespace

int VaultList(const CommandLine& line) {
  int code = 0;
  const auto call =
      BeginVault(line, "vault list", {{"--json", false}, {"--names", false}}, {0, 1}, code);
  if (!call) return code;
  const auto entries = [&]() -> Result<std::vector<Entry>> {
    const Vault vault = TRY(Vault::Open(call->path, call->key));
    return vault.List();
  }();
  if (!entries.ok()) return PrintError(entries.error());
  const auto& words = call->options.words();
  std::vector<Entry> shown;
  for (const Entry& entry : entries.value()) {
    if (words.empty() || entry.name.Text().starts_with(words.front())) shown.push_back(entry);
  }
  PrintEntries(shown, call->options, Now());
  return Finish(kExitDone);
}

int VaultShow(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault show", {{"--json", false}}, {1, 1}, code);
  if (!call) return code;
  const auto entry = [&]() -> Result<Entry> {
    const EntryName name = TRY(EntryName::Parse(call->options.words().front()));
    const Vault vault = TRY(Vault::Open(call->path, call->key));
    return vault.Look(name);
  }();
  if (!entry.ok()) return PrintError(entry.error());
  if (call->options.Has("--json")) {
    Print(JsonOf(entry.value(), Now()).dump(2) + "\n");
  } else {
    PrintEntry(entry.value(), Now());
  }
  return Finish(kExitDone);
}

}  // namespace runward
