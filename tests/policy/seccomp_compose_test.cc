#include "policy/seccomp_compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "policy/syscall_groups.h"
#include "policy/syscall_names.h"
#include "tests/policy/seccomp_filter.h"
#include "tests/policy/seccomp_profiles.h"

namespace runward {
namespace {

using test::ArchOf;
using test::BpfMachine;
using test::ForArm;
using test::Json;
using test::kAsking;
using test::kLogging;
using test::kLoose;
using test::kStrict;
using test::SeccompFilter;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Denied(std::vector<std::string_view> words) {
  std::vector<std::string> names;
  for (std::string_view name : ExpandSyscalls(words)) names.emplace_back(name);
  return names;
}

Result<ComposedSeccomp> Compose(const std::string& text, const std::vector<std::string>& denied,
                                Processor processor = Processor::kX86) {
  static std::vector<JsonDocument> kept;  // what is closed may be views of a document
  kept.push_back(JsonDocument::Parse(text).value());
  return ComposeSeccomp(kept.back().root(), denied, processor);
}

bool Allows(uint32_t verdict) {
  const uint32_t action = verdict & SECCOMP_RET_ACTION_FULL;
  return action == SECCOMP_RET_ALLOW || action == SECCOMP_RET_LOG || action == SECCOMP_RET_TRACE ||
         action == SECCOMP_RET_USER_NOTIF;
}

struct Proof {
  std::string profile;  // "null": unconfined
  Processor processor = Processor::kX86;
  std::vector<std::string> denied;
};

// Where arguments can matter: what the profile names under a condition, and calls that make others.
std::set<std::string> ConditionedIn(const std::string& profile) {
  std::set<std::string> names;
  for (const Multiplexer& one : Multiplexers()) names.emplace(one.name);
  for (const Json& rule : Json::parse(profile).value("syscalls", Json::array())) {
    if (!rule.contains("args")) continue;
    for (const Json& name : rule.at("names")) names.insert(name);
  }
  return names;
}

// Arguments around every value that a profile's conditions name, and some of their own.
std::vector<uint64_t> SpreadOf(const std::string& profile) {
  std::vector<uint64_t> values = {0,  1,  2,  3,       5,          8,         17,
                                  20, 38, 40, 0x20000, 0xffffffff, UINT64_MAX};
  for (const Json& rule : Json::parse(profile).value("syscalls", Json::array())) {
    for (const Json& arg : rule.value("args", Json::array())) {
      const uint64_t value = arg.at("value");
      values.insert(values.end(), {value - 1, value, value + 1, ~value});
    }
  }
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

bool IsMultiplexer(std::string_view name) {
  return std::ranges::find(Multiplexers(), name, &Multiplexer::name) != Multiplexers().end();
}

// Whether socketcall(2) or ipc(2) makes the denied call with this first argument.
bool MakesDenied(uint32_t arch, const std::string& name, uint64_t first,
                 const std::vector<std::string>& denied) {
  const int base = name == "socketcall" ? -100 : -200;  // libseccomp's numbers for the parts
  if (!IsMultiplexer(name)) return false;
  return std::ranges::any_of(denied, [&](const std::string& part) {
    const int number = seccomp_syscall_resolve_name_arch(arch, part.c_str());
    return !IsMultiplexer(part) && number < 0 &&
           number == base - static_cast<int>(first & 0xffffffff);
  });
}

class Prover {
 public:
  explicit Prover(const Proof& proof)
      : proof_(proof),
        native_(proof.processor == Processor::kX86 ? SCMP_ARCH_X86_64 : SCMP_ARCH_AARCH64),
        given_(proof.profile == "null" ? R"({"defaultAction": "SCMP_ACT_ALLOW",
                  "architectures": ["SCMP_ARCH_X86", "SCMP_ARCH_ARM"]})"
                                       : proof.profile),
        conditioned_(ConditionedIn(given_)),
        spread_(SpreadOf(given_)) {}

