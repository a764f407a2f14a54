#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json.h"
#include "policy/verdict.h"

namespace runward {
namespace {

constexpr std::array<std::string_view, 2> kStatementTypes = {"https://in-toto.io/Statement/v1",
                                                             "https://in-toto.io/Statement/v0.1"};
constexpr size_t kMaxSubjects = 256;
constexpr size_t kMaxListed = 1024;

std::string Named(const JsonValue& value) { return "\"" + std::string(value.key()) + "\""; }

Error Missing(std::string_view name) {
  return {"the statement has no \"" + std::string(name) + "\"", ""};
}

Result<std::string> RequiredText(const JsonValue& object, std::string_view name) {
  const JsonValue value = TRY(object.Field(name));
  if (!value) return Missing(name);
  const std::string_view text = TRY(value.String());
  if (text.empty()) return Error{"the statement's " + Named(value) + " is empty", ""};
  return std::string(text);
}

Result<Time> ToTime(const JsonValue& value) {
  const std::optional<Time> time = ParseTime(TRY(value.String()));
  if (!time) {
    return Error{"the statement's " + Named(value) + " is \"" + std::string(value.text()) +
                     "\", which is not an RFC 3339 time",
                 ""};
  }
  return *time;
}

Result<Time> RequiredTime(const JsonValue& object, std::string_view name) {
  const JsonValue value = TRY(object.Field(name));
  if (!value) return Missing(name);
  return ToTime(value);
}

Result<void> CheckList(const JsonValue& list, size_t most) {
  if (!list.IsArray()) return Error{"the statement's " + Named(list) + " is not a list", ""};
  if (list.size() > most) {
    return Error{"the statement's " + Named(list) + " has " + std::to_string(list.size()) +
                     " entries, more than the " + std::to_string(most) + " allowed",
                 ""};
  }
  return {};
}

Error BadDigest(const JsonValue& value) {
  return {"the statement's " + Named(value) + " \"" + std::string(value.text().substr(0, 80)) +
              "\" is not 64 lower-case hex digits of SHA-256",
          ""};
}

// Digests other than SHA-256 (a cloud's image id) name no image that an engine here could mount.
Result<void> AddSubject(const JsonValue& subject, std::vector<Digest>& subjects) {
  const JsonValue digests = TRY(subject.Field("digest"));
  if (!digests.IsObject()) return Error{"a subject of the statement has no \"digest\"", ""};
  const JsonValue value = TRY(digests.Field("sha256"));
  if (!value) return {};
  const std::optional<Digest> digest = Digest::FromHex(TRY(value.String()));
  if (!digest) return BadDigest(value);
  if (std::ranges::find(subjects, *digest) == subjects.end()) subjects.push_back(*digest);
  return {};
}

Result<std::vector<Digest>> ParseSubjects(const JsonValue& statement) {
  const JsonValue list = TRY(statement.Field("subject"));
  if (!list) return Missing("subject");
  TRY(CheckList(list, kMaxSubjects));
  std::vector<Digest> subjects;
  for (const JsonValue subject : list) TRY(AddSubject(subject, subjects));
  return subjects;
}

Result<void> AddStrings(const JsonValue& list, std::vector<std::string>& out) {
  if (!list) return {};
  TRY(CheckList(list, kMaxListed));
  for (const JsonValue entry : list) out.emplace_back(TRY(entry.String()));
  return {};
}

Result<void> AddChain(const JsonValue& list, std::vector<Digest>& subjects) {
  if (!list) return {};
  TRY(CheckList(list, kMaxListed));
  std::vector<Digest> layers;
  for (const JsonValue entry : list) {
    const std::optional<Digest> layer = Digest::Parse(TRY(entry.String()));
    if (!layer) {
      return Error{"the statement's \"diffIDs\" holds \"" +
                       std::string(entry.text().substr(0, 80)) +
                       "\", which is not sha256: and 64 lower-case hex digits",
                   ""};
    }
    layers.push_back(*layer);
  }
  const std::optional<Digest> chain = ChainIdOf(layers);
  if (chain && std::ranges::find(subjects, *chain) == subjects.end()) subjects.push_back(*chain);
  return {};
}

// An unknown key of in-toto's or SLSA's is theirs to add; one of ours would be a rule that somebody
// believes in and nobody reads ("expireAt").
Result<void> CheckOwnKeys(const JsonValue& object, std::initializer_list<std::string_view> known) {
  for (const JsonValue member : object) {
    if (std::ranges::find(known, member.key()) == known.end()) {
      return Error{"the statement has the unknown key " + Named(member) + " in our extension", ""};
    }
  }
  return {};
}

// The extension can only narrow what "verificationResult" says.
Result<void> NarrowResult(std::string_view result, Verdict& verdict) {
  if (result == "FAILED") {
    verdict.result = VerdictResult::kFailed;
  } else if (result == "WARN") {
    if (verdict.result == VerdictResult::kPassed) verdict.result = VerdictResult::kWarned;
  } else if (result != "PASSED") {
    return Error{"the statement's extension has the result \"" + std::string(result.substr(0, 80)) +
                     "\", not PASSED, WARN or FAILED",
                 ""};
  }
  return {};
}

Result<void> ParseExtension(const JsonValue& extension, Verdict& verdict) {
  if (!extension) return {};
  if (!extension.IsObject()) return Error{"the statement's extension is not an object", ""};
  TRY(CheckOwnKeys(extension, {"result", "expiresAt", "diffIDs", "failed", "warned", "scan"}));
  const std::string result = TRY(RequiredText(extension, "result"));
  TRY(NarrowResult(result, verdict));
  if (const JsonValue expires = extension.Find("expiresAt")) {
    verdict.expires_at = TRY(ToTime(expires));
  }
  TRY(AddChain(extension.Find("diffIDs"), verdict.subjects));
  TRY(AddStrings(extension.Find("failed"), verdict.reasons));
  return AddStrings(extension.Find("warned"), verdict.reasons);
}

Result<void> ParseSummary(const JsonValue& predicate, Verdict& verdict) {
  const JsonValue verifier = TRY(predicate.Field("verifier"));
  if (!verifier.IsObject()) return Missing("verifier");
  verdict.verifier_id = TRY(RequiredText(verifier, "id"));
  verdict.time_verified = TRY(RequiredTime(predicate, "timeVerified"));
  verdict.resource_uri = TRY(RequiredText(predicate, "resourceUri"));
  const std::string result = TRY(RequiredText(predicate, "verificationResult"));
  if (result != "PASSED" && result != "FAILED") {
    return Error{"the statement's \"verificationResult\" is \"" + result.substr(0, 80) +
                     "\", not PASSED or FAILED",
                 ""};
  }
  verdict.result = result == "PASSED" ? VerdictResult::kPassed : VerdictResult::kFailed;
  return ParseExtension(TRY(predicate.Field(kVerdictExtension)), verdict);
}

Result<void> ParseRevocation(const JsonValue& predicate, Verdict& verdict) {
  TRY(CheckOwnKeys(predicate, {"timeRevoked", "payloads", "reason"}));
  verdict.result = VerdictResult::kRevoked;
  verdict.time_verified = TRY(RequiredTime(predicate, "timeRevoked"));
  verdict.reasons.push_back(TRY(RequiredText(predicate, "reason")));
  const JsonValue payloads = predicate.Find("payloads");
  if (!payloads) return {};
  TRY(CheckList(payloads, kMaxListed));
  for (const JsonValue payload : payloads) {
    // A hash misspelt would revoke nothing, silently.
    if (!Digest::FromHex(TRY(payload.String()))) return BadDigest(payload);
    verdict.revokes.emplace_back(payload.text());
  }
  return {};
}

Result<void> ParsePredicate(const JsonValue& statement, Verdict& verdict) {
  const std::string type = TRY(RequiredText(statement, "predicateType"));
  const JsonValue predicate = TRY(statement.Field("predicate"));
  if (type != kVsaType && type != kRevocationType) {
    return Error{"the statement is no verdict: its predicate is \"" + type.substr(0, 200) + "\"",
                 "a verdict's predicate is \"" + std::string(kVsaType) + "\""};
  }
  if (!predicate.IsObject()) return Missing("predicate");
  return type == kVsaType ? ParseSummary(predicate, verdict) : ParseRevocation(predicate, verdict);
}

}  // namespace

Result<Verdict> ParseStatement(std::string_view payload) {
  auto document = JsonDocument::Parse(std::string(payload), {.max_bytes = kMaxEnvelopeBytes});
  if (!document.ok()) {
    return Error{"the signed statement is not valid JSON: " + document.error().message, ""};
  }
  const JsonValue statement = document.value().root();
  if (!statement.IsObject()) return Error{"the signed statement is not a JSON object", ""};
  const std::string type = TRY(RequiredText(statement, "_type"));
  if (std::ranges::find(kStatementTypes, type) == kStatementTypes.end()) {
    return Error{
        "the signed text is no in-toto statement: its _type is \"" + type.substr(0, 200) + "\"",
        ""};
  }
  Verdict verdict;
  verdict.subjects = TRY(ParseSubjects(statement));
  TRY(ParsePredicate(statement, verdict));
  if (verdict.subjects.empty()) {
    return Error{"the statement names no image: it has neither a sha256 subject nor diffIDs", ""};
  }
  return verdict;
}

}  // namespace runward
