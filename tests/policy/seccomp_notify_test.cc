#include "policy/seccomp_notify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/policy/seccomp_filter.h"
#include "tests/policy/seccomp_profiles.h"

namespace runward {
namespace {

using test::BpfMachine;
using test::Json;
using test::kLogging;
using test::kLoose;
using test::kStrict;
using test::SeccompFilter;
using ::testing::HasSubstr;

const SeccompListener kListener = {.path = "/run/runward/calls.sock", .metadata = "enforce 0123"};
constexpr const char* kUnconfined = R"({"defaultAction": "SCMP_ACT_ALLOW",
                                        "architectures": ["SCMP_ARCH_X86"]})";

Result<std::string> Notify(const std::string& profile) {
  const JsonDocument document = JsonDocument::Parse(profile).value();
  return NotifyExecs(document.root(), kListener, Processor::kX86);
}

std::string WithExec(std::string profile) {
  return profile.replace(profile.find("\"read\""), 6, R"("execve","read","execveat")");
}

// What becomes of every call of every 64-bit and 32-bit program, compared with the given profile.
class Prover {
 public:
  Prover(const std::string& given, const std::string& composed)
      : before_(SeccompFilter(Json::parse(given), SCMP_ARCH_X86_64).Machine()),
        after_(SeccompFilter(Json::parse(composed), SCMP_ARCH_X86_64).Machine()) {}

  // How many execs are notified, of execve and execveat for two architectures.
  int Run() {
    for (const uint32_t arch : {uint32_t{SCMP_ARCH_X86_64}, uint32_t{SCMP_ARCH_X86}}) {
      for (int number = 0; number < 600; ++number) {
        char* const found = seccomp_syscall_resolve_num_arch(arch, number);
        const std::string name = found == nullptr ? "" : found;
        std::free(found);
        for (const uint64_t value : {0ULL, 8ULL, 9ULL, 131072ULL, 2114060288ULL, ~0ULL}) {
          Compare(arch, number, name, value);
        }
      }
    }
    return notified_;
  }

 private:
  void Compare(uint32_t arch, int number, const std::string& name, uint64_t value) {
    const seccomp_data data{
        .nr = number, .arch = arch, .instruction_pointer = 0, .args = {value, 0, 0, 0, 0, 0}};
    const uint32_t before = before_.Run(data);
    const uint32_t after = after_.Run(data);
    const uint32_t was = before & SECCOMP_RET_ACTION_FULL;
    const bool allowed = was == SECCOMP_RET_ALLOW || was == SECCOMP_RET_LOG;
    if ((name == "execve" || name == "execveat") && allowed) {
      EXPECT_EQ(after & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_USER_NOTIF) << name;
      notified_ += value == 0 ? 1 : 0;
    } else {
      EXPECT_EQ(before, after) << name << " of " << arch << " with " << value;
    }
  }

  BpfMachine before_;
  BpfMachine after_;
  int notified_ = 0;
};

TEST(NotifyExecs, AsksWhereTheProfileAllowsAndChangesNothingElse) {
  struct Case {
    std::string profile;
    int notified;
  };
  const std::vector<Case> cases = {
      {WithExec(kStrict), 4},
      {kLoose, 4},
      {kLogging, 4},
      {kStrict, 0},  // which allows neither
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86"],
           "syscalls": [{"names": ["execveat"], "action": "SCMP_ACT_KILL"}]})",
       2},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "architectures": ["SCMP_ARCH_X86"], "syscalls": [
           {"names": ["execve"], "action": "SCMP_ACT_LOG",
            "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}]}]})",
       2}};
  for (const Case& one : cases) {
    const auto composed = Notify(one.profile);
    ASSERT_TRUE(composed.ok()) << composed.error().message << one.profile;
    EXPECT_EQ(Prover(one.profile, composed.value()).Run(), one.notified) << one.profile;
  }
  EXPECT_EQ(Prover(kUnconfined, Notify("null").value()).Run(), 4);
}

TEST(NotifyExecs, TellsTheRuntimeWhomToAsk) {
  for (const char* profile :
       {"null", kLoose, R"({"defaultAction": "SCMP_ACT_ALLOW", "x\"y": 1})"}) {
    const Json composed = Json::parse(Notify(profile).value());
    EXPECT_EQ(composed.at("listenerPath"), kListener.path);
    EXPECT_EQ(composed.at("listenerMetadata"), kListener.metadata);
  }
}

TEST(NotifyExecs, IsTakenBackAndMadeAgain) {
  const std::string profile = WithExec(kStrict);
  const std::string once = Notify(profile).value();
  EXPECT_EQ(Json::parse(Notify(once).value()), Json::parse(once));
  const JsonDocument document = JsonDocument::Parse(once).value();
  const std::string without = WithoutNotifiedExecs(document.root(), kListener.path);
  EXPECT_THAT(without, ::testing::Not(HasSubstr("listener")));
  EXPECT_EQ(Prover(profile, Notify(without).value()).Run(), 4);
  EXPECT_EQ(WithoutNotifiedExecs(document.root(), "/other.sock"), "");
}

TEST(NotifyExecs, RefusesWhatItCannotJoin) {
  struct Case {
    const char* profile;
    const char* why;
  };
  const Case kBad[] = {
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/a.sock"})", "listener of its own"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
           {"names": ["mount"], "action": "SCMP_ACT_NOTIFY"}]})",
       "notifies another agent"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
           {"names": ["execve"], "action": "SCMP_ACT_TRACE"}]})",
       "has SCMP_ACT_TRACE for"},
      {R"({"defaultAction": "SCMP_ACT_TRACE"})", "default action"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["execve"],
           "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_GT"}]}]})",
       "under conditions"},
      {R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
           {"names": ["execve"], "action": "SCMP_ACT_ALLOW"},
           {"names": ["execve"], "action": "SCMP_ACT_KILL"}]})",
       "allows and denies"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": 1})", "must be a list"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "Syscalls": []})", "would be read as"},
      {R"({"defaultAction": "SCMP_ACT_ALLOW", "ListenerPath": "/x"})", "would be read as"},
      {"[]", "must be an object"}};
  for (const Case& one : kBad) {
    const auto composed = Notify(one.profile);
    ASSERT_FALSE(composed.ok()) << one.profile << composed.value();
    EXPECT_THAT(composed.error().message, HasSubstr(one.why)) << one.profile;
  }
}

}  // namespace
}  // namespace runward
