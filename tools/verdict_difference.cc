#include "tools/verdict_difference.h"

#include <algorithm>

#include "base/event_text.h"
#include "tools/verdict.h"

namespace runward {
namespace {

using Fields = std::vector<VerdictDifference::Field>;

void Compare(const char* name, const std::string& before, const std::string& after,
             Fields& fields) {
  if (before != after) fields.push_back({name, before, after});
}

std::string Images(const Verdict& verdict) {
  std::vector<std::string> digests;
  for (const Digest& digest : verdict.subjects) digests.push_back(digest.text());
  std::ranges::sort(digests);
  std::string text;
  for (const std::string& digest : digests) text += (text.empty() ? "" : " ") + digest;
  return text;
}

std::string Inputs(const VerdictBasis& basis) {
  std::string text = basis.report ? "report:" + basis.report->uri + " " + basis.report->sha256 : "";
  for (const VerdictInput& input : basis.inputs) {
    text += (text.empty() ? "" : ", ") + input.uri + " " + input.sha256;
  }
  return text;
}

}  // namespace

std::vector<std::string> WithoutThese(const std::vector<std::string>& all,
                                      const std::vector<std::string>& these) {
  std::vector<std::string> left;
  for (const std::string& one : all) {
    if (std::ranges::find(these, one) == these.end()) left.push_back(one);
  }
  return left;
}

std::string ReasonsText(const std::vector<std::string>& before,
                        const std::vector<std::string>& after) {
  std::string text;
  for (const std::string& one : WithoutThese(before, after)) text += "  - " + Printable(one) + "\n";
  for (const std::string& one : WithoutThese(after, before)) text += "  + " + Printable(one) + "\n";
  return text;
}

VerdictDifference DifferenceOf(const ComparedVerdict& before, const ComparedVerdict& after) {
  VerdictDifference difference;
  Fields& fields = difference.fields;
  Compare("result", std::string(ResultName(before.verdict.result)),
          std::string(ResultName(after.verdict.result)), fields);
  Compare("name", before.verdict.resource_uri, after.verdict.resource_uri, fields);
  Compare("images", Images(before.verdict), Images(after.verdict), fields);
  Compare("verifier", before.verdict.verifier_id, after.verdict.verifier_id, fields);
  Compare("profile", before.basis.profile, after.basis.profile, fields);
  Compare("policy", before.basis.policy_sha256, after.basis.policy_sha256, fields);
  Compare("inputs", Inputs(before.basis), Inputs(after.basis), fields);
  difference.reasons_gone = WithoutThese(before.verdict.reasons, after.verdict.reasons);
  difference.reasons_new = WithoutThese(after.verdict.reasons, before.verdict.reasons);
  if (!before.has_report || !after.has_report) return difference;
  std::ranges::set_difference(before.findings, after.findings,
                              std::back_inserter(difference.findings_gone));
  std::ranges::set_difference(after.findings, before.findings,
                              std::back_inserter(difference.findings_new));
  return difference;
}

std::vector<std::string> FindingLines(const Report& report) {
  std::vector<std::string> lines;
  for (const ScanFinding& finding : report.findings) {
    std::string line = finding.id + "  " + std::string(SeverityName(finding.severity)) + "  ";
    line += finding.package.empty() ? finding.place : finding.package + " " + finding.version;
    lines.push_back(std::move(line));
  }
  std::ranges::sort(lines);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

}  // namespace runward
