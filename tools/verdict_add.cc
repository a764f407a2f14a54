#include <algorithm>

#include "oci/load.h"
#include "tools/verdict.h"

namespace runward {
namespace {

std::string Hint(const NewEnvelope& envelope, const Paths& paths, const std::string& key_file) {
  const std::string& rule = envelope.checked.rule;
  if (rule == "verdict.untrusted") {
    const std::string key = key_file.empty() ? "the signer's public key" : key_file;
    return "to trust it, name " + key + " and its images under \"trust\" in " + paths.policy;
  }
  if (rule == "verdict.key-images") return "widen the key's \"images\" in " + paths.policy;
  if (rule == "verdict.changed") return "get the verdict from its signer again";
  return "";
}

std::string Summary(const NewEnvelope& envelope) {
  const Verdict& verdict = *envelope.checked.verdict;
  const bool revocation = verdict.result == VerdictResult::kRevoked;
  return std::string(ResultName(verdict.result)) +
         (revocation ? "" : " " + Shown(verdict.resource_uri)) + ", signed " +
         FormatTime(verdict.time_verified) + " by key " + Shown(envelope.checked.key);
}

}  // namespace

int AddAndReport(const Paths& paths, const std::vector<NewEnvelope>& envelopes,
                 const std::vector<TrustedKey>& trust, const std::string& key_file) {
  if (envelopes.empty()) return PrintNo("no verdict added: there is none in the input", "");
  int code = kExitDone;
  for (size_t i = 0; i < envelopes.size(); ++i) {
    const CheckedEnvelope& checked = envelopes[i].checked;
    if (checked.verdict) continue;
    const std::string which = envelopes.size() == 1 ? "" : " " + std::to_string(i + 1);
    code = PrintNo("no verdict added: envelope" + which + " is refused: " + checked.why + " (" +
                       checked.rule + ")",
                   Hint(envelopes[i], paths, key_file));
  }
  if (code != kExitDone) return code;
  const Result<std::vector<std::string>> files = AddToStore(paths, trust, envelopes);
  if (!files.ok()) {
    return PrintError({"no verdict added: " + files.error().message, files.error().hint});
  }
  for (const NewEnvelope& envelope : envelopes) Print("verdict: " + Summary(envelope) + "\n");
  for (const std::string& file : files.value()) Print("stored in " + file + "\n");
  if (files.value().empty()) Print("nothing new: the store had all of it\n");
  return Finish(kExitDone);
}

int VerdictAdd(const CommandLine& line) {
  constexpr std::string_view kWords = "verdict add";
  const Result<Options> options = Options::Parse(line.args, {});
  if (!options.ok()) return PrintUsage(kWords, options.error());
  if (options.value().words().size() != 1) {
    return PrintUsage(kWords, {"add takes one file of signed verdicts, or - for the standard input",
                               "make one with runwardctl verdict sign"});
  }
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) return PrintError(policy.error());
  const Result<std::string> text = ReadVerdictInput(options.value().words().front());
  if (!text.ok()) return PrintError(text.error());
  return AddAndReport(line.paths, ReadNewEnvelopes(text.value(), policy.value().trust),
                      policy.value().trust, "");
}

}  // namespace runward
