#include "tools/evaluated_verdict.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "tools/verdict_options.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxAccepted = 100;
constexpr size_t kMaxText = 200;

std::string Tidy(std::string_view text, size_t most = kMaxText) {
  std::string tidy = Printable(text);
  if (tidy.size() > most) CutEscaped(tidy, most);
  return tidy;
}

std::vector<std::string> TidyAll(const std::vector<std::string>& reasons) {
  constexpr size_t kMostReason = 600;
  std::vector<std::string> tidy;
  tidy.reserve(reasons.size());
  for (const std::string& reason : reasons) tidy.push_back(Tidy(reason, kMostReason));
  return tidy;
}

Json ClassesJson(const std::vector<ScanClass>& classes) {
  Json list = Json::array();
  for (const ScanClass one : classes) list.push_back(kScanClassNames[static_cast<size_t>(one)]);
  return list;
}

Json CountsJson(const Report& report) {
  Json counts = Json::object();
  for (const ScanFinding& finding : report.findings) {
    Json& count =
        counts[std::string(KindName(finding.kind))][std::string(SeverityName(finding.severity))];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return counts;
}

Json AcceptedJson(const Evaluated& evaluated) {
  Json list = Json::array();
  for (const AcceptedFinding& one : evaluated.evaluation->accepted) {
    if (list.size() == kMaxAccepted) break;
    Json entry = {{"id", Tidy(evaluated.report.findings[one.finding].id)},
                  {"by", Tidy(one.by)},
                  {"reason", Tidy(one.reason)}};
    if (one.expires) entry["expires"] = FormatTime(*one.expires);
    list.push_back(std::move(entry));
  }
  return list;
}

Json ScanJson(const Evaluated& evaluated, const VerdictTerms& terms) {
  const Report& report = evaluated.report;
  const Evaluation& evaluation = *evaluated.evaluation;
  Json scan = {{"profile", evaluation.profile},
               {"format", FormatName(report.format)},
               {"scanner", Tidy(report.scanner)}};
  if (report.created) scan["scannedAt"] = FormatTime(*report.created);
  const auto& database = report.database ? report.database : terms.claims.database;
  if (database) scan["databaseAt"] = FormatTime(*database);
  if (!report.os.empty()) scan["os"] = Tidy(report.os);
  scan["shown"] = ClassesJson(report.shown);
  if (!terms.claims.classes.empty()) scan["declared"] = ClassesJson(terms.claims.classes);
  scan["counts"] = CountsJson(report);
  scan["accepted"] = AcceptedJson(evaluated);
  scan["acceptedCount"] = evaluation.accepted.size();
  return scan;
}

VerdictResult ResultOf(EvaluationResult result) {
  if (result == EvaluationResult::kFailed) return VerdictResult::kFailed;
  return result == EvaluationResult::kWarned ? VerdictResult::kWarned : VerdictResult::kPassed;
}

}  // namespace

NewVerdict VerdictOf(const Evaluated& evaluated, const VerdictTerms& terms) {
  const Evaluation& evaluation = *evaluated.evaluation;
  const KnownImage& image = evaluation.image;
  NewVerdict verdict{.result = ResultOf(evaluation.result),
                     .resource_uri = image.name,
                     .verifier = terms.verifier,
                     .time_verified = evaluated.now,
                     .expires_at = terms.expires_at,
                     .subjects = {},
                     .diff_ids = image.diff_ids,
                     .reasons = {},
                     .warnings = {},
                     .policy_uri = "https://runward.dev/policy/image#" + evaluation.profile,
                     .policy_sha256 = evaluated.policy_digest,
                     .inputs = {},
                     .scan = {}};
  AddSubjects(image.name, image.manifests, std::nullopt, verdict);
  AddSubjects("image-config", image.configs, std::nullopt, verdict);
  AddSubjects("layer-chain", image.chains, std::nullopt, verdict);
  const bool failed = evaluation.result == EvaluationResult::kFailed;
  verdict.reasons = TidyAll(failed ? evaluation.failed : evaluation.warned);
  if (failed) verdict.warnings = TidyAll(evaluation.warned);
  const std::string file = evaluated.file.substr(evaluated.file.rfind('/') + 1);
  verdict.inputs.push_back({"report:" + Tidy(file), evaluated.report.sha256});
  verdict.inputs.insert(verdict.inputs.end(), terms.inputs.begin(), terms.inputs.end());
  verdict.scan = ScanJson(evaluated, terms).dump(-1, ' ', false, Json::error_handler_t::replace);
  return verdict;
}

}  // namespace runward
