#include "tools/evaluate_report.h"

#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/glob.h"
#include "tools/parallel.h"
#include "tools/reported_image.h"
#include "tools/scan_attestation.h"

namespace runward {
namespace {

// An attestation's report is in base64, and in quotes.
constexpr size_t kMaxInput = 2 * kMaxReportBytes;

Result<std::string> ReadInput(const std::string& file) {
  return file == "-" ? ReadFdCapped(STDIN_FILENO, kMaxInput, "the standard input")
                     : ReadFileCapped(file, kMaxInput, Trust::kAnyone);
}

void Merge(const std::vector<Digest>& more, std::vector<Digest>& all) {
  for (const Digest& digest : more) {
    if (std::ranges::find(all, digest) == all.end()) all.push_back(digest);
  }
}

Error NotSigned(const std::string& file, const char* why) {
  return {"\"" + file + "\" " + why + ", and --verify asks for a trusted signature",
          "name the signer's key under \"trust\" in the policy, for this image"};
}

Result<void> CheckSigner(const EvaluateRequest& request, const std::string& file,
                         const TrustedKey* key, const std::string& name) {
  if (!request.verify) return {};
  if (key == nullptr) return NotSigned(file, "is signed by no key of the policy");
  const bool may = std::ranges::any_of(
      key->images, [&](const std::string& pattern) { return GlobMatch(pattern, name); });
  return may ? Result<void>() : NotSigned(file, "is signed by a key that is not for this image");
}

// Digests that are given bind the report to the image (scan/binding.h); a name alone does not.
Result<void> CheckImage(const EvaluateRequest& request, const Report& report) {
  const KnownImage& image = request.image;
  const bool bound = !image.configs.empty() || !image.diff_ids.empty() || !image.chains.empty();
  return bound ? Result<void>() : CheckReported(request.unseen, report);
}

Result<void> Run(const EvaluateRequest& request, std::string& text, Evaluated& one) {
  text = TRY(ReadInput(one.file));
  auto attestation = ReadScanAttestation(text, request.policy.trust, request.now);
  if (!attestation.ok()) {
    return Error{"\"" + one.file + "\": " + attestation.error().message, attestation.error().hint};
  }
  std::optional<ScanAttestation>& scan = attestation.value();
  if (scan) {
    text = std::move(scan->report);
    if (!request.verify) one.notes.emplace_back("the attestation's signature was not checked");
  } else if (request.verify) {
    return NotSigned(one.file, "is no attestation");
  }
  one.report = TRY(ReadReport(text, one.file));
  // The attestation ties the report to the manifests that it names.
  if (scan) Merge(scan->subjects, one.report.identity.manifests);
  if (scan && !one.report.created) one.report.created = scan->scanned;
  if (scan && !one.report.database) one.report.database = scan->database;
  if (!request.unseen.empty()) TRY(CheckImage(request, one.report));
  Evaluation evaluation = TRY(Evaluate({.report = one.report,
                                        .image = request.image,
                                        .policy = request.policy,
                                        .exceptions = request.exceptions,
                                        .claims = request.terms.claims,
                                        .now = request.now}));
  TRY(CheckSigner(request, one.file, scan ? scan->key : nullptr, evaluation.image.name));
  one.evaluation = std::move(evaluation);
  return {};
}

}  // namespace

Evaluated EvaluateOne(const EvaluateRequest& request, const std::string& file, std::string& text) {
  Evaluated one{.file = file,
                .report = {},
                .evaluation = {},
                .error = {},
                .policy_digest = request.policy.digest,
                .now = request.now,
                .notes = request.image_notes};
  const Result<void> run = Run(request, text, one);
  if (!run.ok()) one.error = run.error();
  return one;
}

std::vector<Evaluated> EvaluateAll(const EvaluateRequest& request, const EvaluatedVisitor& done) {
  std::vector<Evaluated> all(request.files.size());
  InParallel(request.jobs, all.size(), [&](size_t i) {
    std::string text;
    all[i] = EvaluateOne(request, request.files[i], text);
    const Result<void> visited = done(all[i], text);
    if (visited.ok()) return;
    all[i].error = visited.error();
    all[i].evaluation.reset();
  });
  return all;
}

}  // namespace runward
