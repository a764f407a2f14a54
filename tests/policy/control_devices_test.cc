#include <gtest/gtest.h>

#include "policy/control_parts.h"
#include "tests/policy/controls_fixture.h"

namespace runward {
namespace {

using test::RuleOf;

const DeviceRule kDenyAll{.allow = false, .access = "rwm"};

DeviceRule Allow(const char* type, std::optional<int64_t> major, std::optional<int64_t> minor,
                 const char* access = "rwm") {
  return {.allow = true, .type = type, .major = major, .minor = minor, .access = access};
}

std::string Asked(const std::string& allowed, const std::vector<DeviceNode>& nodes,
                  const std::vector<DeviceRule>& rules) {
  HostView host;
  host.device_names = {{"c 10:229", "/dev/fuse"}, {"b 8:0", "/dev/sda"}};
  std::vector<RunFinding> findings;
  JudgeDevices(RuleOf(R"({"devices": {"allow": [)" + allowed + "]}}"), nodes, rules, host,
               findings);
  return findings.empty() ? "" : findings.front().asked;
}

TEST(DeviceControl, AllowsTheUsualOnes) {
  const std::vector<DeviceRule> rules = {kDenyAll,
                                         Allow("c", 1, 3),
                                         Allow("c", 5, 2),
                                         Allow("c", 136, std::nullopt),
                                         Allow("c", 136, -1),
                                         Allow("c", std::nullopt, std::nullopt, "m"),
                                         {.allow = false, .type = "c", .major = 10, .minor = 229}};
  EXPECT_EQ(Asked("",
                  {{.path = "/dev/null", .type = "c", .major = 1, .minor = 3},
                   {.path = "/run/fifo", .type = "p"}},
                  rules),
            "");
}

TEST(DeviceControl, JudgesByNumbersWhateverThePathSays) {
  EXPECT_EQ(Asked("", {{.path = "/dev/null", .type = "b", .major = 8, .minor = 0}}, {kDenyAll}),
            "\"/dev/null\" (b 8:0)");
  EXPECT_EQ(Asked("\"/dev/fuse\"", {{.path = "/dev/fuse", .type = "b", .major = 8, .minor = 0}},
                  {kDenyAll}),
            "\"/dev/fuse\" (b 8:0)");
  EXPECT_EQ(Asked("\"/dev/fu*\"", {{.path = "/dev/other", .type = "c", .major = 10, .minor = 229}},
                  {kDenyAll, Allow("c", 10, 229)}),
            "");
  EXPECT_EQ(Asked("", {{.path = "/dev/null", .type = "b", .major = 1, .minor = 3}}, {kDenyAll}),
            "\"/dev/null\" (b 1:3)");
}

TEST(DeviceControl, FindsWideRules) {
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("", std::nullopt, std::nullopt)}), "access to a *:*");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("a", 1, 3, "r")}), "access to a 1:3");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("b", -1, -1, "w")}), "access to b *:*");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("c", 10, -1, "r")}), "access to c 10:*");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("c", 10, 229, "r")}), "access to c 10:229");
}

TEST(DeviceControl, TakesARuleForAllDevicesForAllAccess) {
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("a", -1, -1, "m")}), "access to a *:*");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("a", 1, 3, "m")}), "access to a 1:3");
  EXPECT_EQ(Asked("", {}, {kDenyAll, Allow("", 1, 3, "")}), "access to a 1:3");
  EXPECT_EQ(Asked("\"/dev/fuse\"", {}, {kDenyAll, Allow("ax", 10, 229)}), "access to ax 10:229");
  for (const char* type : {"a", "", "ax"}) {
    EXPECT_TRUE(AllowsAllDevices({kDenyAll, Allow(type, 10, 229, "m")}, true)) << type;
    EXPECT_TRUE(AllowsAllDevices({Allow(type, -1, -1, "m")}, false)) << type;
  }
  EXPECT_FALSE(
      AllowsAllDevices({kDenyAll, Allow("c", -1, -1, "m"), Allow("b", -1, -1, "m")}, true));
  EXPECT_FALSE(OpensDevices({.allow = false, .type = "a", .access = "rwm"}));
}

TEST(DeviceControl, AsksForADenialOfAllFirst) {
  const std::string found = "all devices, since no rule denies them first";
  EXPECT_EQ(Asked("", {}, {}), found);
  EXPECT_EQ(Asked("", {}, {Allow("c", 1, 3), kDenyAll}), found);
  EXPECT_EQ(Asked("", {}, {{.allow = false, .type = "b", .access = "rwm"}}), found);
  EXPECT_EQ(Asked("", {}, {{.allow = false, .access = "m"}}), found);
  EXPECT_TRUE(AllowsAllDevices({}, true));
  EXPECT_FALSE(AllowsAllDevices({}, false));
  EXPECT_FALSE(AllowsAllDevices({kDenyAll}, true));
}

TEST(DeviceControl, NamesTheNumbersThatItNeeds) {
  const RunRule rule = RuleOf(R"({"devices": {"allow": []}})");
  const std::vector<DeviceNode> nodes = {{.type = "c", .major = 10, .minor = 229},
                                         {.type = "c", .major = 1, .minor = 3}};
  const std::vector<std::string> numbers =
      DeviceNumbersOf(rule, nodes, {kDenyAll, Allow("b", 8, 0), Allow("c", 9, -1)});
  EXPECT_EQ(numbers, (std::vector<std::string>{"c 10:229", "b 8:0"}));
  EXPECT_TRUE(DeviceNumbersOf(RunRule{}, nodes, {}).empty());
}

}  // namespace
}  // namespace runward
