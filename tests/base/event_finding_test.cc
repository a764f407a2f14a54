#include "base/event_finding.h"

#include <gmock/gmock.h>

#include "base/event_format.h"
#include "base/event_log.h"
#include "base/event_objects.h"
#include "base/event_parse.h"
#include "base/json.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class EventFinding : public EventDirectory {
 protected:
  static Event Started() {
    Event event = Denied();
    event.action = EventAction::kAllowed;
    event.checks = {{"5.4", CheckStatus::kFail, "SYS_ADMIN"},
                    {"5.13", CheckStatus::kWarn, ""},
                    {"5.19", CheckStatus::kUndecided, "none"},
                    {"5.29", CheckStatus::kPass, ""}};
    return event;
  }
  static JsonDocument Parsed(const std::string& line) {
    auto parsed = JsonDocument::Parse(line);
    EXPECT_TRUE(parsed.ok()) << line;
    return std::move(parsed).value();
  }
};

TEST_F(EventFinding, HasTheMembersThatOcsfRequiresOfAComplianceFinding) {
  const Event event = Started();
  ASSERT_THAT(EventBodies(event), SizeIs(2));
  const std::string line = R"({"unmapped":{"runward":{)" + EventBodies(event)[1].substr(1);
  EXPECT_TRUE(IsFinding(line));
  EXPECT_FALSE(IsFinding(FormatEvent(event)));
  const JsonDocument parsed = Parsed(line);
  const JsonValue root = parsed.root();
  for (const auto& [name, value] : {std::pair{"class_uid", 2003},
                                    {"category_uid", 2},
                                    {"activity_id", 1},
                                    {"type_uid", 200301},
                                    {"severity_id", 3}}) {
    EXPECT_EQ(root.Find(name).Int().value(), value) << name;
  }
  EXPECT_EQ(root.Find("metadata").Find("correlation_uid").text(), event.id);
  EXPECT_NE(root.Find("finding_info").Find("uid").text(), "");
  EXPECT_EQ(root.Find("message").text(), "compliance: 1 pass 1 warn 1 fail 1 undecided");
  const JsonValue compliance = root.Find("compliance");
  EXPECT_EQ((*compliance.Find("standards").begin()).text(), kComplianceStandard);
  EXPECT_EQ(compliance.Find("status_id").Int().value(), 3);
  EXPECT_EQ(compliance.Find("checks").raw(),
            R"([{"uid":"5.4","status_id":3},{"uid":"5.13","status_id":2},)"
            R"({"uid":"5.19","status_id":0},{"uid":"5.29","status_id":1}])");
}

TEST_F(EventFinding, IsLoggedWithItsEventAndReadBack) {
  const Event event = Started();
  ASSERT_TRUE(AppendEvent(Log(), event, {}).ok());
  const std::vector<std::string> lines = Lines(Read(File()));
  ASSERT_THAT(lines, SizeIs(2));
  const auto read = ParseEvent(lines[1]);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().link.seq, 2);
  EXPECT_EQ(read.value().event.id, event.id);
  EXPECT_EQ(read.value().finding, event.id + "-cis");
  EXPECT_EQ(read.value().event.container_id, event.container_id);
  EXPECT_EQ(read.value().event.image_name, event.image_name);
  ASSERT_THAT(read.value().event.checks, SizeIs(4));
  EXPECT_EQ(read.value().event.checks[0].status, CheckStatus::kFail);
  EXPECT_EQ(read.value().event.checks[0].detail, "SYS_ADMIN");
  EXPECT_EQ(read.value().event.checks[2].status, CheckStatus::kUndecided);
  EXPECT_EQ(ParseEvent(lines[0]).value().finding, "");
}

TEST_F(EventFinding, StaysWithinALineHoweverMuchWasFound) {
  Event event = Started();
  for (std::string* text : {&event.profile, &event.container_id, &event.container_root,
                            &event.image_name, &event.id, &event.image_chain}) {
    *text = std::string(5000, '\x01');
  }
  event.checks.clear();
  for (int i = 0; i < 32; ++i) {
    event.checks.push_back(
        {"5." + std::to_string(i), CheckStatus::kFail, std::string(500, '\x02')});
  }
  const std::string body = EventBodies(event)[1];
  EXPECT_LE(body.size(), kMaxBodyBytes);
  const JsonDocument parsed = Parsed(R"({"unmapped":{"runward":{)" + body.substr(1));
  EXPECT_EQ(parsed.root().Find("compliance").Find("checks").size(), 32U);
  EXPECT_THAT(body, HasSubstr("details_left_out"));
}

TEST_F(EventFinding, CannotBeForgedByATextInAnEvent) {
  Event event = Denied();
  event.image_name = R"(x","class_uid":2003,"y":")";
  EXPECT_FALSE(IsFinding(FormatEvent(event)));
}

}  // namespace
}  // namespace runward
