#include "tools/promotion.h"

#include <algorithm>
#include <optional>

#include "base/event_text.h"
#include "base/file.h"
#include "base/json.h"
#include "policy/policy.h"
#include "tools/checkpoint_log.h"
#include "tools/event_scan.h"
#include "tools/log_check.h"
#include "tools/report.h"

namespace runward {
namespace {

constexpr size_t kMostShown = 10;        // events
constexpr size_t kMaxKeyBytes = 4096;    // of checkpoint.pub
constexpr int64_t kAhead = 60000000000;  // ns that a record may be ahead of our clock

struct Seen {
  QuietAnswer answer;
  std::optional<Time> first;   // of the log
  std::optional<Time> latest;  // the highest
  int64_t another_policy = 0;  // decisions, in the time asked about
  int64_t unreadable = 0;
};

// "" when chain and checkpoints hold.
Result<std::string> ChainTrouble(const Paths& paths) {
  const CheckpointPaths checkpoint_paths = CheckpointPathsFor(paths);
  CheckpointLog checkpoints;
  if (!FileMissing(checkpoint_paths.log)) {
    const std::string pem =
        TRY(ReadFileCapped(checkpoint_paths.public_key, kMaxKeyBytes, Trust::kOwner));
    const PublicKey key = TRY(ParsePublicKeyPem(pem));
    checkpoints = TRY(ReadCheckpoints(checkpoint_paths.log, key));
  }
  if (!checkpoints.problems.empty()) return checkpoints.problems.front().what;
  const ChainVerifier log = TRY(CheckLog(paths.log, ExpectedHeads(checkpoints.checkpoints), 0));
  return log.problems().empty() ? std::string() : log.problems().front().what;
}

std::string EventLine(const Event& event) {
  return ShortTime(event.time) + "  " + Printable(event.id) + "  " + Printable(event.operation) +
         " " + Printable(event.image_name.empty() ? event.container_id : event.image_name) + ": " +
         Printable(event.rule) + ": " + Printable(event.reason);
}

void Note(const QuietQuestion& question, const Event& event, Seen& seen) {
  if (!seen.first) seen.first = event.time;
  seen.latest = std::max(seen.latest.value_or(event.time), event.time);
  if (event.profile != question.profile) return;
  if (event.time.ns < question.now.ns - question.quiet_ns) return;
  ++seen.answer.decisions;
  if (event.policy_sha256 != question.policy_sha256) ++seen.another_policy;
  if (event.action != EventAction::kWouldDeny) return;
  ++seen.answer.would_denies;
  if (seen.answer.events.size() < kMostShown) seen.answer.events.push_back(EventLine(event));
}

// Whether the log can tell at all; sets the refusal when not.
bool CanTell(const QuietQuestion& question, Seen& seen) {
  QuietAnswer& answer = seen.answer;
  const std::string quiet = FormatDuration(question.quiet_ns);
  if (!seen.first) {
    answer.refusal = "the event log is empty, so nothing says that it was quiet";
    answer.hint = "leave the profile in audit for " + quiet;
  } else if (seen.unreadable > 0) {
    answer.refusal = Count(seen.unreadable, "record") + " of the event log cannot be read";
    answer.hint = "see runwardctl report verify";
  } else if (seen.latest->ns > question.now.ns + kAhead) {
    answer.refusal = "the event log has a record of " + FormatTime(*seen.latest) +
                     ", which is still to come: the clock was set back";
    answer.hint = "correct the clock";
  } else if (seen.first->ns > question.now.ns - question.quiet_ns) {
    answer.refusal = "the event log begins at " + FormatTime(*seen.first) +
                     ", which is less than " + quiet + " ago";
    answer.hint = "wait, ask for a shorter --quiet, or keep more of the log (events.keep)";
  }
  return answer.refusal.empty();
}

void Judge(const QuietQuestion& question, Seen& seen) {
  QuietAnswer& answer = seen.answer;
  const std::string profile = "profile \"" + question.profile + "\"";
  const std::string quiet = "the last " + FormatDuration(question.quiet_ns);
  if (answer.would_denies > 0) {
    answer.refusal = profile + " would have denied " + Grouped(answer.would_denies) + " of " +
                     Count(answer.decisions, "decision") + " in " + quiet;
    answer.hint = "runwardctl report explain ID says why, and what to do";
  } else if (!CanTell(question, seen)) {
    return;
  } else if (answer.decisions == 0 && !question.even_if_unused) {
    answer.refusal = profile + " decided nothing in " + quiet;
    answer.hint = "--even-if-unused promotes it all the same";
  } else if (seen.another_policy > 0 && !question.any_policy) {
    answer.refusal = Grouped(seen.another_policy) + " of " + Count(answer.decisions, "decision") +
                     " of " + profile + " in " + quiet +
                     " were made under another policy file, whose rules may have been laxer";
    answer.hint = "wait; or count them by --any-policy, when this profile was the same in it";
  }
}

}  // namespace

Result<QuietAnswer> AskQuiet(const Paths& paths, const QuietQuestion& question) {
  Seen seen;
  const std::string trouble = TRY(ChainTrouble(paths));
  if (!trouble.empty()) {
    seen.answer.refusal = "the event log is not intact: " + trouble;
    seen.answer.hint = "see runwardctl report verify";
    return std::move(seen.answer);
  }
  const auto visit = [&](const LoggedEvent& logged, const LogLine&, const std::string&) {
    Note(question, logged.event, seen);
  };
  // Torn writes, which the chain accounts for, are counted as unreadable too.
  const ScanCounts counts = TRY(ScanEvents(paths.log, {}, visit));
  const ChainVerifier log = TRY(CheckLog(paths.log, {}, 0));
  seen.unreadable = std::max<int64_t>(0, counts.unreadable - log.torn_writes());
  Judge(question, seen);
  return std::move(seen.answer);
}

Result<std::string> PromotedPolicy(const std::string& text, std::string_view profile) {
  const JsonDocument document =
      TRY(JsonDocument::Parse(text, {.max_bytes = kMaxPolicyBytes, .comments = true}));
  for (const JsonValue entry : document.root().Find("profiles")) {
    if (entry.Find("name").text() != profile) continue;
    const JsonValue mode = entry.Find("mode");
    if (mode.text() != "audit") {
      return Error{"profile \"" + std::string(profile) + "\" is not in audit mode",
                   "there is nothing to promote"};
    }
    const std::string_view raw = mode.raw();
    std::string promoted(document.text());
    const auto at = static_cast<size_t>(raw.data() - document.text().data());
    return promoted.replace(at, raw.size(), "\"enforce\"");
  }
  return Error{"the policy has no profile \"" + std::string(profile) + "\"",
               "runwardctl policy check shows how many it has; their names stand in it"};
}

}  // namespace runward
