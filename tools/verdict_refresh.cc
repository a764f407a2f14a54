#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "oci/load.h"
#include "tools/evaluate_request.h"
#include "tools/log_text.h"
#include "tools/parallel.h"
#include "tools/refresh.h"
#include "tools/signing_key.h"
#include "tools/stored_input.h"
#include "tools/verdict.h"
#include "tools/verdict_difference.h"
#include "tools/verdict_options.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kWords = "verdict refresh";

// What was asked for, read and checked.
struct RefreshRequest {
  Policy trusting;  // the installation's: whose verdicts count, and may be added
  Policy judging;
  std::vector<ScanInput> inputs;  // and, understood:
  GivenInputs given;
  std::optional<SigningKey> key;
  std::optional<Time> expires_at;
  std::string verifier;
  size_t jobs = 1;
  Time now;
};

// Each file, before anything is signed with what the others say.
Result<GivenInputs> Understand(const std::vector<ScanInput>& inputs) {
  GivenInputs given;
  TRY(UseScanInputs(inputs, given.exceptions, given.claims));
  for (const ScanInput& input : inputs) given.named.push_back(VerdictInputOf(input));
  return given;
}

Result<RefreshRequest> ReadRequest(const Paths& paths, const Options& options) {
  RefreshRequest request;
  request.now = Now();
  request.trusting = TRY(LoadPolicy(paths));
  request.judging = TRY(ReadGivenPolicy(paths, options));
  request.inputs = TRY(ReadScanInputs(options));
  request.jobs = TRY(ReadJobs(options));
  request.verifier = options.Last("--verifier", "");
  if (options.Has("--sign")) {
    request.key.emplace(TRY(SigningKey::ReadFile(options.Last("--sign", ""))));
  }
  request.given = TRY(Understand(request.inputs));
  if (!options.Has("--expires")) return request;
  request.expires_at = TRY(ParseExpiry(options.Last("--expires", ""), request.now));
  return request;
}

Result<std::vector<Refreshed>> RefreshAll(const Paths& paths, const RefreshRequest& request) {
  const std::vector<StoredVerdict> stored = TRY(ReadStoredVerdicts(paths, request.trusting.trust));
  const std::vector<RefreshCandidate> candidates = RefreshCandidates(stored, request.now);
  const RefreshTerms terms = {.paths = paths,
                              .policy = request.judging,
                              .given = request.given,
                              .verifier = request.verifier,
                              .expires_at = request.expires_at,
                              .now = request.now};
  std::vector<Refreshed> all(candidates.size());
  InParallel(request.jobs, all.size(), [&](size_t i) { all[i] = Refresh(candidates[i], terms); });
  return all;
}

// Signs what changed. An Error of one is its own; the others are signed all the same.
void Sign(const Paths& paths, const RefreshRequest& request, std::vector<Refreshed>& all) {
  bool stored = false;
  for (Refreshed& one : all) {
    if (one.state != Refreshed::State::kChanged) continue;
    Result<void> added =
        AddSigned(paths, request.trusting.trust, SignStatement(*request.key, one.statement));
    for (const ScanInput& input : request.inputs) {
      if (stored || !added.ok()) break;
      added = StoreInput(paths, input.text);
    }
    stored = stored || added.ok();
    if (added.ok()) continue;
    one.state = Refreshed::State::kError;
    one.error = added.error();
  }
}

std::string_view StateName(Refreshed::State state) {
  switch (state) {
    case Refreshed::State::kUnchanged:
      return "unchanged";
    case Refreshed::State::kChanged:
      return "changed";
    case Refreshed::State::kLeft:
      return "left";
    case Refreshed::State::kError:
      return "error";
  }
  return "";
}

