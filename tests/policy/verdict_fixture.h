#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policy/decide.h"
#include "policy/verdict.h"
#include "tests/policy/policy_fixture.h"

namespace runward::test {

inline constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;
inline constexpr Time kNow = {500'000 * kHour};  // in 2027

inline Time HoursAgo(int64_t hours) { return {kNow.ns - hours * kHour}; }

// An envelope that passed all checks, about the digest of `subject`.
inline CheckedEnvelope Signed(VerdictResult result, int64_t hours_ago, char subject,
                              std::string name = "r/web", std::string key = "ci") {
  CheckedEnvelope envelope;
  envelope.verdict = Verdict{.result = result,
                             .time_verified = HoursAgo(hours_ago),
                             .resource_uri = std::move(name),
                             .subjects = {DigestOf(subject)}};
  envelope.key = std::move(key);
  envelope.payload_sha256 = std::string(63, '0') + subject;
  return envelope;
}

inline CheckedEnvelope Passed(int64_t hours_ago, char subject = '1') {
  return Signed(VerdictResult::kPassed, hours_ago, subject);
}

// One that did not count.
inline CheckedEnvelope Bad(std::string rule, std::string why = "it is bad") {
  CheckedEnvelope envelope;
  envelope.rule = std::move(rule);
  envelope.why = std::move(why);
  return envelope;
}

// An image of chain @1 upon @2 with config @c.
inline ImageEvidence Image() {
  return {.store = "docker-overlay2",
          .chain = DigestOf('1'),
          .prefixes = {DigestOf('2'), DigestOf('1')},
          .configs = {DigestOf('c')},
          .config_certain = true,
          .unsigned_name = "user/name:1",
          .rootfs = "/mnt/rootfs"};
}

}  // namespace runward::test
