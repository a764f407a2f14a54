#include <cstdint>
#include <cstdlib>
#include <string>

#include "policy/decide.h"
#include "policy/policy.h"

// A policy's text either has problems, each with a place in the text, or is one that decides; both
// ways of reading it agree.

namespace runward {
namespace {

class SomeKeys : public KeySource {
 public:
  Result<std::string> ReadKey(std::string_view name) override {
    if (name.empty() || name.find('\0') != std::string_view::npos) std::abort();
    return std::string(
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEArnTSqRcKczuiPzslZrEppify4bGlW9lNrSvADoMZcFs=\n"
        "-----END PUBLIC KEY-----\n");
  }
};

void Require(bool condition) {
  if (!condition) std::abort();
}

bool HasPlace(const std::string& text, const JsonPosition& at) {
  return at.line >= 1 && at.column >= 1 && at.line <= text.size() + 1 &&
         at.column <= text.size() + 1;
}

void CheckDecisions(const Policy& policy) {
  const Digest chain = *Digest::FromHex(std::string(64, '1'));
  const ImageEvidence image = {.chain = chain, .prefixes = {chain}, .unsigned_name = "a"};
  const ImageEvidence bundle = {.unsigned_name = "a", .rootfs = "/a"};
  bool audits = policy.allow_unmatched;
  bool lists = false;
  for (const Profile& profile : policy.profiles) {
    Require(!profile.name.empty());
    audits = audits || profile.mode == Mode::kAudit || !profile.verdict.required;
    lists = lists || profile.mode == Mode::kAudit || !profile.match.rootfs.empty();
  }
  const Time now{int64_t{1} << 60};
  for (const Start start : {Start::kCreate, Start::kRestore}) {
    // Without a verdict nothing starts unless the policy has something that lets it.
    Require(audits || Decide(policy, image, {}, start, now).outcome == Outcome::kDeny);
    Require(lists || Decide(policy, bundle, {}, start, now).outcome == Outcome::kDeny);
  }
}

}  // namespace
}  // namespace runward

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace runward;
  const std::string text(reinterpret_cast<const char*>(data), size);
  SomeKeys keys;
  const auto problems = CheckPolicy(text, keys);
  const auto policy = ParsePolicy(text, "policy.json", keys);
  Require(policy.ok() == problems.empty() && problems.size() <= 20);
  for (const PolicyProblem& problem : problems) {
    Require(!problem.message.empty() && HasPlace(text, problem.position));
  }
  if (policy.ok()) CheckDecisions(policy.value());
  return 0;
}