std::string TextOf(const Refreshed& one) {
  const std::string before(ResultName(one.before.result));
  std::string text =
      std::string(StateName(one.state)) + "  " + Printable(one.before.resource_uri) + "  " + before;
  if (one.state == Refreshed::State::kChanged) {
    const std::string after(ResultName(one.after->result));
    text += after == before ? ", for other reasons" : " -> " + after;
  }
  if (!one.why.empty()) text += ": " + one.why;
  text += "\n";
  if (one.after) text += ReasonsText(one.before.reasons, one.after->reasons);
  for (const std::string& note : one.notes) text += "  note: " + note + "\n";
  return text;
}

Json JsonOf(const Refreshed& one) {
  Json json = {{"state", StateName(one.state)},
               {"name", one.before.resource_uri},
               {"key", one.key},
               {"payload_sha256", one.payload_sha256},
               {"before", ResultName(one.before.result)}};
  if (one.after) {
    json["after"] = ResultName(one.after->result);
    json["added"] = WithoutThese(one.after->reasons, one.before.reasons);
    json["removed"] = WithoutThese(one.before.reasons, one.after->reasons);
  }
  if (!one.why.empty()) json["why"] = one.why;
  if (one.state == Refreshed::State::kError) json["error"] = one.error.message;
  if (!one.notes.empty()) json["notes"] = one.notes;
  return json;
}

size_t CountOf(const std::vector<Refreshed>& all, Refreshed::State state) {
  return static_cast<size_t>(std::ranges::count(all, state, &Refreshed::state));
}

void PrintAll(const std::vector<Refreshed>& all, bool signs) {
  for (const Refreshed& one : all) {
    if (one.state == Refreshed::State::kError) {
      PrintError({Printable(one.before.resource_uri) + ": " + one.error.message, one.error.hint});
    } else if (one.state != Refreshed::State::kUnchanged || !one.notes.empty()) {
      Print(TextOf(one));
    }
  }
  const size_t changed = CountOf(all, Refreshed::State::kChanged);
  Print(std::to_string(changed) + " changed" + (signs && changed > 0 ? " and signed" : "") + ", " +
        std::to_string(CountOf(all, Refreshed::State::kUnchanged)) + " unchanged, " +
        std::to_string(CountOf(all, Refreshed::State::kLeft)) + " left as they are\n");
}

void PrintJson(const std::vector<Refreshed>& all, bool signs) {
  Json verdicts = Json::array();
  for (const Refreshed& one : all) {
    verdicts.push_back(JsonOf(one));
    verdicts.back()["signed"] = signs && one.state == Refreshed::State::kChanged;
  }
  Print(LogJson({{"verdicts", std::move(verdicts)}}));
}

int ExitCode(const std::vector<Refreshed>& all) {
  if (CountOf(all, Refreshed::State::kError) > 0) return kExitError;
  const bool failed = std::ranges::any_of(all, [](const Refreshed& one) {
    return one.after && one.after->result == VerdictResult::kFailed;
  });
  return failed ? kExitNo : kExitDone;
}

}  // namespace

// As for evaluate, 2 is the policy's "no" alone.
int VerdictRefresh(const CommandLine& line) {
  const Result<Options> options = Options::Parse(line.args, {{"--policy", true},
                                                             {"--vex", true},
                                                             {"--ignore", true},
                                                             {"--exploited", true},
                                                             {"--sign", true},
                                                             {"--expires", true},
                                                             {"--verifier", true},
                                                             {"--jobs", true},
                                                             {"--json", false}});
  if (!options.ok() || !options.value().words().empty()) {
    PrintUsage(kWords, options.ok() ? Error{"refresh takes no words", ""} : options.error());
    return kExitError;
  }
  const Result<RefreshRequest> request = ReadRequest(line.paths, options.value());
  if (!request.ok()) return PrintError(request.error());
  Result<std::vector<Refreshed>> all = RefreshAll(line.paths, request.value());
  if (!all.ok()) return PrintError(all.error());
  const bool signs = request.value().key.has_value();
  if (signs) Sign(line.paths, request.value(), all.value());
  options.value().Has("--json") ? PrintJson(all.value(), signs) : PrintAll(all.value(), signs);
  return Finish(ExitCode(all.value()));
}

}  // namespace runward
