#include "oci/hook_entry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace runward {
namespace {

constexpr char kOurs[] =
    R"({"path":"/usr/bin/runward-hook","args":["runward-hook","check-root","/r","1","2"]})";

std::string Hooked(std::string_view text) {
  const HookEntry entry{
      .path = "/usr/bin/runward-hook", .args = {"check-root", "/r", "1", "2"}, .env = {}};
  auto document = JsonDocument::Parse(std::string(text));
  EXPECT_TRUE(document.ok()) << text;
  auto changed = WithHook(document.value(), entry);
  return changed.ok() ? std::move(changed).value() : "error: " + changed.error().message;
}

struct Case {
  const char* before;
  std::string after;
};

TEST(HookEntry, IsAddedWhereverHooksMayStand) {
  const std::string ours = kOurs;
  const Case cases[] = {
      {R"({})", R"({"hooks":{"createRuntime":[)" + ours + "]}}"},
      {R"({"a": 1 })", R"({"a": 1 ,"hooks":{"createRuntime":[)" + ours + "]}}"},
      {R"({"hooks":null,"b":2})", R"({"hooks":{"createRuntime":[)" + ours + R"(]},"b":2})"},
      {R"({"hooks":{"prestart":[{"path":"/x"}]}})",
       R"({"hooks":{"prestart":[{"path":"/x"}],"createRuntime":[)" + ours + "]}}"},
      {R"({"hooks":{"createRuntime":null}})", R"({"hooks":{"createRuntime":[)" + ours + "]}}"},
      {R"({"hooks":{"createRuntime":[]}})", R"({"hooks":{"createRuntime":[)" + ours + "]}}"},
      {R"({"hooks":{"createRuntime":[{"path":"/x"}]}})",
       R"({"hooks":{"createRuntime":[{"path":"/x"},)" + ours + "]}}"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(Hooked(test.before), test.after);
    EXPECT_TRUE(nlohmann::json::accept(Hooked(test.before)));
  }
}

TEST(HookEntry, TellsWhatAContainerIsToOthersRules) {
  HookTask task{.audit = true};
  task.peer = PeerTask{.key = "K", .profile = "web", .image = "", .vouched = false};
  const HookEntry entry = OurHook("/usr/bin/runward-hook", "", task);
  EXPECT_EQ(entry.args, (std::vector<std::string>{"peer", "K", "audit", "web", "", "unvouched"}));
  const auto document = JsonDocument::Parse("{}");
  const auto hooked = JsonDocument::Parse(WithHook(document.value(), entry).value());
  EXPECT_NE(WithoutOurHook(hooked.value()), "");
}

TEST(HookEntry, IsThereOnceHoweverOftenTheBundleIsUsed) {
  const std::string once = Hooked(R"({"hooks":{"createRuntime":[{"path":"/x"}]}})");
  EXPECT_EQ(Hooked(once), once);
}

TEST(HookEntry, OfAnEarlierStartIsTakenOutAndForeignOnesStay) {
  const auto without = [](std::string_view text) {
    return WithoutOurHook(JsonDocument::Parse(std::string(text)).value());
  };
  for (const char* text :
       {R"({"a": 1})", R"({"hooks":{"createRuntime":[{"path":"/x"}]}})", R"({"hooks":null})",
        R"({"hooks":{"createRuntime":[{"path":"/x/runward-hook","args":["runward-hook"]}]}})"}) {
    EXPECT_EQ(without(text), "") << text;
  }
  const std::string foreign = R"({"hooks":{"createRuntime":[{"path":"/x"},{"path":"/y"}]}})";
  EXPECT_EQ(without(Hooked(foreign)), foreign);
  EXPECT_EQ(without(Hooked("{}")), R"({"hooks":{"createRuntime":[]}})");
}

TEST(HookEntry, RefusesHooksThatAreNotWhatTheSpecificationSays) {
  for (const char* text : {R"([])", R"({"hooks":7})", R"({"hooks":{"createRuntime":{}}})",
                           R"({"Hooks":{}})", R"({"hooks":{"createruntime":[]}})"}) {
    EXPECT_TRUE(Hooked(text).starts_with("error: ")) << text;
  }
}

TEST(HookEntry, HasAnEnvironmentOnlyWhereOneIsGiven) {
  const JsonDocument config = JsonDocument::Parse("{}").value();
  HookEntry entry{.path = "/h", .args = {"register"}, .env = {}};
  EXPECT_EQ(WithHook(config, entry).value().find("\"env\""), std::string::npos);
  entry.env = {"A=1", "B=2"};
  EXPECT_NE(WithHook(config, entry).value().find(R"("env":["A=1","B=2"])"), std::string::npos);
}

TEST(HookEntry, CarriesTheRootAndTheInstallation) {
  const HookEntry entry = OurHook("/h", "--runward-root=/d", {RootIdentity{"/r", 5, 6}, ""});
  EXPECT_EQ(entry.args,
            (std::vector<std::string>{"--runward-root=/d", "check-root", "/r", "5", "6"}));
  EXPECT_EQ(OurHook("/h", "", {RootIdentity{"/r", 5, 6}, "k"}).args.front(), "check-root");
  EXPECT_EQ(OurHook("/h", "", {.root = {}, .key = "k", .audit = true, .tier = "lsm"}).args,
            (std::vector<std::string>{"register", "k", "audit", "lsm"}));
}

}  // namespace
}  // namespace runward
