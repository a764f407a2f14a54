#include <strings.h>

#include <algorithm>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/load.h"
#include "tools/signing_key.h"
#include "tools/verdict.h"
#include "tools/verdict_image.h"
#include "tools/verdict_statement.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict sign";
constexpr std::string_view kVerifier = "https://runward.dev/runwardctl";

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

Result<std::vector<Digest>> Digests(const Options& options, std::string_view flag) {
  std::vector<Digest> digests;
  for (const std::string& text : options.All(flag)) {
    const std::optional<Digest> digest = ParseDigestArgument(text);
    if (!digest) {
      return Error{std::string(flag) + " \"" + text + "\" is not a digest",
                   "sha256: and 64 lower-case hex digits"};
    }
    digests.push_back(*digest);
  }
  return digests;
}

Result<VerdictResult> ParseResult(const Options& options) {
  const std::string text = options.Last("--result", "");
  for (const VerdictResult result :
       {VerdictResult::kPassed, VerdictResult::kWarned, VerdictResult::kFailed}) {
    if (strcasecmp(text.c_str(), std::string(ResultName(result)).c_str()) == 0) return result;
  }
  return Error{"--result must be PASSED, WARN or FAILED, not \"" + text + "\"", ""};
}

Result<Time> ParseExpiry(const std::string& text, Time from) {
  if (const std::optional<int64_t> duration = ParseDuration(text)) {
    return Time{from.ns + *duration};
  }
  if (const std::optional<Time> time = ParseTime(text, true)) return *time;
  return Error{"--expires \"" + text + "\" is neither a duration nor a time",
               "such as 7d, 36h or 2027-01-31"};
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
  if (*verdict.expires_at > verdict.time_verified) return {};
  return Error{"--expires lies before the verdict's own time", ""};
}

// A name that shows as it is: what a policy's pattern is compared with must not hide anything.
Result<void> CheckName(const std::string& name) {
  if (name.empty()) {
    return Error{"sign needs --name NAME, the image's name that policies match",
                 "such as --name registry.example.com/web/app:1.2"};
  }
  if (Printable(name) == name && name.find(' ') == std::string::npos) return {};
  return Error{"--name has a character that does not show", ""};
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

void AddSubjects(const std::string& name, const std::vector<Digest>& digests,
                 const std::optional<Digest>& last, NewVerdict& verdict) {
  std::vector<Digest> all = digests;
  if (last) all.push_back(*last);
  for (const Digest& digest : all) {
    const auto same = [&](const Subject& one) { return one.digest == digest; };
    if (std::ranges::none_of(verdict.subjects, same)) verdict.subjects.push_back({name, digest});
  }
}

Result<void> SetImage(const Options& options, NewVerdict& verdict) {
  const std::vector<Digest> manifests = TRY(Digests(options, "--manifest"));
  const std::vector<Digest> configs = TRY(Digests(options, "--config"));
  const std::vector<Digest> chains = TRY(Digests(options, "--chain"));
  verdict.diff_ids = TRY(Digests(options, "--diff-id"));
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
  TRY(CheckName(verdict.resource_uri));
  return verdict;
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
