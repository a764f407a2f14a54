#include <unistd.h>

#include <algorithm>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/policy_file.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/own_commands.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

constexpr size_t kWindow = 96;  // bytes of the source line that are shown around the column

std::string_view LineOf(std::string_view text, size_t number) {
  for (size_t line = 1; line < number; ++line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return "";
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

// The source line with a caret under the column; a part of it when it is long, so that a policy
// without line breaks stays readable.
std::string Excerpt(std::string_view text, JsonPosition at) {
  std::string_view line = LineOf(text, at.line);
  size_t column = std::min(at.column - 1, line.size());
  if (line.size() > kWindow) {
    const size_t start = column > kWindow / 2 ? column - kWindow / 2 : 0;
    line = line.substr(start, kWindow);
    column -= start;
  }
  std::string pad;
  for (char c : line.substr(0, column)) pad += c == '\t' ? '\t' : ' ';
  std::string shown(line);
  for (char& c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '\t' && (byte < 0x20 || byte > 0x7e)) c = '?';
  }
  return "    " + shown + "\n    " + pad + "^\n";
}

std::string Report(const std::string& file, std::string_view text,
                   const std::vector<PolicyProblem>& problems) {
  std::string report;
  for (const PolicyProblem& problem : problems) {
    report += file + ":" + std::to_string(problem.position.line) + ":" +
              std::to_string(problem.position.column) + ": " + Printable(problem.message) + "\n";
    report += Excerpt(text, problem.position);
    if (!problem.hint.empty()) report += "    " + Printable(problem.hint) + "\n";
  }
  report += std::to_string(problems.size()) + (problems.size() == 1 ? " problem" : " problems");
  return report + " in " + file + "\n";
}

std::string Counted(size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string Summary(const std::string& file, const Policy& policy) {
  const auto audits =
      static_cast<size_t>(std::ranges::count(policy.profiles, Mode::kAudit, &Profile::mode));
  return file + ": good; " + Counted(policy.trust.size(), "trusted key") + ", " +
         Counted(policy.profiles.size(), "profile") + " (" +
         std::to_string(policy.profiles.size() - audits) + " enforce, " + std::to_string(audits) +
         " audit), what matches none is " + (policy.allow_unmatched ? "allowed" : "refused") + "\n";
}

bool RulesCommands(const Policy& policy) {
  return std::ranges::any_of(policy.profiles,
                             [](const Profile& profile) { return bool{profile.commands}; });
}

// What a good policy makes impossible on this machine: "" for nothing. `refused` says whether it is
// more than what audit mode would say.
std::string ImageReport(const CommandLine& line, const Policy& policy, const ImageStores& stores,
                        bool& refused) {
  if (!RulesCommands(policy)) return "";
  const auto images = ListLocalImages(stores);
  if (!images.ok()) {
    return "note: whether images can run their own commands was not looked at: " +
           Printable(images.error().message) + "\n";
  }
  std::string report;
  for (const ForbiddenOwnCommand& one : FindForbidden(line.paths, policy, images.value())) {
    refused |= one.enforced;
    report += std::string(one.enforced ? "image " : "note: in audit mode, image ") +
              Printable(one.image) + ", profile " + Printable(one.profile) + ": its own command " +
              Printable(one.reason) + "\n";
  }
  if (refused) {
    report +=
        "    let these commands run, or give the images another profile: their containers "
        "would be refused\n";
  }
  return report;
}

}  // namespace

// The installed policy must be root's alone, as at a start; a draft may lie anywhere.
int PolicyCheckCommand(const CommandLine& line) {
  const auto options = Options::Parse(
      line.args,
      {{"--containerd-root", true}, {"--containers-root", true}, {"--docker-root", true}});
  if (!options.ok()) return PrintUsage("policy check", options.error());
  const std::vector<std::string>& words = options.value().words();
  if (words.size() > 1) return PrintUsage("policy check", Error{"it takes one file", ""});
  const std::string file = words.empty() ? line.paths.policy : words.front();
  const Trust trust = file == line.paths.policy ? Trust::kOwnerAndParents : Trust::kAnyone;
  const auto text = ReadPolicyFile(line.paths, file, trust);
  if (!text.ok()) return PrintError(text.error());
  KeyFiles keys = KeyFilesBeside(file, trust);
  const std::vector<PolicyProblem> problems = CheckPolicy(text.value(), keys);
  if (!problems.empty()) {
    Print(Report(Printable(file), text.value(), problems));
    return Finish(kExitNo);
  }
  const auto policy = ParsePolicy(text.value(), file, keys);
  if (!policy.ok()) return PrintError(policy.error());
  bool refused = false;
  const ImageStores stores = StoresOf(options.value());
  const std::string report = ImageReport(line, policy.value(), stores, refused);
  Print(report + (refused ? "" : Summary(Printable(file), policy.value())));
  return Finish(refused ? kExitNo : kExitDone);
}

}  // namespace runward
