#include "base/event_flow.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/event.h"
#include "base/event_log.h"
#include "base/event_parse.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

Event EventWith(const EventFlow& flow, EventAction action, std::string operation = "network") {
  Event event{.id = NewEventId(), .time = {.ns = 1'000'000}, .action = action};
  event.operation = std::move(operation);
  event.rule = "network.egress.default";
  event.container_id = "c1";
  event.flow = flow;
  return event;
}

const EventFlow kFlow{.ingress = false,
                      .protocol = "tcp",
                      .peer = "192.0.2.1",
                      .peer_name = "api.example.com",
                      .port = 443,
                      .count = 7,
                      .bytes_out = 1000,
                      .bytes_in = 2000};

class LoggedFlow : public EventDirectory {};

TEST(EventFlow, IsNetworkActivityWithBothEnds) {
  const auto json = nlohmann::json::parse(FormatEvent(EventWith(kFlow, EventAction::kAllowed)));
  EXPECT_EQ(json["class_uid"], 4001);
  EXPECT_EQ(json["category_uid"], 4);
  EXPECT_EQ(json["type_uid"], 400106);
  EXPECT_EQ(json["activity_name"], "Traffic");
  EXPECT_EQ(json["count"], 7);
  EXPECT_EQ(json["dst_endpoint"]["ip"], "192.0.2.1");
  EXPECT_EQ(json["dst_endpoint"]["hostname"], "api.example.com");
  EXPECT_EQ(json["dst_endpoint"]["port"], 443);
  EXPECT_EQ(json["connection_info"]["direction_id"], 2);
  EXPECT_EQ(json["traffic"]["bytes_out"], 1000);
  EXPECT_FALSE(json.contains("app"));
  const auto denied = nlohmann::json::parse(FormatEvent(EventWith(kFlow, EventAction::kDenied)));
  EXPECT_EQ(denied["type_uid"], 400105);
  EXPECT_EQ(denied["activity_name"], "Refuse");
}

TEST(EventFlow, AQuestionIsDnsActivity) {
  const EventFlow flow{.peer_name = "evil.example", .count = 1};
  const auto json =
      nlohmann::json::parse(FormatEvent(EventWith(flow, EventAction::kDenied, "dns")));
  EXPECT_EQ(json["class_uid"], 4003);
  EXPECT_EQ(json["query"]["hostname"], "evil.example");
}

TEST_F(LoggedFlow, IsReadAsItWasWritten) {
  for (const bool ingress : {false, true}) {
    EventFlow flow = kFlow;
    flow.ingress = ingress;
    ASSERT_TRUE(AppendEvent(Log(), EventWith(flow, EventAction::kDenied), {}).ok());
    const auto logged = ParseEvent(Lines(Read(File())).back());
    ASSERT_TRUE(logged.ok()) << logged.error().message;
    ASSERT_TRUE(logged.value().event.flow);
    const EventFlow& read = *logged.value().event.flow;
    EXPECT_EQ(read.ingress, ingress);
    EXPECT_EQ(read.protocol, "tcp");
    EXPECT_EQ(read.peer, "192.0.2.1");
    EXPECT_EQ(read.peer_name, "api.example.com");
    EXPECT_EQ(read.port, 443);
    EXPECT_EQ(read.count, 7);
    EXPECT_EQ(read.bytes_out, 1000);
    EXPECT_EQ(read.bytes_in, 2000);
  }
}

TEST(EventFlow, NamesFromOutsideAreBoundedAndEscaped) {
  EventFlow flow = kFlow;
  flow.peer_name = "a\"\n" + std::string(5000, 'x');
  const std::string text = FormatEvent(EventWith(flow, EventAction::kDenied));
  EXPECT_LT(text.size(), kMaxEventBytes);
  EXPECT_TRUE(nlohmann::json::accept(text));
}

}  // namespace
}  // namespace runward
