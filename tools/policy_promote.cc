#include "base/event_text.h"
#include "oci/policy_file.h"
#include "tools/config_file.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/policy_commands.h"
#include "tools/promotion.h"
#include "tools/unified_diff.h"

namespace runward {
namespace {

struct Request {
  QuietQuestion question;
  bool dry_run = false;
};

Result<Request> Parse(const CommandLine& line) {
  const Options options = TRY(Options::Parse(
      line.args, {{"--any-policy"}, {"--dry-run"}, {"--even-if-unused"}, {"--quiet", true}}));
  if (options.words().size() != 1) return Error{"it takes the name of one profile", ""};
  const auto quiet = ParseDuration(options.Last("--quiet", ""));
  if (!quiet || *quiet <= 0) {
    return Error{"--quiet needs the time without a would-deny, such as 7d or 36h", ""};
  }
  return Request{.question = {.profile = options.words().front(),
                              .quiet_ns = *quiet,
                              .now = Now(),
                              .even_if_unused = options.Has("--even-if-unused"),
                              .any_policy = options.Has("--any-policy")},
                 .dry_run = options.Has("--dry-run")};
}

int Refuse(const QuietAnswer& answer) {
  for (const std::string& event : answer.events) Print("  " + event + "\n");
  return PrintNo(answer.refusal, answer.hint);
}

// Keys are read as a start reads them.
std::vector<PolicyProblem> Problems(const std::string& text, const std::string& path) {
  KeyFiles keys = KeyFilesBeside(path, Trust::kOwnerAndParents);
  return CheckPolicy(text, keys);
}

Result<int> Promote(const CommandLine& line, Request request) {
  const std::string& path = line.paths.policy;
  // Also says what to do when there is no policy.
  (void)TRY(ReadPolicyFile(line.paths, path, Trust::kOwnerAndParents));
  const ConfigFile file = TRY(ConfigFile::Open(path));
  KeyFiles keys = KeyFilesBeside(path, Trust::kOwnerAndParents);
  request.question.policy_sha256 = TRY(ParsePolicy(file.text(), path, keys)).digest;
  const std::string promoted = TRY(PromotedPolicy(file.text(), request.question.profile));
  const QuietAnswer answer = TRY(AskQuiet(line.paths, request.question));
  if (!answer.refusal.empty()) return Refuse(answer);
  const std::vector<PolicyProblem> problems = Problems(promoted, path);
  if (!problems.empty()) {
    return PrintNo("with it in enforce mode the policy would be wrong: " + problems.front().message,
                   "promote the later profile first, or give it images of its own");
  }
  PrintExact(UnifiedDiff(file.text(), promoted, path, path));
  if (request.dry_run) {
    Print("nothing was written (--dry-run)\n");
    return Finish(kExitDone);
  }
  const std::string backup = path + ".before-promote";
  TRY(file.WriteBeside(backup, file.text()));
  TRY(file.Write(promoted));
  Print("profile " + Shown(request.question.profile) + " now enforces (" +
        std::to_string(answer.decisions) + " decisions without a would-deny); what stood there " +
        "before: " + Printable(backup) + "\n");
  return Finish(kExitDone);
}

}  // namespace

int PolicyPromoteCommand(const CommandLine& line) {
  auto request = Parse(line);
  if (!request.ok()) return PrintUsage("policy promote", request.error());
  const auto done = Promote(line, std::move(request).value());
  return done.ok() ? done.value() : PrintError(done.error());
}

}  // namespace runward
