#include <algorithm>

#include "base/file.h"
#include "oci/load.h"
#include "oci/verdict_store.h"
#include "tools/signing_key.h"
#include "tools/verdict.h"
#include "tools/verdict_statement.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict revoke";

void AddSubject(const Digest& digest, std::vector<Subject>& subjects) {
  const bool known = std::ranges::any_of(
      subjects, [&](const Subject& subject) { return subject.digest == digest; });
  if (!known) subjects.push_back({"revoked", digest});
}

// The image by every digest that its verdicts know it by: a node looks under its chain, and the
// person who revokes may know its config alone.
Result<std::vector<Subject>> SubjectsOf(const Paths& paths, const std::vector<TrustedKey>& trust,
                                        const Digest& digest) {
  std::vector<Subject> subjects;
  AddSubject(digest, subjects);
  const std::string text = TRY(ReadVerdictFile(paths, digest));
  for (const CheckedEnvelope& checked : CheckEnvelopes(text, trust)) {
    if (!checked.verdict) continue;
    const auto& also = checked.verdict->subjects;
    if (std::ranges::find(also, digest) == also.end()) continue;
    for (const Digest& other : also) AddSubject(other, subjects);
  }
  return subjects;
}

Result<NewRevocation> Build(const CommandLine& line, const Options& options,
                            const std::vector<TrustedKey>& trust) {
  NewRevocation revocation{.time_revoked = Now(), .reason = options.Last("--reason", "")};
  for (const std::string& payload : options.All("--payload")) {
    const std::optional<Digest> digest = ParseDigestArgument(payload);
    if (!digest) {
      return Error{"--payload \"" + payload + "\" is not a SHA-256",
                   Program(line.paths) + "verdict show shows a verdict's"};
    }
    revocation.payloads.emplace_back(digest->hex());
  }
  const std::optional<Digest> digest = ParseDigestArgument(options.words().front());
  if (!digest) {
    return Error{"\"" + options.words().front() + "\" is not a digest",
                 Program(line.paths) + "verdict list shows the images' digests"};
  }
  revocation.subjects = TRY(SubjectsOf(line.paths, trust, *digest));
  return revocation;
}

Result<void> CheckUsage(const Options& options) {
  if (options.words().size() != 1) return Error{"revoke takes one digest", ""};
  if (options.Has("--key") && !options.Last("--reason", "").empty()) return {};
  return Error{"revoke needs --key FILE and --reason TEXT", ""};
}

}  // namespace

int VerdictRevoke(const CommandLine& line) {
  const Result<Options> parsed = Options::Parse(
      line.args, {{"--key", true}, {"--reason", true}, {"--payload", true}, {"--out", true}});
  if (!parsed.ok()) return PrintUsage(kWords, parsed.error());
  const Options& options = parsed.value();
  const Result<void> usage = CheckUsage(options);
  if (!usage.ok()) return PrintUsage(kWords, usage.error());
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) return PrintError(policy.error());
  const std::vector<TrustedKey>& trust = policy.value().trust;
  const Result<NewRevocation> revocation = Build(line, options, trust);
  if (!revocation.ok()) return PrintUsage(kWords, revocation.error());
  const std::string key_file = options.Last("--key", "");
  const Result<SigningKey> key = SigningKey::ReadFile(key_file);
  if (!key.ok()) return PrintError(key.error());
  const std::string envelope = SignStatement(key.value(), FormatStatement(revocation.value()));
  if (options.Has("--out")) {  // for the other nodes
    const Result<void> written =
        WriteFileAtomic(options.Last("--out", ""), envelope + "\n", 0644, false);
    if (!written.ok()) return PrintError(written.error());
  }
  return AddAndReport(line.paths, ReadNewEnvelopes(envelope, trust), trust, "");
}

}  // namespace runward
