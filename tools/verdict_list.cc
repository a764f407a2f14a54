#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tools/verdict.h"
#include "tools/verdict_view.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSuffix = ".intoto.jsonl";

struct Listed {
  VerdictView view;
  std::vector<Digest> filed;  // under which the store has it
};

struct Listing {
  std::map<std::string, Listed> by_line;
  bool failed = false;
};

void AddFile(const Paths& paths, const Digest& digest, const std::vector<TrustedKey>& trust,
             Listing& listing) {
  const Result<std::string> text = ReadVerdictFile(paths, digest);
  if (!text.ok()) {
    PrintError(text.error());
    listing.failed = true;
    return;
  }
  for (std::string_view envelope : SplitEnvelopes(text.value())) {
    const auto [entry, fresh] = listing.by_line.try_emplace(std::string(envelope));
    if (fresh) entry->second.view = ViewOf(envelope, trust);
    entry->second.filed.push_back(digest);
  }
}

// Names in order; of one name, the newest first.
std::vector<const Listed*> InOrder(const Listing& listing) {
  std::vector<const Listed*> rows;
  for (const auto& [line, listed] : listing.by_line) rows.push_back(&listed);
  const Verdict none;
  std::ranges::stable_sort(rows, [&](const Listed* a, const Listed* b) {
    const Verdict& left = a->view.claimed ? *a->view.claimed : none;
    const Verdict& right = b->view.claimed ? *b->view.claimed : none;
    if (left.resource_uri != right.resource_uri) return left.resource_uri < right.resource_uri;
    return left.time_verified > right.time_verified;
  });
  return rows;
}

using Row = std::vector<std::string>;

std::string ShortDigests(const std::vector<Digest>& digests) {
  constexpr size_t kDigits = 12;
  std::string text;
  for (const Digest& digest : digests) {
    text += (text.empty() ? "" : " ") + std::string(digest.hex().substr(0, kDigits));
  }
  return text;
}

Row RowOf(const Listed& listed, Time now) {
  const VerdictView& view = listed.view;
  const std::string key =
      view.checked.verdict ? Printable(view.checked.key) : "(" + view.checked.rule + ")";
  if (!view.claimed) return {"-", "UNREADABLE", "-", "-", key, ShortDigests(listed.filed)};
  const Verdict& verdict = *view.claimed;
  const std::string name = verdict.resource_uri.empty() ? "-" : Printable(verdict.resource_uri);
  return {name,
          StateOf(verdict, now),
          FormatTime(verdict.time_verified).substr(0, 19) + "Z",
          verdict.expires_at ? FormatTime(*verdict.expires_at).substr(0, 19) + "Z" : "-",
          key,
          ShortDigests(listed.filed)};
}

void PrintTable(const std::vector<const Listed*>& listed) {
  std::vector<Row> rows = {{"NAME", "RESULT", "VERIFIED", "EXPIRES", "KEY", "DIGESTS"}};
  for (const Listed* one : listed) rows.push_back(RowOf(*one, Now()));
  std::vector<size_t> widths(rows.front().size());
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] + 2 - row[i].size(), ' ');
    }
    Print(line + "\n");
  }
}

Json JsonOf(const Listed& listed) {
  const VerdictView& view = listed.view;
  Json json = {{"payload_sha256", view.checked.payload_sha256},
               {"trusted", view.checked.verdict.has_value()}};
  json["key"] = view.checked.key;
  if (!view.checked.verdict) json["rule"] = view.checked.rule;
  if (!view.checked.verdict) json["why"] = view.checked.why;
  if (view.claimed) {
    const Verdict& verdict = *view.claimed;
    json["name"] = verdict.resource_uri;
    json["result"] = ResultName(verdict.result);
    json["verified"] = FormatTime(verdict.time_verified);
    if (verdict.expires_at) json["expires"] = FormatTime(*verdict.expires_at);
    json["reasons"] = verdict.reasons;
    Json images = Json::array();
    for (const Digest& subject : verdict.subjects) images.push_back(subject.text());
    json["images"] = std::move(images);
  }
  Json filed = Json::array();
  for (const Digest& digest : listed.filed) filed.push_back(digest.text());
  json["filed"] = std::move(filed);
  return json;
}

void PrintJson(const std::vector<const Listed*>& listed) {
  Json all = Json::array();
  for (const Listed* one : listed) all.push_back(JsonOf(*one));
  Print(all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace

Result<std::vector<Digest>> FiledDigests(const Paths& paths) {
  std::vector<Digest> digests;
  std::error_code error;
  const std::string directory = paths.verdicts + "/sha256";
  if (FileMissing(directory)) return digests;
  for (std::filesystem::directory_iterator entry(directory, error), end; entry != end && !error;
       entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (!name.ends_with(kSuffix)) continue;
    const auto digest =
        Digest::FromHex(std::string_view(name).substr(0, name.size() - kSuffix.size()));
    if (digest) digests.push_back(*digest);
  }
  if (error) return Error{"read \"" + directory + "\": " + error.message(), ""};
  std::ranges::sort(digests);
  return digests;
}

int VerdictList(const CommandLine& line) {
  constexpr std::string_view kWords = "verdict list";
  const Result<Options> options = Options::Parse(line.args, {{"--json", false}});
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (!options.value().words().empty()) return PrintUsage(kWords, {"list takes no words", ""});
  const Result<std::vector<Digest>> digests = FiledDigests(line.paths);
  if (!digests.ok()) return PrintError(digests.error());
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) {
    PrintError({"no key is known as trusted: " + policy.error().message, policy.error().hint});
  }
  const std::vector<TrustedKey> none;
  Listing listing;
  for (const Digest& digest : digests.value()) {
    AddFile(line.paths, digest, policy.ok() ? policy.value().trust : none, listing);
  }
  const std::vector<const Listed*> rows = InOrder(listing);
  options.value().Has("--json") ? PrintJson(rows) : PrintTable(rows);
  return Finish(listing.failed ? kExitError : kExitDone);
}

}  // namespace runward
