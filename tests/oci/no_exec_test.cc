#include "oci/no_exec.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

std::string Changed(const std::string& mounts, const std::vector<std::string>& except = {}) {
  const auto document = JsonDocument::Parse(R"({"a":1,"mounts":)" + mounts + "}");
  return WithoutExec(document.value(), except);
}

TEST(NoExec, AddsTheOptionToBindMountsAndLeavesTheRest) {
  EXPECT_EQ(Changed(R"([{"destination":"/v","options":["bind","exec"]},)"
                    R"({"destination":"/proc","type":"proc"}])"),
            R"({"a":1,"mounts":[{"destination":"/v","options":["bind","exec","noexec"]},)"
            R"({"destination":"/proc","type":"proc"}]})");
  EXPECT_EQ(Changed(R"([{"options":["rbind"],"destination":"/v"}])"),
            R"({"a":1,"mounts":[{"options":["rbind","noexec","rnoexec"],"destination":"/v"}]})");
}

TEST(NoExec, FindsTheOptionsAmongEqualTexts) {
  EXPECT_EQ(Changed(R"([{"x":["bind"],"destination":"/v","options":["bind"]}])"),
            R"({"a":1,"mounts":[{"x":["bind"],"destination":"/v","options":["bind","noexec"]}]})");
}

TEST(NoExec, LeavesWhatIsExcepted) {
  const std::string mounts = R"([{"destination":"/work/x/","options":["bind"]}])";
  EXPECT_EQ(Changed(mounts, {"/work"}), "");
  EXPECT_NE(Changed(mounts, {"/wor"}), "");
  EXPECT_EQ(Changed(R"([{"destination":"/tmp","type":"tmpfs","options":["nosuid"]}])"), "");
  EXPECT_EQ(WithoutExec(JsonDocument::Parse("{}").value(), {}), "");
}

}  // namespace
}  // namespace runward
