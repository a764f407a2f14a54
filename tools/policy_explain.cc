#include <algorithm>
#include <array>

#include "base/event_text.h"
#include "base/glob.h"
#include "netfilter/plan_text.h"
#include "oci/load.h"
#include "oci/network_record.h"
#include "policy/match.h"
#include "policy/weigh.h"
#include "tools/config_explanation.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/policy_commands.h"
#include "tools/policy_subject.h"

namespace runward {
namespace {

constexpr size_t kMostNamed = 10;  // digests shown for one name

std::string VerdictText(const FoundEnvelopes& file, const CheckedEnvelope& envelope) {
  if (!envelope.verdict) return "refused: " + envelope.rule + ": " + envelope.why;
  constexpr std::array<const char*, 4> kResults = {"PASSED", "WARN", "FAILED", "REVOKED"};
  const Verdict& verdict = *envelope.verdict;
  std::string text = kResults[static_cast<size_t>(verdict.result)];
  text += " of " + FormatTime(verdict.time_verified) + " by key \"" + envelope.key + "\"";
  if (!verdict.resource_uri.empty()) text += " for \"" + verdict.resource_uri + "\"";
  if (verdict.expires_at) text += ", expires " + FormatTime(*verdict.expires_at);
  if (!Speaks({&envelope, &file.digest})) text += "; it speaks of another image";
  return text;
}

std::string Why(const Governing& governing) {
  const auto quoted = [](std::string_view text) { return "\"" + std::string(text) + "\""; };
  switch (governing.by) {
    case MatchedBy::kEverything:
      return "its match is {}, which is everything";
    case MatchedBy::kSignedName:
      return "a trusted key signed the name " + quoted(governing.name) + ", which fits " +
             quoted(governing.element);
    case MatchedBy::kUnsignedName:
      return "it is in audit mode, and the name " + quoted(governing.name) +
             ", which nobody signed, fits " + quoted(governing.element);
    case MatchedBy::kChain:
      return "it lists the chain " + std::string(governing.element);
    case MatchedBy::kBaseChain:
      return "it lists the base " + std::string(governing.element);
    case MatchedBy::kRootfs:
      return "it lists the path " + quoted(governing.element);
    default:
      return "no profile fits";
  }
}

std::string ProfileText(const Policy& policy, const Governing& governing) {
  if (governing.profile == nullptr) {
    return std::string("none; what no profile matches is ") +
           (policy.allow_unmatched ? "allowed (allowUnmatched)" : "refused");
  }
  const Profile& profile = *governing.profile;
  return "\"" + std::string(profile.name) + "\" (line " + std::to_string(profile.position.line) +
         ", " + (profile.mode == Mode::kAudit ? "audit" : "enforce") + "), since " + Why(governing);
}

std::string OutcomeText(const Decision& decision) {
  constexpr std::array<const char*, 3> kOutcomes = {"allowed", "would be denied (audit: it starts)",
                                                    "denied"};
  return std::string(kOutcomes[static_cast<size_t>(decision.outcome)]) + ": " + decision.rule;
}

// Why the profile that Decide() found governs: by the names of one of the image's digests.
Governing GoverningOf(const Policy& policy, const ImageEvidence& image,
                      const std::vector<FoundEnvelopes>& found, const Decision& decision) {
  std::vector<std::string_view> names;
  Governing governing = FindProfile(policy, image, names);
  for (const FoundEnvelopes& file : found) {
    const bool own = file.digest == image.chain ||
                     std::ranges::find(image.configs, file.digest) != image.configs.end();
    for (const CheckedEnvelope& envelope : file.envelopes) {
      if (!own || !Speaks({&envelope, &file.digest})) continue;
      names.push_back(envelope.verdict->resource_uri);
    }
    const Governing named = FindProfile(policy, image, names);
    if (named.profile != nullptr && named.profile->name == decision.profile) governing = named;
  }
  return governing;
}

// The rules as nft would read them, under a table's name that stands for any container's.
std::string NetworkText(const Policy& policy, const Decision& decision) {
  const NetworkRule rule = NetworkRuleOf(policy, decision.profile);
  if (!rule.given) return "";
  const bool audit = decision.mode == Mode::kAudit;
  std::string names;
  if (NeedsDns(rule)) {
    names =
        "# What goes to port 53 ends at runward-agent, which fills the sets *_dns4 and *_dns6 with "
        "the addresses\n# of names before it answers.\n";
  }
  if (NeedsPeers(rule)) {
    names +=
        "# The sets *_peer4 and *_peer6 hold the addresses of the containers that the rules name, "
        "while those run.\n";
  }
  if (rule.capabilities == NetworkCapabilities::kVeth) {
    names +=
        "# The same rules are held by programs at the host's end of each of the container's "
        "cables, "
        "whatever\n# becomes of this table.\n";
  }
  return "\n" + names + PlanText(BuildPlan(rule, {.key = std::string(64, '0'), .audit = audit}));
}

Result<std::string> Explain(const CommandLine& line, const Policy& policy,
                            const PolicySubject& subject) {
  const ImageEvidence& image = subject.image;
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(line.paths, policy, image));
  Decision decision = Decide(policy, image, found, Start::kCreate, Now());
  const std::string profile = ProfileText(policy, GoverningOf(policy, image, found, decision));
  ConfigExplanation config;
  if (subject.config != nullptr && decision.outcome != Outcome::kDeny) {
    config = TRY(ExplainConfig(line.paths, policy, subject, std::move(decision)));
    decision = config.decision;
  }
  std::string text = Printable(subject.title) + "\n";
  if (!image.unsigned_name.empty()) text += ExplainRow("called", image.unsigned_name);
  text += ExplainRow("image", image.chain ? image.chain->text() : "no identity: " + image.why);
  for (const Digest& digest : image.configs) text += ExplainRow("config", digest.text());
  if (found.empty()) text += ExplainRow("verdicts", "none on file");
  for (const FoundEnvelopes& file : found) {
    for (const CheckedEnvelope& envelope : file.envelopes) {
      text += ExplainRow("verdict", VerdictText(file, envelope));
    }
  }
  text += ExplainRow("profile", profile) + config.rows;
  text += ExplainRow("now", OutcomeText(decision));
  text += ExplainRow("reason", decision.reason);
  for (const std::string& warning : decision.warnings) {
    if (!warning.starts_with("run."))
      text += ExplainRow("warning", warning);  // those are rows already
  }
  if (!decision.hint.empty()) text += ExplainRow("hint", decision.hint);
  for (const std::string& note : subject.notes) text += ExplainRow("note", note);
  if (!config.difference.empty()) text += "\n" + config.difference;
  text += NetworkText(policy, decision);
  return text;
}

// The whole config.json as a start would leave it, for a program to read.
Result<std::string> Resulting(const CommandLine& line, const std::string& bundle) {
  const Policy policy = TRY(LoadPolicy(line.paths));
  const PolicySubject subject = TRY(BundleSubject(bundle));
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(line.paths, policy, subject.image));
  Decision decision = Decide(policy, subject.image, found, Start::kCreate, Now());
  ConfigExplanation config = TRY(ExplainConfig(line.paths, policy, subject, std::move(decision)));
  if (config.decision.outcome != Outcome::kDeny) return std::move(config.text);
  return Error{"it would not start: " + config.decision.rule + ": " + config.decision.reason,
               config.decision.hint};
}

