#include "base/event_parse.h"

#include <gmock/gmock.h>

#include "base/event_log.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventParse : public EventDirectory {
 protected:
  std::string LineOf(const Event& event) {
    EXPECT_TRUE(AppendEvent(Log(), event, {}).ok());
    return Lines(Read(File())).back();
  }
};

TEST_F(EventParse, GivesBackWhatWasLogged) {
  Event event = Denied();
  event.action = EventAction::kWouldDeny;
  event.warnings = {"one", "two \"quoted\""};
  event.policy_sha256 = std::string(64, 'b');
  event.container_root = "/run/docker/runtime-runc/moby";
  event.bundle = "/run/bundle";
  event.image_config = "sha256:" + std::string(64, 'c');
  event.image_store = "docker-overlay2";
  event.verdict_sha256 = std::string(64, 'd');
  event.key = "ci-2026";
  event.args = {"nginx", "-g", "daemon off;"};
  event.env = {"PATH=/bin", "HOME=/"};
  event.user = "1000:1000";
  event.real_runtime = "/usr/sbin/runc";
  const auto read = ParseEvent(LineOf(event));
  ASSERT_TRUE(read.ok()) << read.error().message;
  const Event& back = read.value().event;
  for (std::string Event::*field :
       {&Event::id, &Event::operation, &Event::rule, &Event::reason, &Event::hint, &Event::profile,
        &Event::mode, &Event::policy_sha256, &Event::container_id, &Event::container_root,
        &Event::bundle, &Event::image_name, &Event::image_chain, &Event::image_config,
        &Event::image_store, &Event::verdict_sha256, &Event::key, &Event::user,
        &Event::real_runtime}) {
    EXPECT_EQ(back.*field, event.*field);
    EXPECT_FALSE((back.*field).empty());
  }
  EXPECT_EQ(back.action, event.action);
  EXPECT_EQ(back.time, event.time);
  EXPECT_EQ(back.warnings, event.warnings);
  EXPECT_EQ(back.args, event.args);
  EXPECT_THAT(back.env, ::testing::ElementsAre("PATH", "HOME"));
  EXPECT_EQ(read.value().link.seq, 1);
  EXPECT_FALSE(read.value().hostname.empty());
  EXPECT_FALSE(read.value().boot_id.empty());
  EXPECT_EQ(read.value().version, RUNWARD_VERSION);
}

TEST_F(EventParse, RefusesWhatIsNoRecord) {
  const std::string line = LineOf(Denied());
  std::string unknown = line;
  unknown.replace(unknown.find("\"denied\""), 8, "\"perhaps\"");
  for (const std::string& text : {std::string(), std::string("{}"), line + "#torn",
                                  line.substr(0, line.size() - 1) + "}}", unknown}) {
    EXPECT_FALSE(ParseEvent(text).ok()) << text;
  }
}

TEST_F(EventParse, PassesOverMembersOfAnotherKind) {
  std::string line = LineOf(Denied());
  const std::string wanted = "\"status_code\":\"verdict.missing\"";
  line.replace(line.find(wanted), wanted.size(), "\"status_code\":[1,{}]");
  const auto read = ParseEvent(line);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().event.rule, "");
}

}  // namespace
}  // namespace runward
