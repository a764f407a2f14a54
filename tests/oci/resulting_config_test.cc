#include "oci/resulting_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kConfig[] = R"({ "root": {"path": "r"},
  "hooks": {"createRuntime": [{"path": "/foreign"}]}, "linux": {} })";

HookEntry Check(const std::string& directory) {
  return OurHook(directory + "/runward-hook", "",
                 {.root = RootIdentity{.path = "/r", .device = 1, .inode = 2}, .key = ""});
}

std::string Text(const ResultingConfig& result) { return std::string(result.text()); }

class ResultingConfigTest : public ::testing::Test {
 protected:
  JsonDocument given_ = JsonDocument::Parse(kConfig).value();
  ResultingConfig result_{given_, "config.json"};
};

TEST_F(ResultingConfigTest, IsTheConfigurationByteForByteWithoutAChange) {
  EXPECT_TRUE(result_.DropOldHook("/a.sock").ok());
  EXPECT_TRUE(result_.Deny({}).ok());
  EXPECT_FALSE(result_.changed());
  EXPECT_EQ(Text(result_), kConfig);
}

TEST_F(ResultingConfigTest, HasEachChangeBesideThoseBefore) {
  EXPECT_TRUE(result_.Deny({"swapoff", "swapon"}).ok());
  EXPECT_TRUE(result_.changed());
  EXPECT_THAT(Text(result_), HasSubstr("\"swapon\""));
  EXPECT_TRUE(result_.AddHook(Check("/new")).ok());
  EXPECT_THAT(Text(result_), HasSubstr("\"swapon\""));
  EXPECT_THAT(Text(result_), HasSubstr(R"([{"path": "/foreign"},{"path":"/new/runward-hook")"));
}

TEST_F(ResultingConfigTest, LosesAnOldCheckAndKeepsWhatComesAfter) {
  EXPECT_TRUE(result_.AddHook(Check("/old")).ok());
  const JsonDocument started = JsonDocument::Parse(Text(result_)).value();
  ResultingConfig again(started, "config.json");
  EXPECT_TRUE(again.DropOldHook("/a.sock").ok());
  EXPECT_EQ(Text(again), kConfig);
  EXPECT_TRUE(again.Deny({"swapon"}).ok());
  EXPECT_THAT(Text(again), Not(HasSubstr("runward-hook")));
  EXPECT_THAT(Text(again), HasSubstr("swapon"));
}

TEST_F(ResultingConfigTest, AsksAListenerOfCallsAndLosesIt) {
  const SeccompListener listener{.path = "/a.sock", .metadata = "enforce k"};
  EXPECT_TRUE(result_.NotifyExecs(listener).ok());
  EXPECT_TRUE(result_.Deny({"swapon"}).ok());
  for (const char* part : {"SCMP_ACT_NOTIFY", R"("listenerPath":"/a.sock")", "swapon"}) {
    EXPECT_THAT(Text(result_), HasSubstr(part));
  }
  const JsonDocument started = JsonDocument::Parse(Text(result_)).value();
  ResultingConfig again(started, "config.json");
  EXPECT_TRUE(again.DropOldHook("/other.sock").ok());
  EXPECT_FALSE(again.changed());
  EXPECT_TRUE(again.DropOldHook("/a.sock").ok());
  EXPECT_THAT(Text(again), Not(HasSubstr("SCMP_ACT_NOTIFY")));
  EXPECT_THAT(Text(again), HasSubstr("swapon"));
}

TEST_F(ResultingConfigTest, IsWhatItWasAfterAChangeThatFails) {
  const JsonDocument odd = JsonDocument::Parse(R"({"hooks": {"createRuntime": 7}})").value();
  ResultingConfig result(odd, "config.json");
  EXPECT_FALSE(result.AddHook(Check("/new")).ok());
  EXPECT_FALSE(result.changed());
}

}  // namespace
}  // namespace runward
