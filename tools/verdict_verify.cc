#include <algorithm>

#include "base/event_text.h"
#include "base/file.h"
#include "oci/load.h"
#include "tools/verdict.h"
#include "tools/verdict_view.h"

namespace runward {
namespace {

constexpr std::string_view kWords = "verdict verify";
constexpr size_t kMaxKey = 4096;

// The key named on the command line, trusted for every name; or the policy's keys.
Result<std::vector<TrustedKey>> TrustFor(const CommandLine& line, const Options& options) {
  if (!options.Has("--key")) {
    Policy policy = TRY(LoadPolicy(line.paths));
    return std::move(policy.trust);
  }
  const std::string file = options.Last("--key", "");
  const std::string pem = TRY(ReadFileCapped(file, kMaxKey, Trust::kAnyone));
  Result<PublicKey> key = ParsePublicKeyPem(pem);
  if (!key.ok()) return Error{"\"" + file + "\": " + key.error().message, key.error().hint};
  return std::vector<TrustedKey>{{.name = file, .key = std::move(key).value(), .images = {"*"}}};
}

struct No {
  std::string rule;
  std::string why;
};

// Why a node would not start the image for this envelope alone, by the rules that hold under every
// policy.
std::optional<No> Objection(const CheckedEnvelope& checked, const std::optional<Digest>& image,
                            Time now) {
  if (!checked.verdict) return No{checked.rule, checked.why};
  const Verdict& verdict = *checked.verdict;
  if (image && std::ranges::find(verdict.subjects, *image) == verdict.subjects.end()) {
    return No{"verdict.wrong-image", "it does not speak of " + image->text()};
  }
  if (verdict.result == VerdictResult::kRevoked) {
    return No{"verdict.revoked", "it revokes, and permits nothing"};
  }
  if (verdict.result == VerdictResult::kFailed) {
    return No{"verdict.failed", "the image failed its verification"};
  }
  if (verdict.expires_at && *verdict.expires_at < now) {
    return No{"verdict.expired", "it expired at " + FormatTime(*verdict.expires_at)};
  }
  return std::nullopt;
}

int Report(const std::string& file, const CheckedEnvelope& checked,
           const std::optional<Digest>& image) {
  if (const std::optional<No> no = Objection(checked, image, Now())) {
    return PrintNo(Shown(file) + " permits nothing: " + no->why + " (" + no->rule + ")", "");
  }
  const Verdict& verdict = *checked.verdict;
  Print(std::string(ResultName(verdict.result)) + " for " + Shown(verdict.resource_uri) +
        ", signed " + FormatTime(verdict.time_verified) + " by key " + Shown(checked.key) + "\n");
  return kExitDone;
}

}  // namespace

int VerdictVerify(const CommandLine& line) {
  const Result<Options> parsed = Options::Parse(line.args, {{"--key", true}, {"--image", true}});
  if (!parsed.ok()) return PrintUsage(kWords, parsed.error());
  const Options& options = parsed.value();
  if (options.words().size() != 1) return PrintUsage(kWords, {"verify takes one file, or -", ""});
  const std::optional<Digest> image = ParseDigestArgument(options.Last("--image", ""));
  if (options.Has("--image") && !image) {
    return PrintUsage(kWords, {"--image must be a digest", "sha256: and 64 hex digits"});
  }
  const Result<std::vector<TrustedKey>> trust = TrustFor(line, options);
  if (!trust.ok()) return PrintError(trust.error());
  const std::string& file = options.words().front();
  const Result<std::string> text = ReadVerdictInput(file);
  if (!text.ok()) return PrintError(text.error());
  const std::vector<CheckedEnvelope> envelopes = CheckEnvelopes(text.value(), trust.value());
  if (envelopes.empty()) return PrintNo(Shown(file) + " holds no verdict", "");
  int code = kExitDone;
  for (const CheckedEnvelope& checked : envelopes) {
    code = std::max(code, Report(file, checked, image));
  }
  return Finish(code);
}

}  // namespace runward
