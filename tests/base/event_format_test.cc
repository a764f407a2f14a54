#include "base/event_format.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/event_log.h"
#include "base/json.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventFormat : public EventDirectory {
 protected:
  static JsonDocument Parsed(const Event& event) {
    const std::string line = FormatEvent(event);
    auto parsed = JsonDocument::Parse(line);
    EXPECT_TRUE(parsed.ok()) << line;
    return std::move(parsed).value();
  }
  static int64_t Int(const JsonDocument& document, const char* name) {
    return document.root().Find(name).Int().value();
  }
};

TEST_F(EventFormat, EachDecisionHasItsOcsfDisposition) {
  struct Case {
    EventAction action;
    const char* name;
    int64_t action_id, disposition_id, status_id;
  };
  for (const Case& one : {Case{EventAction::kAllowed, "allowed", 1, 1, 1},
                          Case{EventAction::kDenied, "denied", 2, 2, 2},
                          Case{EventAction::kWouldDeny, "would-deny", 1, 15, 1},
                          Case{EventAction::kError, "error", 2, 27, 2}}) {
    Event event = Denied();
    event.action = one.action;
    const JsonDocument parsed = Parsed(event);
    EXPECT_EQ(Int(parsed, "action_id"), one.action_id);
    EXPECT_EQ(Int(parsed, "disposition_id"), one.disposition_id);
    EXPECT_EQ(Int(parsed, "status_id"), one.status_id);
    EXPECT_EQ(parsed.root().Find("unmapped").Find("runward").Find("decision").text(), one.name);
    EXPECT_EQ(EventActionName(one.action), one.name);
  }
}

TEST_F(EventFormat, HasTheMembersThatOcsfRequires) {
  for (const auto& [operation, class_uid, activity] :
       {std::tuple{"create", 6002, 3}, std::tuple{"run", 6002, 3}, std::tuple{"restore", 6002, 3},
        std::tuple{"update", 6002, 8}, std::tuple{"checkpoint", 6002, 99},
        std::tuple{"exec", 1007, 1}}) {
    Event event = Denied();
    event.operation = operation;
    const JsonDocument parsed = Parsed(event);
    EXPECT_EQ(Int(parsed, "class_uid"), class_uid);
    EXPECT_EQ(Int(parsed, "category_uid"), class_uid / 1000);
    EXPECT_EQ(Int(parsed, "activity_id"), activity);
    EXPECT_EQ(Int(parsed, "type_uid"), class_uid * 100 + activity);
    EXPECT_EQ(Int(parsed, "time"), event.time.ns / 1'000'000);
    EXPECT_TRUE(Int(parsed, "severity_id") > 0);
    EXPECT_EQ(parsed.root().Find("metadata").Find("version").text(), "1.8.0");
    EXPECT_EQ(parsed.root().Find("metadata").Find("uid").text(), event.id);
    EXPECT_EQ(parsed.root().Find("metadata").Find("product").Find("name").text(), "runward");
    EXPECT_TRUE(parsed.root().Find(class_uid == 1007 ? "process" : "app"));
    EXPECT_TRUE(parsed.root().Find("actor"));
    EXPECT_TRUE(parsed.root().Find("device").Find("type_id"));
  }
}

TEST_F(EventFormat, NeverHoldsAnEnvironmentsValueOrASecretArgument) {
  Event event = Denied();
  event.env = {"PATH=/bin", "DB_PASSWORD=hunter2", "A=multi\nline-hunter2"};
  event.args = {"app", "--password=hunter2", "--token", "hunter2",
                "https://u:hunter2@example.com/"};
  const std::string line = FormatEvent(event);
  EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("env_names":["PATH","DB_PASSWORD","A"])"), std::string::npos) << line;
}

TEST_F(EventFormat, AnyInputMakesOneBoundedLineOfJson) {
  const std::vector<std::string> hostile = {
      std::string(100000, 'x'),
      std::string(100000, '"'),
      std::string(100000, '\x1b'),
      std::string(100000, '\xff'),
      std::string(5000, '\0'),
      "a\nb\r\n{\"seq\":1}",
      std::string(999, 'y') + "\xe2\x80\xae" + std::string(999, 'z')};
  for (const std::string& text : hostile) {
    Event event;
    for (std::string* field :
         {&event.id, &event.operation, &event.rule, &event.reason, &event.hint, &event.profile,
          &event.mode, &event.policy_sha256, &event.container_id, &event.container_root,
          &event.bundle, &event.image_name, &event.image_chain, &event.image_config,
          &event.image_store, &event.verdict_sha256, &event.key, &event.user,
          &event.real_runtime}) {
      *field = text;
    }
    event.warnings = event.args = event.env = std::vector<std::string>(2000, text);
    const std::string line = FormatEvent(event);
    EXPECT_LE(kMaxLinkBytes + EventBodies(event).front().size() + 1, kMaxEventBytes);
    EXPECT_TRUE(JsonDocument::Parse(line).ok()) << line;
    for (char c : line) ASSERT_GE(static_cast<unsigned char>(c), 0x20) << line;
  }
}

TEST_F(EventFormat, SaysHowManyArgumentsItLeftOut) {
  Event event = Denied();
  event.args = std::vector<std::string>(100, "argument");
  const JsonDocument parsed = Parsed(event);
  const JsonValue own = parsed.root().Find("unmapped").Find("runward");
  EXPECT_EQ(static_cast<int64_t>(own.Find("args").size()) + own.Find("args_left_out").Int().value(),
            100);
}

}  // namespace
}  // namespace runward
