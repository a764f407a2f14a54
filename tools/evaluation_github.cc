#include "base/event_text.h"
#include "tools/evaluation.h"
#include "tools/log_text.h"

// GitHub's workflow commands (actions/toolkit, packages/core/src/command.ts): an annotation for
// each thing to do. GitHub shows ten errors and ten warnings a step, so those come first that
// matter.
namespace runward {
namespace {

std::string Escaped(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : WithoutLogCommands(Printable(text))) {
    if (c == '%') {
      escaped += "%25";
    } else if (property && c == ':') {
      escaped += "%3A";
    } else if (property && c == ',') {
      escaped += "%2C";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Annotation(std::string_view command, std::string_view title, std::string_view text) {
  return "::" + std::string(command) + " title=" + Escaped(title, true) +
         "::" + Escaped(text, false) + "\n";
}

std::string TextOf(const Action& action) {
  constexpr size_t kListed = 6;
  std::string text = action.what + ": ";
  size_t count = 0;
  for (const Problem* problem : action.problems) {
    if (++count > kListed) continue;
    const Breach& breach = *problem->breaches.front();
    text += (count == 1 ? "" : ", ") +
            (problem->finding == nullptr ? breach.remedy : problem->finding->id);
  }
  if (count > kListed) text += " and " + std::to_string(count - kListed) + " more";
  return text + " (rule " + action.problems.front()->breaches.front()->rule + ")";
}

std::string One(const Evaluated& one) {
  if (!one.evaluation) return Annotation("error", one.file, one.error.message);
  const Evaluation& evaluation = *one.evaluation;
  std::string text;
  const std::vector<Problem> problems = ProblemsOf(one);
  for (const Action& action : ActionsOf(problems)) {
    text += Annotation(action.effect == Effect::kEnforce ? "error" : "warning",
                       evaluation.image.name + ": " + std::string(ActionTitle(action.kind)),
                       TextOf(action));
  }
  const std::string summary = std::string(ResultText(evaluation.result)) + " by profile " +
                              evaluation.profile + ", " + std::to_string(problems.size()) +
                              " problems";
  return text + Annotation("notice", evaluation.image.name, summary);
}

}  // namespace

std::string EvaluationGithub(std::span<const Evaluated> all) {
  std::string text;
  for (const Evaluated& one : all) text += One(one);
  return text;
}

}  // namespace runward
