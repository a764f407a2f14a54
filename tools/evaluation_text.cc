#include <algorithm>

#include "base/event_text.h"
#include "tools/evaluation.h"
#include "tools/log_text.h"

namespace runward {
namespace {

constexpr size_t kLabel = 10;
constexpr size_t kSubject = 44;
constexpr size_t kListed = 4;  // findings named in a line

void AddRow(std::string_view label, const std::string& value, std::string& text) {
  text += "  " + std::string(label) + std::string(kLabel - label.size(), ' ') + value + "\n";
}

std::string Cut(std::string text, size_t most) {
  text = Printable(text);
  if (text.size() > most) CutEscaped(text, most);
  return text;
}

// Display columns of UTF-8 text.
size_t WidthOf(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string SeverityCounts(const Report& report) {
  std::string text;
  for (size_t i = std::size(kSeverityNames); i-- > 0;) {
    const auto count =
        std::ranges::count(report.findings, static_cast<Severity>(i), &ScanFinding::severity);
    if (count == 0) continue;
    text +=
        (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(kSeverityNames[i]);
  }
  return text;
}

std::string ReportRow(const Evaluated& one) {
  const Report& report = one.report;
  std::string text = Cut(one.file, 80) + ", " + Cut(report.scanner, 40);
  if (report.created) text += ", scanned " + FormatTime(*report.created);
  if (!report.os.empty()) text += ", " + Cut(report.os, 40);
  return text;
}

void AddHead(const Evaluated& one, std::string& text) {
  const Evaluation& evaluation = *one.evaluation;
  const Report& report = one.report;
  text +=
      std::string(ResultText(evaluation.result)) + "  " + Cut(evaluation.image.name, 200) + "\n";
  AddRow("profile", evaluation.profile + ", policy sha256:" + one.policy_digest.substr(0, 12),
         text);
  AddRow("report", ReportRow(one), text);
  std::string findings = std::to_string(report.findings.size());
  if (!report.findings.empty()) findings += ": " + SeverityCounts(report);
  if (!evaluation.accepted.empty()) {
    findings += "; " + std::to_string(evaluation.accepted.size()) + " accepted";
  }
  AddRow("findings", findings, text);
  for (const std::string& note : one.notes) AddRow("note", Printable(note), text);
  constexpr size_t kMost = 20;
  for (size_t i = 0; i < std::min(evaluation.notes.size(), kMost); ++i) {
    AddRow("note", Cut(evaluation.notes[i], 200), text);
  }
  if (evaluation.notes.size() > kMost) {
    AddRow("note", std::to_string(evaluation.notes.size() - kMost) + " more like these", text);
  }
}

std::string NameOf(const Problem& problem) {
  if (problem.finding == nullptr) return problem.breaches.front()->rule;
  const ScanFinding& finding = *problem.finding;
  std::string text = Cut(finding.id, 60);
  if (finding.kind != FindingKind::kLicense) {
    text += " " + std::string(SeverityName(finding.severity));
  }
  for (const Breach* breach : problem.breaches) {
    const bool usual = breach->rule.ends_with(".fail") || breach->rule.ends_with(".warn");
    if (!usual) text += " [" + breach->rule + "]";
  }
  return text;
}

void AddAction(const Action& action, std::string& text) {
  std::string line = action.effect == Effect::kEnforce ? "  FAIL  " : "  warn  ";
  line += Cut(action.what, 160);
  const size_t width = WidthOf(line);
  line += width < kSubject ? std::string(kSubject - width, ' ') : "  ";
  for (size_t i = 0; i < std::min(action.problems.size(), kListed); ++i) {
    line += (i == 0 ? "" : ", ") + NameOf(*action.problems[i]);
  }
  if (action.problems.size() > kListed) {
    line += " and " + std::to_string(action.problems.size() - kListed) + " more";
  }
  text += line + "\n";
  const Breach& breach = *action.problems.front()->breaches.front();
  const bool said = action.kind == Action::Kind::kUpgrade || action.kind == Action::Kind::kSecret;
  if (!said && !breach.remedy.empty()) text += "          " + Cut(breach.remedy, 300) + "\n";
}

void AddAccepted(const Evaluated& one, std::string& text) {
  const auto& accepted = one.evaluation->accepted;
  if (accepted.empty()) return;
  constexpr size_t kMost = 20;
  text += "\nAccepted\n";
  for (size_t i = 0; i < std::min(accepted.size(), kMost); ++i) {
    const AcceptedFinding& entry = accepted[i];
    const ScanFinding& finding = one.report.findings[entry.finding];
    text += "  " + Cut(finding.id, 60);
    if (!finding.package.empty()) text += " in " + Cut(finding.package, 60);
    text += ", by " + Cut(entry.by, 80);
    if (!entry.reason.empty()) text += ": " + Cut(entry.reason, 160);
    if (entry.expires) text += " (until " + FormatTime(*entry.expires) + ")";
    text += "\n";
  }
  if (accepted.size() > kMost) {
    text += "  and " + std::to_string(accepted.size() - kMost) + " more\n";
  }
}

std::string Full(const Evaluated& one) {
  std::string text;
  AddHead(one, text);
  const std::vector<Problem> problems = ProblemsOf(one);
  std::optional<Action::Kind> last;
  const std::vector<Action> actions = ActionsOf(problems);
  for (const Action& action : actions) {
    if (last != action.kind) text += "\n" + std::string(ActionTitle(action.kind)) + "\n";
    last = action.kind;
    AddAction(action, text);
  }
  AddAccepted(one, text);
  if (!problems.empty()) text += "\nRules\n";
  for (const std::string& reason : one.evaluation->failed)
    text += "  FAIL  " + Printable(reason) + "\n";
  for (const std::string& reason : one.evaluation->warned)
    text += "  warn  " + Printable(reason) + "\n";
  return text;
}

// One of several: a line each.
std::string Short(const Evaluated& one) {
  if (!one.evaluation) return "ERROR   " + Printable(one.error.message) + "\n";
  constexpr size_t kWidth = 8;
  const EvaluationResult result = one.evaluation->result;
  std::string text(result == EvaluationResult::kFailed   ? "FAILED"
                   : result == EvaluationResult::kWarned ? "WARN"
                                                         : "PASSED");
  text += std::string(kWidth - text.size(), ' ') + Cut(one.evaluation->image.name, 120) + "  " +
          Cut(one.file, 120);
  const auto& reasons =
      result == EvaluationResult::kFailed ? one.evaluation->failed : one.evaluation->warned;
  if (!reasons.empty()) text += "\n          " + Cut(reasons.front(), 160);
  if (reasons.size() > 1) text += " (and " + std::to_string(reasons.size() - 1) + " more rules)";
  return text + "\n";
}

std::string Sum(std::span<const Evaluated> all) {
  size_t counts[3] = {};
  size_t errors = 0;
  for (const Evaluated& one : all) {
    if (one.evaluation) {
      ++counts[static_cast<size_t>(one.evaluation->result)];
    } else {
      ++errors;
    }
  }
  return std::to_string(all.size()) + " reports: " + std::to_string(counts[0]) + " passed, " +
         std::to_string(counts[1]) + " passed with warnings, " + std::to_string(counts[2]) +
         " failed, " + std::to_string(errors) + " not evaluated\n";
}

}  // namespace

std::string EvaluationText(std::span<const Evaluated> all) {
  if (all.size() == 1) return all[0].evaluation ? WithoutLogCommands(Full(all[0])) : "";
  std::string text;
  for (const Evaluated& one : all) text += Short(one);
  return WithoutLogCommands(text + Sum(all));
}

}  // namespace runward
