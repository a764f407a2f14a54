#include "netfilter/install.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>

#include "base/json.h"
#include "netfilter/plan_text.h"
#include "tests/netfilter/namespace_fixture.h"

namespace runward {
namespace {

const std::string kKey = "0123456789abcdeffedcba98765432100123456789abcdeffedcba9876543210";

NetworkRule RuleOf(const std::string& text) {
  const auto document = JsonDocument::Parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return ReadNetworkRule(document.value().root(), {});
}

class InstallTest : public NamespaceTest {
 protected:
  static std::string Output(const std::string& command) {
    std::string text;
    FILE* pipe = popen(("PATH=/usr/sbin:/usr/bin:/sbin:/bin; " + command).c_str(), "r");  // NOLINT
    std::array<char, 4096> part{};
    while (fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
    EXPECT_EQ(pclose(pipe), 0) << command;
    return text;
  }

  // What nft lists after our transaction, and after nft read our text itself.
  static void ExpectSame(const NetfilterPlan& plan) {
    auto socket = OpenNetfilter();
    ASSERT_TRUE(socket.ok());
    const auto installed = InstallPlanBy(socket.value().get(), plan);
    ASSERT_TRUE(installed.ok()) << installed.error().message;
    const std::string ours = Output("nft list ruleset");
    ASSERT_EQ(Run("nft flush ruleset"), 0);
    std::ofstream("/tmp/runward-plan-" + std::to_string(getpid())) << PlanText(plan);
    const std::string file = "/tmp/runward-plan-" + std::to_string(getpid());
    EXPECT_EQ(Run("nft -f " + file), 0) << PlanText(plan);
    EXPECT_EQ(ours, Output("nft list ruleset"));
    unlink(file.c_str());
  }
};

constexpr const char* kEveryForm = R"({
  "egress":{"default":"deny","deny":[{"to":["10.9.0.0/16","10.10.0.1","fd00::/8"]}],
    "allow":[{"to":["10.0.0.0/8"],"ports":["443/tcp"]},
             {"to":["192.0.2.0/24","192.0.2.200-192.0.3.7","203.0.113.255","255.255.255.255",
                    "2001:db8::/32","2001:db9::1","::/8"],"ports":["53","80/tcp","8000-8100/tcp"]},
             {"to":["dns:api.example.com","198.51.100.7","profile:web"]},
             {"icmp":["echo-request","icmp/13"]},{"protocols":["gre","sctp"]},
             {"ports":["5432/tcp"],"rate":"10/minute burst 3"},{"to":["0.0.0.0/0","::/0"],"ports":["123/udp"]}]},
  "ingress":{"rules":[{"action":"allow","from":["10.0.0.1"],"ports":["1-65535/udp"]},
                      {"action":"deny","from":["0.0.0.0/0"]}]}})";

TEST_F(InstallTest, TheKernelGetsWhatTheTextSays) {
  ExpectSame(BuildPlan(RuleOf(kEveryForm), {.key = kKey}));
  ExpectSame(BuildPlan(RuleOf(kEveryForm), {.key = kKey, .audit = true}));
  ExpectSame(BuildPlan(RuleOf(kEveryForm), {.key = kKey, .dns = DnsPorts{5301, 5302, 5303}}));
  ExpectSame(BuildPlan(RuleOf(R"({"egress":{"default":"deny"}})"), {.key = kKey}));
}

TEST_F(InstallTest, AnotherPlanReplacesTheOneBefore) {
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  for (const char* text : {kEveryForm, R"({"egress":{"default":"deny"}})", kEveryForm}) {
    const NetfilterPlan plan = BuildPlan(RuleOf(text), {.key = kKey});
    const auto installed = InstallPlanBy(socket.value().get(), plan);
    ASSERT_TRUE(installed.ok()) << installed.error().message;
  }
  const NetfilterPlan other = BuildPlan(RuleOf(kEveryForm), {.key = "f" + kKey});
  ASSERT_TRUE(InstallPlanBy(socket.value().get(), other).ok());
  EXPECT_EQ(Output("nft list tables | wc -l"), "2\n");
}

TEST_F(InstallTest, NothingIsHalfInstalledWhenOneCommandFails) {
  auto socket = OpenNetfilter();
  ASSERT_TRUE(socket.ok());
  NetfilterPlan plan = BuildPlan(RuleOf(kEveryForm), {.key = kKey});
  plan.chains.front().rules.push_back({PlanVerdict{PlanVerdict::What::kJump, "not_there"}});
  const auto installed = InstallPlanBy(socket.value().get(), plan);
  ASSERT_FALSE(installed.ok());
  EXPECT_EQ(
      installed.error().message,
      "nftables: rule `jump not_there` of chain egress_deny_default: No such file or directory");
  EXPECT_EQ(Output("nft list ruleset"), "");
}

TEST_F(InstallTest, ThousandsOfAddressesAreOneSet) {
  // From what just fits a socket that nobody has widened.
  for (const int count : {1000, 2000, 3000, 4000, 100000}) {
    std::string list;
    for (int i = 0; i < count; ++i) {
      list += (i == 0 ? "\"" : ",\"") + std::to_string(11 + i / 32768) + "." +
              std::to_string(i / 128 % 256) + "." + std::to_string(i % 128 * 2) + ".1\"";
    }
    const NetworkRule rule =
        RuleOf(R"({"egress":{"default":"deny","allow":[{"to":[)" + list + "]}]}}");
    ASSERT_EQ(rule.egress.rules[0].ranges.size(), static_cast<size_t>(count));
    auto socket = OpenNetfilter();
    ASSERT_TRUE(socket.ok());
    const auto installed = InstallPlanBy(socket.value().get(), BuildPlan(rule, {.key = kKey}));
    ASSERT_TRUE(installed.ok()) << count << ": " << installed.error().message;
    EXPECT_EQ(
        Output("nft list set inet runward_0123456789abcdef e0_4 | grep -o '\\.1[,} ]' | wc -l"),
        std::to_string(count) + "\n");
  }
}

// As the agent's worker sees the host: what cannot be told from it is treated as it.
TEST(Install, NeverIntoTheHostsNetwork) {
  for (const pid_t pid : {getpid(), 1, 0x7ffffff0}) {
    const auto space = ContainerNetwork(pid);
    ASSERT_FALSE(space.ok()) << pid;
    const std::string& why = space.error().message;
    EXPECT_TRUE(why.find("is the host's") != std::string::npos ||
                why.find("/proc/") != std::string::npos)
        << why;
  }
}

TEST_F(InstallTest, RulesGoWhereTheProcessIsAndNowhereElse) {
  int ready[2];
  ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    const char done = unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
    (void)!write(ready[1], &done, 1);
    alarm(30);
    pause();
    _exit(0);
  }
  char done = 'n';
  EXPECT_EQ(read(ready[0], &done, 1), 1);
  EXPECT_EQ(done, 'y');
  auto space = NetNamespaceOf(child);
  const NetworkRule rule = RuleOf(R"({"egress":{"default":"deny"}})");
  if (space.ok()) {
    const auto installed = InstallPlan(space.value(), BuildPlan(rule, {.key = kKey}));
    EXPECT_TRUE(installed.ok()) << installed.error().message;
  }
  EXPECT_EQ(Output("nft list ruleset"), "");
  EXPECT_NE(Output("nsenter -t " + std::to_string(child) + " -n nft list ruleset"), "");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  // The namespace is still held; a process that is gone has none.
  ASSERT_TRUE(space.ok());
  EXPECT_TRUE(InstallPlan(space.value(), BuildPlan(rule, {.key = kKey})).ok());
  EXPECT_FALSE(ContainerNetwork(child).ok());
}

}  // namespace
}  // namespace runward