// An image that the store knows nothing of: what would govern once a trusted key vouched for it.
std::string ExplainName(const Policy& policy, const std::string& name) {
  // Any digest will do: without a verdict none is told from another.
  const Digest some = *Digest::FromHex(std::string(64, '0'));
  const ImageEvidence image = {.chain = some, .unsigned_name = name};
  const std::string_view signed_name = name;
  std::string keys;
  for (const TrustedKey& key : policy.trust) {
    const bool may = std::ranges::any_of(
        key.images, [&](const std::string& pattern) { return GlobMatch(pattern, name); });
    if (may) keys += (keys.empty() ? "\"" : ", \"") + key.name + "\"";
  }
  const Decision decision = Decide(policy, image, {}, Start::kCreate, Now());
  std::string text = "image \"" + Printable(name) + "\"\n";
  text += ExplainRow("verdicts", "none on file under this name");
  text += ExplainRow("keys",
                     keys.empty() ? "none of the policy may vouch for it" : keys + " may vouch");
  if (!keys.empty()) {
    text += ExplainRow(
        "signed", "profile " + ProfileText(policy, FindProfile(policy, image, {&signed_name, 1})));
  }
  text += ExplainRow("unsigned", "profile " + ProfileText(policy, FindProfile(policy, image, {})));
  text += ExplainRow("now", OutcomeText(decision));
  return text;
}

Result<std::string> ExplainAll(const CommandLine& line, const Policy& policy,
                               const std::vector<PolicySubject>& subjects) {
  std::string text;
  for (const PolicySubject& subject : subjects) {
    text += (text.empty() ? "" : "\n") + TRY(Explain(line, policy, subject));
  }
  return text;
}

Result<std::string> Answer(const CommandLine& line, std::string_view what,
                           const std::string& value) {
  const Policy policy = TRY(LoadPolicy(line.paths));
  if (what == "--container") {
    return ExplainAll(line, policy, TRY(ContainerSubjects(line.paths, value)));
  }
  if (what == "--bundle") return Explain(line, policy, TRY(BundleSubject(value)));
  if (what == "--rootfs") return Explain(line, policy, TRY(RootfsSubject(value)));
  if (what != "--image") return Explain(line, policy, TRY(DigestSubject(value)));
  const auto subjects = TRY(NamedSubjects(line.paths, value, kMostNamed));
  if (subjects.empty()) return ExplainName(policy, value);
  return ExplainAll(line, policy, subjects);
}

}  // namespace

int PolicyExplainCommand(const CommandLine& line) {
  const std::vector<OptionSpec> specs = {{"--bundle", true}, {"--chain", true},
                                         {"--config", true}, {"--container", true},
                                         {"--image", true},  {"--rootfs", true}};
  std::vector<OptionSpec> all = specs;
  all.push_back({"--resulting", false});
  const auto options = Options::Parse(line.args, all);
  if (!options.ok()) return PrintUsage("policy explain", options.error());
  const auto given = [&](const OptionSpec& spec) { return options.value().Has(spec.name); };
  const auto what = std::ranges::find_if(specs, given);
  if (!options.value().words().empty() || std::ranges::count_if(specs, given) != 1) {
    return PrintUsage("policy explain", Error{"it takes exactly one of --image, --bundle, --chain, "
                                              "--config, --rootfs and --container",
                                              ""});
  }
  const std::string value = options.value().Last(what->name, "");
  if (value.empty()) {
    return PrintUsage("policy explain", Error{std::string(what->name) + " needs a value", ""});
  }
  const bool resulting = options.value().Has("--resulting");
  if (resulting && what->name != "--bundle") {
    return PrintUsage("policy explain", Error{"--resulting goes with --bundle", ""});
  }
  const auto answer = resulting ? Resulting(line, value) : Answer(line, what->name, value);
  if (!answer.ok()) return PrintError(answer.error());
  Print(answer.value());
  return Finish(kExitDone);
}

}  // namespace runward
