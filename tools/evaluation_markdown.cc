#include "base/event_text.h"
#include "tools/evaluation.h"

namespace runward {
namespace {

// Text from a report is text: nothing in it becomes a link, an image or HTML.
std::string Md(std::string_view text, size_t most = 200) {
  std::string printable = Printable(text);
  if (printable.size() > most) CutEscaped(printable, most);
  std::string escaped;
  for (const char c : printable) {
    if (std::string_view("\\`*_{}[]()#+!|<>&~@").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string FindingsOf(const Action& action) {
  constexpr size_t kListed = 8;
  std::string text;
  size_t count = 0;
  for (const Problem* problem : action.problems) {
    if (++count > kListed) continue;
    if (count > 1) text += ", ";
    if (problem->finding == nullptr) {
      text += Md(problem->breaches.front()->remedy);
    } else {
      text += Md(problem->finding->id, 60) + " " +
              std::string(SeverityName(problem->finding->severity));
    }
  }
  return count > kListed ? text + " and " + std::to_string(count - kListed) + " more" : text;
}

std::string Table(const std::vector<Action>& actions) {
  std::string text;
  std::optional<Action::Kind> last;
  for (const Action& action : actions) {
    if (last != action.kind) {
      text += "\n### " + std::string(ActionTitle(action.kind)) +
              "\n\n| | what | findings | rule |\n|---|---|---|---|\n";
    }
    last = action.kind;
    text += std::string("| ") + (action.effect == Effect::kEnforce ? "**fail**" : "warn") + " | " +
            Md(action.what) + " | " + FindingsOf(action) + " | " +
            Md(action.problems.front()->breaches.front()->rule) + " |\n";
  }
  return text;
}

std::string One(const Evaluated& one) {
  if (!one.evaluation) {
    return "## ERROR: " + Md(one.file) + "\n\n" + Md(one.error.message, 1000) + "\n\n";
  }
  const Evaluation& evaluation = *one.evaluation;
  std::string text = "## " + std::string(ResultText(evaluation.result)) + ": " +
                     Md(evaluation.image.name) + "\n\nProfile " + Md(evaluation.profile) + ", " +
                     Md(one.report.scanner) + ", " + std::to_string(one.report.findings.size()) +
                     " findings, " + std::to_string(evaluation.accepted.size()) + " accepted.\n";
  const std::vector<Problem> problems = ProblemsOf(one);
  text += Table(ActionsOf(problems));
  return text + "\n";
}

}  // namespace

std::string EvaluationMarkdown(std::span<const Evaluated> all) {
  std::string text;
  for (const Evaluated& one : all) text += One(one);
  return text;
}

}  // namespace runward
