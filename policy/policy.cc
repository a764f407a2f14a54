#include "policy/policy.h"

#include <algorithm>

#include "base/encoding.h"
#include "policy/command_schema.h"
#include "policy/container_peer.h"
#include "policy/image_schema.h"
#include "policy/laxer.h"
#include "policy/network_schema.h"
#include "policy/run_check.h"
#include "policy/schema.h"
#include "policy/secret_schema.h"
#include "policy/validate.h"
#include "policy/wording.h"

namespace runward {
namespace {

// Positions of ascending offsets, in one pass over the text.
class PositionCursor {
 public:
  explicit PositionCursor(std::string_view text) : text_(text) {}
  JsonPosition At(const JsonValue& value) {
    const auto offset = static_cast<size_t>(value.raw().data() - text_.data());
    const std::string_view passed = text_.substr(offset_, offset - offset_);
    if (const size_t newline = passed.rfind('\n'); newline != std::string_view::npos) {
      at_.line += static_cast<size_t>(std::ranges::count(passed, '\n'));
      at_.column = passed.size() - newline;
    } else {
      at_.column += passed.size();
    }
    offset_ = offset;
    return at_;
  }

 private:
  std::string_view text_;
  size_t offset_ = 0;
  JsonPosition at_;
};

Lapse LapseOf(std::string_view text) {
  if (text == "warn") return Lapse::kWarn;
  return text == "grace" ? Lapse::kGrace : Lapse::kDeny;
}

// Fills a Policy from a document that Validate found well-formed, and finds what no table of keys
// can say.
class Reader {
 public:
  Reader(const JsonDocument& document, KeySource& keys, Policy& policy, Problems& problems)
      : keys_(keys), policy_(policy), problems_(problems), cursor_(document.text()) {}

  // Profiles are good, and nobody will ask where they stand.
  void BelieveProfiles() { check_profiles_ = false; }

  void Read(const JsonValue& root) {
    policy_.address_groups = root.Find("addressGroups");
    if (check_profiles_) CheckAddressGroups(policy_.address_groups, problems_);
    for (const JsonValue member : root) {
      if (member.key() == "trust") ReadTrust(member);
      if (member.key() == "profiles") ReadProfiles(member);
      if (member.key() == "events") ReadEvents(member);
      if (member.key() == "allowUnmatched") policy_.allow_unmatched = member.text() == "true";
      if (member.key() == "rootless") policy_.rootless_allowed = member.text() == "allow";
      if (member.key() == "unrecorded") policy_.unrecorded_allowed = member.text() == "allow";
    }
  }

 private:
  void ReadTrust(const JsonValue& list) {
    for (const JsonValue entry : list) {
      TrustedKey key;
      for (const JsonValue member : entry) ReadTrustMember(member, key);
      if (key.not_before && key.not_after && *key.not_after < *key.not_before) {
        problems_.At(entry.Find("notAfter"), "\"notAfter\" lies before \"notBefore\"");
      }
      const bool twin =
          std::ranges::find(policy_.trust, key.name, &TrustedKey::name) != policy_.trust.end();
      if (twin) problems_.At(entry.Find("name"), "a second key named " + Quoted(key.name));
      policy_.trust.push_back(std::move(key));
    }
  }

  void ReadTrustMember(const JsonValue& member, TrustedKey& key) {
    if (member.key() == "name") key.name = member.text();
    if (member.key() == "key") ReadKey(member, key);
    if (member.key() == "verifier") key.verifier = member.text();
    if (member.key() == "notBefore") key.not_before = ParseTime(member.text(), true);
    if (member.key() == "notAfter") key.not_after = LastMomentOf(member.text());
    if (member.key() == "images") {
      for (const JsonValue image : member) key.images.emplace_back(image.text());
    }
  }

  void ReadKey(const JsonValue& member, TrustedKey& key) {
    auto pem = keys_.ReadKey(member.text());
    auto parsed = pem.ok() ? ParsePublicKeyPem(pem.value()) : Result<PublicKey>(pem.error());
    if (!parsed.ok()) {
      const Error& error = parsed.error();
      problems_.At(member, "key " + Quoted(member.text()) + ": " + error.message, error.hint);
      return;
    }
    key.key = std::move(parsed).value();
  }

