#include <algorithm>
#include <array>

#include "base/event_text.h"
#include "base/glob.h"
#include "oci/load.h"
#include "oci/start_controls.h"
#include "policy/match.h"
#include "policy/weigh.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/policy_commands.h"
#include "tools/policy_subject.h"

namespace runward {
namespace {

constexpr size_t kMostNamed = 10;  // digests shown for one name

std::string Row(const std::string& head, const std::string& text) {
  return "  " + head + std::string(head.size() < 10 ? 10 - head.size() : 1, ' ') + Printable(text) +
         "\n";
}

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

// What would become of a bundle's config.json: what its profile's controls find, and what would be
// written into it.
Result<std::string> ExplainConfig(const CommandLine& line, const Policy& policy,
                                  const PolicySubject& subject, Decision& decision) {
  const StartControls controls =
      TRY(JudgeStart(line.paths, RuleOf(policy, decision.profile),
                     {*subject.config, subject.bundle, subject.image.rootfs}));
  decision = WithFindings(std::move(decision), controls.findings);
  std::string text;
  if (controls.findings.empty()) text += Row("controls", "nothing asked for exceeds them");
  for (const RunFinding& finding : controls.findings) {
    text += Row("control", "run." + finding.control + ": asked for " + finding.asked +
                               "; allowed: " + finding.allowed);
  }
  const std::string closed = WouldClose(*subject.config, controls.rule.denied_syscalls);
  if (decision.outcome == Outcome::kDeny) {
    text += Row("becomes", "nothing: it does not start");
  } else if (closed.empty() || decision.mode == Mode::kAudit) {
    text += Row("becomes", "itself: nothing is changed");
  } else {
    text += Row("becomes", "itself, with these system calls denied");
  }
  if (!closed.empty()) text += Row("syscalls", closed);
  return text;
}

Result<std::string> Explain(const CommandLine& line, const Policy& policy,
                            const PolicySubject& subject) {
  const ImageEvidence& image = subject.image;
  const std::vector<FoundEnvelopes> found = TRY(LoadVerdicts(line.paths, policy, image));
  Decision decision = Decide(policy, image, found, Start::kCreate, Now());
  const std::string profile = ProfileText(policy, GoverningOf(policy, image, found, decision));
  std::string controls;
  if (subject.config != nullptr && decision.outcome != Outcome::kDeny) {
    controls = TRY(ExplainConfig(line, policy, subject, decision));
  }
  std::string text = Printable(subject.title) + "\n";
  if (!image.unsigned_name.empty()) text += Row("called", image.unsigned_name);
  text += Row("image", image.chain ? image.chain->text() : "no identity: " + image.why);
  for (const Digest& config : image.configs) text += Row("config", config.text());
  if (found.empty()) text += Row("verdicts", "none on file");
  for (const FoundEnvelopes& file : found) {
    for (const CheckedEnvelope& envelope : file.envelopes) {
      text += Row("verdict", VerdictText(file, envelope));
    }
  }
  text += Row("profile", profile) + controls;
  text += Row("now", OutcomeText(decision));
  text += Row("reason", decision.reason);
  for (const std::string& warning : decision.warnings) {
    if (!warning.starts_with("run.")) text += Row("warning", warning);  // those are rows already
  }
  if (!decision.hint.empty()) text += Row("hint", decision.hint);
  for (const std::string& note : subject.notes) text += Row("note", note);
  return text;
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
  text += Row("verdicts", "none on file under this name");
  text += Row("keys", keys.empty() ? "none of the policy may vouch for it" : keys + " may vouch");
  if (!keys.empty()) {
    text += Row("signed",
                "profile " + ProfileText(policy, FindProfile(policy, image, {&signed_name, 1})));
  }
  text += Row("unsigned", "profile " + ProfileText(policy, FindProfile(policy, image, {})));
  text += Row("now", OutcomeText(decision));
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
  const auto options = Options::Parse(line.args, specs);
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
  const auto answer = Answer(line, what->name, value);
  if (!answer.ok()) return PrintError(answer.error());
  Print(answer.value());
  return Finish(kExitDone);
}

}  // namespace runward
