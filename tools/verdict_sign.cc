#include <strings.h>

#include <algorithm>

#include "base/file.h"
#include "oci/load.h"
#include "tools/signing_key.h"
#include "tools/verdict.h"
#include "tools/verdict_image.h"
#include "tools/verdict_options.h"
#include "tools/verdict_statement.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict sign";

Result<Options> ParseOptions(const CommandLine& line) {
  Options options = TRY(Options::Parse(line.args, {{"--key", true},
                                                   {"--result", true},
                                                   {"--image", true},
                                                   {"--name", true},
                                                   {"--config", true},
                                                   {"--manifest", true},
                                                   {"--chain", true},
                                                   {"--diff-id", true},
                                                   {"--expires", true},
                                                   {"--time", true},
                                                   {"--verifier", true},
                                                   {"--reason", true},
                                                   {"--docker-root", true},
                                                   {"--containers-root", true},
                                                   {"--out", true},
                                                   {"--add", false}}));
  if (!options.words().empty()) {
    return Error{"sign takes no words, and was given \"" + options.words().front() + "\"",
                 "name the image with --image"};
  }
  if (!options.Has("--key")) {
    return Error{"sign needs --key FILE", "make one with runwardctl verdict keygen"};
  }
  return options;
}

Result<VerdictResult> ParseResult(const Options& options) {
  const std::string text = options.Last("--result", "");
  for (const VerdictResult result :
       {VerdictResult::kPassed, VerdictResult::kWarned, VerdictResult::kFailed}) {
    if (strcasecmp(text.c_str(), std::string(ResultName(result)).c_str()) == 0) return result;
  }
  return Error{"--result must be PASSED, WARN or FAILED, not \"" + text + "\"", ""};
}

Result<void> SetTimes(const Options& options, NewVerdict& verdict) {
  verdict.time_verified = Now();
  if (options.Has("--time")) {
    const std::optional<Time> time = ParseTime(options.Last("--time", ""));
    if (!time) return Error{"--time must be an RFC 3339 time", "such as 2026-11-22T10:00:00Z"};
    verdict.time_verified = *time;
  }
  if (!options.Has("--expires")) return {};
  verdict.expires_at = TRY(ParseExpiry(options.Last("--expires", ""), verdict.time_verified));
  return {};
}

// What the local image says where the command line says nothing; they must not disagree.
Result<LocalImage> TakeLocalImage(const Options& options, const std::vector<Digest>& manifests,
                                  NewVerdict& verdict) {
  const std::string given = options.Last("--image", "");
  const std::optional<Digest> wanted =
      manifests.empty() ? std::nullopt : std::optional(manifests.front());
  LocalImage image = TRY(FindLocalImage(given, StoresOf(options), wanted));
  if (verdict.resource_uri.empty()) verdict.resource_uri = image.name;
  if (verdict.diff_ids.empty()) verdict.diff_ids = image.diff_ids;
  if (verdict.diff_ids == image.diff_ids) return image;
  return Error{"--diff-id names other layers than image \"" + given + "\" has", ""};
}

Result<void> SetImage(const Options& options, NewVerdict& verdict) {
  const std::vector<Digest> manifests = TRY(DigestsOf(options, "--manifest"));
  const std::vector<Digest> configs = TRY(DigestsOf(options, "--config"));
  const std::vector<Digest> chains = TRY(DigestsOf(options, "--chain"));
  verdict.diff_ids = TRY(DigestsOf(options, "--diff-id"));
  verdict.resource_uri = options.Last("--name", "");
  LocalImage image;
  if (options.Has("--image")) image = TRY(TakeLocalImage(options, manifests, verdict));
  AddSubjects(verdict.resource_uri, manifests, image.manifest, verdict);
  AddSubjects("image-config", configs, image.config, verdict);
  AddSubjects("layer-chain", chains, std::nullopt, verdict);
  if (!configs.empty() || !chains.empty() || !verdict.diff_ids.empty()) return {};
  return Error{"sign needs to know the image: its layers or its config, which nodes can check",
               "--image NAME for a local one, or --config and --diff-id with its digests"};
}

Result<NewVerdict> BuildVerdict(const Options& options) {
  NewVerdict verdict;
  verdict.result = TRY(ParseResult(options));
  verdict.verifier = options.Last("--verifier", std::string(kVerifier));
  verdict.reasons = options.All("--reason");
  if (verdict.result == VerdictResult::kPassed && !verdict.reasons.empty()) {
    return Error{"--reason belongs to WARN and FAILED", ""};
  }
  TRY(SetTimes(options, verdict));
  TRY(SetImage(options, verdict));
  TRY(CheckImageName(verdict.resource_uri));
  return verdict;
}

Result<void> CheckOut(const CommandLine& line, const Options& options) {
  if (!options.Has("--out")) return {};
  GivenFiles given;
  given.Add("the signing key", options.Last("--key", ""));
  given.Add("the policy", line.paths.policy);
  return given.Check("--out", options.Last("--out", ""));
}

int Add(const CommandLine& line, const std::string& envelope, const std::string& key_file) {
  const Result<Policy> policy = LoadPolicy(line.paths);
  if (!policy.ok()) return PrintError(policy.error());
  const std::vector<TrustedKey>& trust = policy.value().trust;
  const bool is_key = key_file.ends_with(".key");
  const std::string stem = is_key ? key_file.substr(0, key_file.size() - 4) : key_file;
  return AddAndReport(line.paths, ReadNewEnvelopes(envelope, trust), trust, stem + ".pub");
}

}  // namespace

int VerdictSign(const CommandLine& line) {
  const Result<Options> parsed = ParseOptions(line);
  if (!parsed.ok()) return PrintUsage(kWords, parsed.error());
  const Options& options = parsed.value();
  const Result<NewVerdict> verdict = BuildVerdict(options);
  if (!verdict.ok()) return PrintUsage(kWords, verdict.error());
  const Result<void> replaces_nothing = CheckOut(line, options);
  if (!replaces_nothing.ok()) return PrintUsage(kWords, replaces_nothing.error());
  const std::string key_file = options.Last("--key", "");
  const Result<SigningKey> key = SigningKey::ReadFile(key_file);
  if (!key.ok()) return PrintError(key.error());
  const std::string envelope = SignStatement(key.value(), FormatStatement(verdict.value()));
  if (options.Has("--out")) {
    const Result<void> written =
        WriteFileAtomic(options.Last("--out", ""), envelope + "\n", 0644, false);
    if (!written.ok()) return PrintError(written.error());
  }
  if (options.Has("--add")) return Add(line, envelope, key_file);
  if (!options.Has("--out")) Print(envelope + "\n");
  return Finish(kExitDone);
}

}  // namespace runward