  void ReadProfiles(const JsonValue& list) {
    std::vector<std::pair<std::string_view, JsonValue>> names;
    names.reserve(list.size());
    policy_.profiles.reserve(list.size());
    for (const JsonValue entry : list) {
      Profile& profile = policy_.profiles.emplace_back();
      if (check_profiles_) profile.position = cursor_.At(entry);
      for (const JsonValue member : entry) {
        if (check_profiles_ && member.key() == "name") names.emplace_back(member.text(), member);
        ReadProfileMember(member, profile);
      }
      if (check_profiles_) CheckProfile(entry, profile);
    }
    if (!check_profiles_) return;
    for (const Profile& profile : policy_.profiles) {
      CheckPeerProfiles(profile.network, policy_.profiles, problems_);
    }
    CheckNames(std::move(names));
  }

  void CheckNames(std::vector<std::pair<std::string_view, JsonValue>> names) {
    std::ranges::stable_sort(names, {}, &std::pair<std::string_view, JsonValue>::first);
    for (size_t i = 1; i < names.size(); ++i) {
      if (names[i].first != names[i - 1].first) continue;
      problems_.At(names[i].second, "a second profile named " + Quoted(names[i].first));
    }
  }

  void ReadProfileMember(const JsonValue& member, Profile& profile) {
    const std::string_view key = member.key();
    const std::string_view text = member.text();
    if (key == "name") profile.name = text;
    if (key == "match") ReadMatch(member, profile.match);
    if (key == "mode") profile.mode = text == "audit" ? Mode::kAudit : Mode::kEnforce;
    if (key == "verdict") ReadVerdict(member, profile.verdict);
    if (key == "restore") profile.restore_allowed = text == "allow";
    if (key == "run") profile.run = member;
    if (key == "commands") profile.commands = member;
    if (key == "network") profile.network = member;
    if (key == "secrets") profile.secrets = member;
    if (key == "image") profile.image = member;
  }

  void ReadMatch(const JsonValue& match, Match& out) {
    for (const JsonValue member : match) {
      const std::string_view key = member.key();
      for (const JsonValue element : member) {
        if (key == "images") out.images.push_back(element.text());
        if (key == "chains") AddDigest(element, out.chains);
        if (key == "baseChains") AddDigest(element, out.base_chains);
        if (key == "rootfs") out.rootfs.push_back(element.text());
      }
    }
  }

  void ReadVerdict(const JsonValue& verdict, VerdictRule& out) {
    for (const JsonValue member : verdict) {
      const std::string_view key = member.key();
      const std::string_view text = member.text();
      if (key == "required") out.required = text == "true";
      if (key == "maxAge") out.max_age_ns = DurationOf(member);
      if (key == "warn") out.warn_allowed = text == "allow";
      if (key == "expired") out.expired = LapseOf(text);
      if (key == "grace") out.grace_ns = DurationOf(member);
      if (key == "lapsed") ReadLapsed(member, out);
    }
  }

  void ReadLapsed(const JsonValue& lapsed, VerdictRule& out) {
    out.stop_lapsed = lapsed.Find("stop").text() == "true";
    if (const JsonValue grace = lapsed.Find("grace")) out.stop_grace_ns = DurationOf(grace);
  }

  // Validate found these well-formed; a known policy's text may have been damaged since.
  void AddDigest(const JsonValue& value, std::vector<Digest>& out) {
    const auto digest = Digest::Parse(value.text());
    if (!digest) return problems_.At(value, "not a digest");
    out.push_back(*digest);
  }
  int64_t DurationOf(const JsonValue& value) {
    const auto duration = ParseDuration(value.text());
    if (!duration) problems_.At(value, "not a duration");
    return duration.value_or(0);
  }

