#include "tools/verdict_view.h"

#include "base/event_text.h"
#include "policy/dsse.h"
#include "tools/console.h"
#include "tools/verdict.h"

namespace runward {
namespace {

void AddRow(std::string& text, std::string_view label, const std::string& value) {
  constexpr size_t kWidth = 12;
  text += "  " + std::string(label) + std::string(kWidth - label.size(), ' ') + value + "\n";
}

void AddRevocation(const Verdict& verdict, std::string& text) {
  AddRow(text, "revoked", FormatTime(verdict.time_verified));
  if (verdict.revokes.empty()) AddRow(text, "revokes", "all verdicts until then");
  for (const std::string& payload : verdict.revokes) AddRow(text, "revokes", payload);
}

void AddSummary(const Verdict& verdict, std::string& text) {
  AddRow(text, "name", Printable(verdict.resource_uri));
  AddRow(text, "verified", FormatTime(verdict.time_verified));
  if (verdict.expires_at) AddRow(text, "expires", FormatTime(*verdict.expires_at));
  AddRow(text, "verifier", Printable(verdict.verifier_id));
}

}  // namespace

VerdictView ViewOf(std::string_view envelope, const std::vector<TrustedKey>& trust) {
  VerdictView view;
  view.checked = CheckEnvelope(envelope, trust);
  const Result<Envelope> parsed = ParseEnvelope(envelope);
  if (!parsed.ok()) {
    view.unreadable = parsed.error().message;
    return view;
  }
  view.payload = parsed.value().payload;
  Result<Verdict> claimed = ParseStatement(view.payload);
  if (claimed.ok()) {
    view.claimed = std::move(claimed).value();
  } else {
    view.unreadable = claimed.error().message;
  }
  return view;
}

std::string StateOf(const Verdict& verdict, Time now) {
  std::string state(ResultName(verdict.result));
  if (verdict.expires_at && *verdict.expires_at < now) state += ", expired";
  return state;
}

std::string SignerOf(const VerdictView& view) {
  if (view.checked.verdict) return "key " + Shown(view.checked.key);
  return "NOT TRUSTED: " + Printable(view.checked.why);
}

std::string Describe(const VerdictView& view, Time now) {
  std::string text = "verdict " + view.checked.payload_sha256 + "\n";
  if (view.claimed) {
    const Verdict& verdict = *view.claimed;
    AddRow(text, "result", StateOf(verdict, now));
    verdict.result == VerdictResult::kRevoked ? AddRevocation(verdict, text)
                                              : AddSummary(verdict, text);
    for (const std::string& reason : verdict.reasons) AddRow(text, "reason", Printable(reason));
    for (const Digest& subject : verdict.subjects) AddRow(text, "image", subject.text());
  } else {
    AddRow(text, "unreadable", Printable(view.unreadable));
  }
  AddRow(text, "signed by", SignerOf(view));
  return text;
}

}  // namespace runward
