#include "tools/refresh.h"

#include <algorithm>

#include "base/file.h"
#include "scan/evaluate.h"
#include "tools/console.h"
#include "tools/evaluated_verdict.h"
#include "tools/stored_input.h"
#include "tools/verdict_basis.h"

namespace runward {
namespace {

Refreshed Left(Refreshed one, std::string why) {
  one.why = std::move(why);
  return one;
}

// The inputs of then that none of the given ones replaces.
Result<std::vector<ScanInput>> StoredInputs(const VerdictBasis& basis, const RefreshTerms& terms,
                                            Refreshed& one) {
  const bool lists_exploited = terms.given.claims.exploited.has_value();
  std::vector<ScanInput> inputs;
  for (const VerdictInput& then : basis.inputs) {
    const size_t colon = then.uri.find(':');
    ScanInput input;
    input.kind = then.uri.substr(0, colon);
    input.file = colon == std::string::npos ? "" : then.uri.substr(colon + 1);
    const bool known = input.kind == "vex" || input.kind == "ignore" || input.kind == "exploited";
    const bool replaced = (input.kind == "exploited" && lists_exploited) ||
                          std::ranges::find(terms.given.named, then.uri, &VerdictInput::uri) !=
                              terms.given.named.end();
    const auto namesakes = std::ranges::count(basis.inputs, then.uri, &VerdictInput::uri);
    if (replaced && namesakes > 1 && input.kind != "exploited") {
      return Error{Shown(then.uri) + " is given, and " + std::to_string(namesakes) +
                       " files of that name counted: which one it replaces is not known",
                   "evaluate the report again, with all of them"};
    }
    if (!known || replaced) continue;
    if (FileMissing(StoredInputFile(terms.paths, then.sha256))) {
      one.notes.push_back(Shown(then.uri) + " is neither given nor stored, and counts no more");
      continue;
    }
    input.text = TRY(ReadStoredInput(terms.paths, then.sha256));
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Result<void> EvaluateAgain(const VerdictBasis& basis, const RefreshTerms& terms, Refreshed& one) {
  const std::string text = TRY(ReadStoredInput(terms.paths, basis.report->sha256));
  Evaluated evaluated;
  evaluated.file = basis.report->uri;
  evaluated.policy_digest = terms.policy.digest;
  evaluated.now = terms.now;
  evaluated.report = TRY(ReadReport(text, basis.report->uri));
  // What an attestation said of the report that was in it.
  if (!evaluated.report.created) evaluated.report.created = basis.scanned;
  VerdictTerms verdict;
  verdict.verifier = terms.verifier.empty() ? one.before.verifier_id : terms.verifier;
  verdict.expires_at = terms.expires_at ? terms.expires_at : one.before.expires_at;
  verdict.claims = basis.claims;
  if (terms.given.claims.exploited) verdict.claims.exploited = terms.given.claims.exploited;
  verdict.inputs = terms.given.named;
  std::vector<Exception> exceptions = terms.given.exceptions;
  const std::vector<ScanInput> stored = TRY(StoredInputs(basis, terms, one));
  TRY(UseScanInputs(stored, exceptions, verdict.claims));
  for (const ScanInput& input : stored) verdict.inputs.push_back(VerdictInputOf(input));
  Evaluation evaluation = TRY(Evaluate({.report = evaluated.report,
                                        .image = basis.image,
                                        .policy = terms.policy,
                                        .exceptions = exceptions,
                                        .claims = verdict.claims,
                                        .now = terms.now}));
  evaluated.evaluation = std::move(evaluation);
  one.statement = FormatStatement(VerdictOf(evaluated, verdict));
  one.after = TRY(ParseStatement(one.statement));
  return {};
}

bool Same(const Verdict& a, const Verdict& b) {
  return a.result == b.result && a.reasons == b.reasons;
}

}  // namespace

Refreshed Refresh(const RefreshCandidate& candidate, const RefreshTerms& terms) {
  const CheckedEnvelope& checked = candidate.verdict->checked;
  Refreshed one;
  one.before = *checked.verdict;
  one.key = checked.key;
  one.payload_sha256 = checked.payload_sha256;
  if (!candidate.obstacle.empty()) return Left(std::move(one), candidate.obstacle);
  const Result<VerdictBasis> basis = BasisOf(candidate.verdict->payload);
  if (!basis.ok() || !basis.value().report) {
    return Left(std::move(one), "it was signed by hand, and rests on no report");
  }
  const bool over = one.before.expires_at && *one.before.expires_at < terms.now;
  if (over && !terms.expires_at) return Left(std::move(one), "it expired; --expires renews it");
  if (FileMissing(StoredInputFile(terms.paths, basis.value().report->sha256))) {
    return Left(std::move(one), "its report is not in this store");
  }
  const Result<void> done = EvaluateAgain(basis.value(), terms, one);
  if (!done.ok()) {
    one.state = Refreshed::State::kError;
    one.error = done.error();
  } else {
    one.state =
        Same(one.before, *one.after) ? Refreshed::State::kUnchanged : Refreshed::State::kChanged;
  }
  return one;
}

}  // namespace runward
