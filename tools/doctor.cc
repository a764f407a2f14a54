#include "tools/doctor.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/console.h"
#include "tools/options.h"
#include "tools/setup.h"

namespace runward {
namespace {

void Append(Findings& all, Findings more) { all.insert(all.end(), more.begin(), more.end()); }

Findings Examine(const CommandLine& line) {
  Findings all = CheckInstallation(line.paths, Now());
  const std::vector<EngineFacts> engines = ReadEngines();
  Append(all, JudgeAll(engines));
  for (const EngineFacts& engine : engines) Append(all, JudgeEngine(engine));
  Append(all, JudgeHost(ReadHost(line.paths)));
  // What stops or opens the gate comes first.
  std::ranges::stable_sort(
      all, [](const Finding& a, const Finding& b) { return a.problem && !b.problem; });
  return all;
}

std::string Counted(std::ptrdiff_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void PrintText(const Findings& all) {
  for (const Finding& finding : all) {
    Print(std::string(finding.problem ? "problem  " : "note     ") + finding.id + "\n  " +
          finding.what + "\n  mend: " + finding.remedy + "\n");
  }
  const auto problems = std::ranges::count(all, true, &Finding::problem);
  Print(Counted(problems, "problem") + ", " +
        Counted(static_cast<std::ptrdiff_t>(all.size()) - problems, "note") + "\n");
}

void PrintJson(const Findings& all) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : all) {
    list.push_back({{"id", finding.id},
                    {"severity", finding.problem ? "problem" : "note"},
                    {"what", finding.what},
                    {"remedy", finding.remedy}});
  }
  Print(list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace

int DoctorCommand(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {{"--json", false}});
  if (!options.ok()) return PrintUsage("doctor", options.error());
  if (!options.value().words().empty()) return PrintUsage("doctor", {"it takes no words", ""});
  const Findings all = Examine(line);
  options.value().Has("--json") ? PrintJson(all) : PrintText(all);
  const bool problem = std::ranges::any_of(all, &Finding::problem);
  return Finish(problem ? kExitNo : kExitDone);
}

}  // namespace runward
