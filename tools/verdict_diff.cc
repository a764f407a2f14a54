#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tools/log_text.h"
#include "tools/stored_input.h"
#include "tools/verdict.h"
#include "tools/verdict_difference.h"
#include "tools/verdict_view.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWords = "verdict diff";

struct Side {
  VerdictView view;
  ComparedVerdict compared;
};

bool IsNewer(const VerdictView& a, const VerdictView& b) {
  return a.claimed->time_verified > b.claimed->time_verified;
}

// The newest of the envelopes that can be read. A revocation is no verdict.
std::optional<VerdictView> NewestIn(const std::string& text, const std::vector<TrustedKey>& trust) {
  std::optional<VerdictView> newest;
  for (std::string_view envelope : SplitEnvelopes(text)) {
    VerdictView view = ViewOf(envelope, trust);
    if (!view.claimed || view.claimed->result == VerdictResult::kRevoked) continue;
    if (!newest || IsNewer(view, *newest)) newest = std::move(view);
  }
  return newest;
}

// By the hash of its payload, as `show` and `list --json` print it.
Result<std::optional<VerdictView>> FindPayload(const Paths& paths, const Digest& payload,
                                               const std::vector<TrustedKey>& trust) {
  for (const Digest& digest : TRY(FiledDigests(paths))) {
    const std::string text = TRY(ReadVerdictFile(paths, digest));
    for (std::string_view envelope : SplitEnvelopes(text)) {
      VerdictView view = ViewOf(envelope, trust);
      if (view.claimed && view.checked.payload_sha256 == payload.hex()) return {std::move(view)};
    }
  }
  return std::optional<VerdictView>();
}

Result<VerdictView> Find(const Paths& paths, const std::string& wanted,
                         const std::vector<TrustedKey>& trust) {
  const std::optional<Digest> digest = ParseDigestArgument(wanted);
  const std::string text = TRY(digest ? ReadVerdictFile(paths, *digest) : ReadVerdictInput(wanted));
  std::optional<VerdictView> found = NewestIn(text, trust);
  if (!found && digest) found = TRY(FindPayload(paths, *digest, trust));
  if (found) return *std::move(found);
  return Error{digest ? "no verdict about " + digest->text() + ", and none of that payload, in \"" +
                            paths.verdicts + "\""
                      : "\"" + wanted + "\" holds no verdict",
               Program(paths) + "verdict list shows what is stored"};
}

Result<Side> ReadSide(const Paths& paths, const std::string& wanted,
                      const std::vector<TrustedKey>& trust) {
  Side side;
  side.view = TRY(Find(paths, wanted, trust));
  side.compared.verdict = *side.view.claimed;
  side.compared.basis = TRY(BasisOf(side.view.payload));
  const std::optional<VerdictInput>& report = side.compared.basis.report;
  if (!report || FileMissing(StoredInputFile(paths, report->sha256))) return side;
  const std::string text = TRY(ReadStoredInput(paths, report->sha256));
  side.compared.findings = FindingLines(TRY(ReadReport(text, report->uri)));
  side.compared.has_report = true;
  return side;
}

std::string Heading(char sign, const Side& side) {
  const Verdict& verdict = side.compared.verdict;
  return std::string(3, sign) + " " + StateOf(verdict, Now()) + "  " +
         Printable(verdict.resource_uri) + "  " + FormatTime(verdict.time_verified) + "  " +
         SignerOf(side.view) + "\n";
}

std::string TextOf(const VerdictDifference& difference) {
  constexpr size_t kWidth = 10;
  std::string text;
  for (const auto& [name, before, after] : difference.fields) {
    const std::string label = name + std::string(kWidth - name.size(), ' ');
    text += "- " + label + (before.empty() ? "none" : Printable(before)) + "\n";
    text += "+ " + label + (after.empty() ? "none" : Printable(after)) + "\n";
  }
  const auto add = [&](const char* sign, const char* what, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) text += sign + (what + Printable(line)) + "\n";
  };
  add("- ", "reason    ", difference.reasons_gone);
  add("+ ", "reason    ", difference.reasons_new);
  add("- ", "finding   ", difference.findings_gone);
  add("+ ", "finding   ", difference.findings_new);
  return text;
}

Json SideJson(const Side& side) {
  return {{"payload_sha256", side.view.checked.payload_sha256},
          {"trusted", side.view.checked.verdict.has_value()},
          {"result", ResultName(side.compared.verdict.result)},
          {"name", side.compared.verdict.resource_uri},
          {"verified", FormatTime(side.compared.verdict.time_verified)},
          {"report_stored", side.compared.has_report}};
}

std::string JsonText(const Side& a, const Side& b, const VerdictDifference& difference) {
  Json fields = Json::object();
  for (const auto& [name, before, after] : difference.fields) {
    fields[name] = {{"before", before}, {"after", after}};
  }
  const Json json = {
      {"before", SideJson(a)},
      {"after", SideJson(b)},
      {"fields", std::move(fields)},
      {"reasons", {{"removed", difference.reasons_gone}, {"added", difference.reasons_new}}},
      {"findings", {{"removed", difference.findings_gone}, {"added", difference.findings_new}}}};
  return LogJson(json);
}

}  // namespace

// Looks at what verdicts say, whoever signed them; who did is shown. Exit 2 is a difference alone.
int VerdictDiff(const CommandLine& line) {
  const Result<Options> options = Options::Parse(line.args, {{"--json", false}});
  if (!options.ok() || options.value().words().size() != 2) {
    PrintUsage(kWords,
               options.ok() ? Error{"diff takes two digests or files", ""} : options.error());
    return kExitError;
  }
  const std::vector<std::string>& words = options.value().words();
  const Result<Policy> policy = LoadPolicy(line.paths);
  const std::vector<TrustedKey> none;
  const std::vector<TrustedKey>& trust = policy.ok() ? policy.value().trust : none;
  const Result<Side> before = ReadSide(line.paths, words[0], trust);
  if (!before.ok()) return PrintError(before.error());
  const Result<Side> after = ReadSide(line.paths, words[1], trust);
  if (!after.ok()) return PrintError(after.error());
  const VerdictDifference difference =
      DifferenceOf(before.value().compared, after.value().compared);
  if (options.value().Has("--json")) {
    Print(JsonText(before.value(), after.value(), difference));
  } else {
    const std::string heading = Heading('-', before.value()) + Heading('+', after.value());
    Print(heading +
          (difference.empty() ? "  no difference but times and signatures\n" : TextOf(difference)));
  }
  return Finish(difference.empty() ? kExitDone : kExitNo);
}

}  // namespace runward