  void Run() {
    const Result<ComposedSeccomp> composed =
        Compose(proof_.profile, proof_.denied, proof_.processor);
    ASSERT_TRUE(composed.ok()) << composed.error().message;
    const BpfMachine before = SeccompFilter(Json::parse(given_), native_).Machine();
    const BpfMachine after = SeccompFilter(Json::parse(composed.value().text), native_).Machine();
    const std::vector<uint32_t> archs =
        proof_.processor == Processor::kX86
            ? std::vector<uint32_t>{SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32}
            : std::vector<uint32_t>{SCMP_ARCH_AARCH64, SCMP_ARCH_ARM};
    for (const uint32_t arch : archs) CheckArch(before, after, arch);
    EXPECT_GT(compared_, 3000U);
  }

 private:
  void CheckArch(const BpfMachine& before, const BpfMachine& after, uint32_t arch) {
    const uint32_t base = arch == SCMP_ARCH_X32 ? 0x40000000 : 0;
    for (uint32_t number = base; number < base + 600; ++number) {
      CheckNumber(before, after, arch, number);
    }
    if (arch != SCMP_ARCH_ARM) return;
    // The processor's own: set_tls, cacheflush and others (asm/unistd.h, __ARM_NR_BASE).
    for (uint32_t number = 0xf0000; number < 0xf0010; ++number) {
      CheckNumber(before, after, arch, number);
    }
  }

  void CheckNumber(const BpfMachine& before, const BpfMachine& after, uint32_t arch,
                   uint32_t number) {
    char* const found = seccomp_syscall_resolve_num_arch(arch, static_cast<int>(number));
    const std::string name = found == nullptr ? "" : found;
    std::free(found);
    CheckCall(before, after, arch, {static_cast<int>(number), name});
  }

  struct Call {
    int number;
    std::string name;
  };
  void CheckCall(const BpfMachine& before, const BpfMachine& after, uint32_t arch,
                 const Call& call) {
    const bool matters = conditioned_.contains(call.name);
    for (const uint64_t value : matters ? spread_ : std::vector<uint64_t>{0, 7, UINT64_MAX}) {
      for (int index = 0; index < (matters ? 6 : 1); ++index) {
        seccomp_data data{.nr = call.number,
                          .arch = arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch,
                          .instruction_pointer = 0,
                          .args = {}};
        data.args[index] = value;
        Compare(before.Run(data), after.Run(data), arch, call.name, data);
      }
    }
  }

  void Compare(uint32_t before, uint32_t after, uint32_t arch, const std::string& name,
               const seccomp_data& data) {
    ++compared_;
    const bool denied = std::ranges::binary_search(proof_.denied, name) ||
                        MakesDenied(arch, name, data.args[0], proof_.denied);
    const std::string what = name + " " + std::to_string(data.nr) + " of arch " +
                             std::to_string(arch) + " with " + std::to_string(data.args[0]);
    if (denied) {
      ASSERT_FALSE(Allows(after)) << what;
    }
    if (!Allows(before)) {
      ASSERT_FALSE(Allows(after)) << what;
    }
    const bool touched =
        denied || IsMultiplexer(name) || (proof_.profile == "null" && arch == SCMP_ARCH_X32);
    if (!touched) {
      ASSERT_EQ(before, after) << what;
    }
  }

  const Proof& proof_;
  uint32_t native_;
  std::string given_;
  std::set<std::string> conditioned_;
  std::vector<uint64_t> spread_;
  size_t compared_ = 0;
};

TEST(ComposeSeccomp, NeverAllowsWhatEitherDenies) {
  const std::vector<std::vector<std::string>> denials = {
      Denied({"@mount", "@module", "@ptrace", "unshare", "setns", "personality"}),
      Denied({"connect", "semop", "shmget"}), Denied({"socketcall"}), Denied({"clone", "bind"}),
      Denied({"keyctl", "ipc", "umount", "cacheflush"})};
  for (const char* profile : {kStrict, kLoose, kLogging, kAsking, "null"}) {
    for (const std::vector<std::string>& denied : denials) {
      Prover({profile, Processor::kX86, denied}).Run();
      Prover({ForArm(profile), Processor::kArm64, denied}).Run();
      if (HasFatalFailure()) FAIL() << profile << denied.front();
    }
  }
}

TEST(ComposeSeccomp, NeverWeakensAProfileThatLacksABits) {
  Prover({R"({"defaultAction": "SCMP_ACT_ALLOW"})", Processor::kX86, Denied({"ptrace"})}).Run();
  Prover({R"({"defaultAction": "SCMP_ACT_KILL", "architectures": ["SCMP_ARCH_S390X"],
              "syscalls": [{"names": ["ptrace", "read"], "action": "SCMP_ACT_ALLOW"}]})",
          Processor::kX86, Denied({"ptrace"})})
      .Run();
}