  // Nobody shall believe in a rule that does nothing.
  void CheckProfile(const JsonValue& entry, const Profile& profile) {
    CheckRun(profile.run, problems_);
    CheckCommands(profile.commands, problems_);
    CheckNetwork(profile.network, policy_.address_groups, problems_);
    CheckSecrets(profile, problems_);
    CheckImage(profile.image, problems_);
    const JsonValue verdict = entry.Find("verdict");
    if (!verdict) return;
    const VerdictRule& rule = profile.verdict;
    if (rule.expired == Lapse::kGrace && rule.grace_ns == 0) {
      problems_.At(verdict, "\"expired\" is \"grace\", but \"grace\" does not say how long",
                   "add \"grace\": \"48h\"");
    }
    if (rule.expired != Lapse::kGrace && rule.grace_ns != 0) {
      problems_.AtKey(verdict.Find("grace"), "\"grace\" has no effect here",
                      "set \"expired\": \"grace\", or leave \"grace\" out");
    }
    if (rule.stop_grace_ns != 0 && !rule.stop_lapsed) {
      problems_.AtKey(verdict.Find("lapsed").Find("grace"), "\"grace\" has no effect here",
                      "set \"stop\": true, or leave \"grace\" out");
    }
    if (!rule.required && verdict.size() > 1) {
      problems_.At(verdict, "with \"required\": false the other keys of \"verdict\" have no effect",
                   "leave them out, or set \"required\": true");
    }
    const Match& match = profile.match;
    const bool bundles_only = !match.rootfs.empty() && match.images.empty() &&
                              match.chains.empty() && match.base_chains.empty();
    if (bundles_only && rule.required) {
      problems_.At(verdict, "no verdict can vouch for a rootfs path; to list it is to allow it",
                   "leave \"verdict\" out");
    }
  }

  void ReadEvents(const JsonValue& events) {
    for (const JsonValue member : events) {
      if (member.key() == "required") policy_.events.required = member.text() == "true";
      if (member.key() == "fdatasync") policy_.events.fdatasync = member.text() == "true";
      if (member.key() == "rotateBytes") policy_.events.rotate_bytes = member.Int().value();
      if (member.key() == "keep") policy_.events.keep = member.Int().value();
    }
  }

  KeySource& keys_;
  Policy& policy_;
  Problems& problems_;
  PositionCursor cursor_;
  bool check_profiles_ = true;
};

// The policy, which counts only when no problem is returned.
std::vector<PolicyProblem> ReadPolicy(std::string text, KeySource& keys, Policy& policy) {
  policy.digest = Sha256Hex(text);
  auto document = JsonDocument::Parse(
      std::move(text), {.max_bytes = kMaxPolicyBytes, .max_depth = 16, .comments = true});
  if (!document.ok()) return {SyntaxProblem(document.error())};
  policy.document = std::make_unique<JsonDocument>(std::move(document).value());
  Problems problems(*policy.document);
  Validate(*policy.document, PolicySchema(), problems);
  if (!problems.empty()) return problems.Take();
  Reader(*policy.document, keys, policy, problems).Read(policy.document->root());
  for (const ShadowedProfile& shadowed : FindShadowed(policy.profiles)) {
    problems.AtPosition(policy.profiles[shadowed.later].position,
                        DescribeShadowed(policy.profiles, shadowed),
                        "move the narrower profile to the front, or remove one of the two");
  }
  return problems.Take();
}

Error FirstOf(const std::vector<PolicyProblem>& problems, std::string_view file) {
  const PolicyProblem& first = problems.front();
  return Error{std::string(file) + ":" + std::to_string(first.position.line) + ":" +
                   std::to_string(first.position.column) + ": " + first.message,
               first.hint};
}

}  // namespace

Result<Policy> ParsePolicy(std::string text, std::string_view file, KeySource& keys) {
  Policy policy;
  const std::vector<PolicyProblem> problems = ReadPolicy(std::move(text), keys, policy);
  if (problems.empty()) return policy;
  return FirstOf(problems, file);
}

Result<Policy> ReadKnownPolicy(KnownPolicy known, std::string_view file, KeySource& keys) {
  Policy policy{.digest = std::move(known.digest)};
  policy.document = std::make_unique<JsonDocument>(
      TRY(JsonDocument::Restore(known.text, known.compiled, std::move(known.owner))));
  Problems problems(*policy.document);
  Reader reader(*policy.document, keys, policy, problems);
  reader.BelieveProfiles();
  reader.Read(policy.document->root());
  if (problems.empty()) return policy;
  return FirstOf(problems.Take(), file);
}

std::vector<PolicyProblem> CheckPolicy(const std::string& text, KeySource& keys) {
  Policy policy;
  return ReadPolicy(text, keys, policy);
}

}  // namespace runward
