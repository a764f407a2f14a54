// bench_compose CONFIG POLICY: composes the system calls that the policy's first profile denies
// with the configuration's profile; prints the nanoseconds of the first time, and of the median of
// 1000.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "oci/spec.h"
#include "oci/start_controls.h"
#include "policy/run_rule.h"

namespace runward {
namespace {

constexpr int kTimes = 1000;

Result<int> Measure(const char* config, const char* policy) {
  std::string text = TRY(ReadFileCapped(policy, kMaxSpecBytes, Trust::kAnyone));
  const JsonDocument rules = TRY(JsonDocument::Parse(std::move(text)));
  const JsonValue profiles = rules.root().Find("profiles");
  if (profiles.size() == 0) return Error{"the policy has no profile", ""};
  const RunRule rule = ReadRunRule((*profiles.begin()).Find("run"));
  std::string spec = TRY(ReadFileCapped(config, kMaxSpecBytes, Trust::kAnyone));
  const JsonDocument document = TRY(ReadSpec(std::move(spec), config));
  std::vector<int64_t> taken;
  for (int i = 0; i < kTimes; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const std::string changed = TRY(WithDeniedSyscalls(document, rule.denied_syscalls));
    const auto end = std::chrono::steady_clock::now();
    if (changed.empty()) return Error{"nothing was composed", ""};
    taken.push_back(std::chrono::nanoseconds(end - start).count());
  }
  const int64_t first = taken.front();
  std::ranges::sort(taken);
  std::printf("%lld %lld\n", static_cast<long long>(first),
              static_cast<long long>(taken[kTimes / 2]));
  return 0;
}

}  // namespace
}  // namespace runward

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  const runward::Result<int> done = runward::Measure(argv[1], argv[2]);
  if (done.ok()) return done.value();
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "%s\n", problem.what());
  return 1;
}