// Docker's own profile, as it came to a runtime.
TEST(ComposeSeccomp, KeepsTheEnginesProfileBesides) {
  std::ifstream file(RUNWARD_SOURCE_DIR
                     "/../shared/data/engines/docker/run-plain/000-create/config.json");
  if (!file) GTEST_SKIP() << "no recorded calls here";
  const Json config = Json::parse(file);
  const std::string profile = config.at("linux").at("seccomp").dump();
  Prover({profile, Processor::kX86, Denied({"@mount", "@ptrace", "connect", "personality"})}).Run();
}

TEST(ComposeSeccomp, SaysWhatItCloses) {
  const std::vector<std::string> denied = Denied({"keyctl", "mount", "reboot", "unshare"});
  EXPECT_THAT(Compose(kStrict, denied).value().closed, ElementsAre("mount", "unshare"));
  EXPECT_THAT(Compose(kLoose, denied).value().closed, ElementsAre("reboot"));
  EXPECT_THAT(Compose("null", denied).value().closed,
              ElementsAre("keyctl", "mount", "reboot", "unshare"));
}

TEST(ComposeSeccomp, LeavesAllElseAsItIs) {
  const std::string text = R"({"x": [1 ], "defaultAction":"SCMP_ACT_ERRNO","flags":["F"],
 "syscalls":[ {"y":2,"names":["a" , "mount", "b"],"action":"SCMP_ACT_ALLOW"},
 {"names":["mount"],"action":"SCMP_ACT_ALLOW"}, {"names":null,"action":"SCMP_ACT_ALLOW"}],"z":3})";
  EXPECT_EQ(Compose(text, {"mount"}).value().text,
            R"({"x": [1 ], "defaultAction":"SCMP_ACT_ERRNO","flags":["F"],
 "syscalls":[{"y":2,"names":["a","b"],"action":"SCMP_ACT_ALLOW"},)"
            R"({"names":null,"action":"SCMP_ACT_ALLOW"}],"z":3})");
}

TEST(ComposeSeccomp, IsTheSameTwice) {
  for (const char* profile : {kStrict, kLoose, kLogging, "null"}) {
    const std::vector<std::string> denied = Denied({"@mount", "@ptrace", "connect"});
    const std::string once = Compose(profile, denied).value().text;
    EXPECT_EQ(Json::parse(Compose(once, denied).value().text), Json::parse(once)) << profile;
  }
}

TEST(ComposeSeccomp, RefusesWhatIsNoProfile) {
  for (const char* text : {"[]", "7", R"({"syscalls": {}})", R"({"syscalls": [7]})",
                           R"({"syscalls": [{"names": "mount"}]})", R"({"Syscalls": []})",
                           R"({"syscalls": [{"Names": ["mount"]}]})"}) {
    EXPECT_FALSE(Compose(text, {"mount"}).ok()) << text;
  }
}

TEST(ComposeSeccomp, TakesUnknownActionsForAllowing) {
  const Result<ComposedSeccomp> composed = Compose(
      R"({"defaultAction": "SCMP_ACT_ERRNO",
          "syscalls": [{"names": ["mount", "read"], "action": "scmp_act_errno"}]})",
      {"mount"});
  ASSERT_TRUE(composed.ok());
  EXPECT_THAT(composed.value().text, ::testing::Not(HasSubstr("mount")));
}

}  // namespace
}  // namespace runward
