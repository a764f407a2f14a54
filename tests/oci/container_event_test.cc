#include "oci/container_event.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace runward {
namespace {

TEST(ContainerEvent, SaysWhichContainerItIsAbout) {
  const Record record{.id = "c1",
                      .root = "/run/runc",
                      .bundle = "/b",
                      .profile = "web",
                      .mode = Mode::kAudit,
                      .policy_sha256 = "aa",
                      .image = "shop/web:1",
                      .image_chain = "sha256:cc",
                      .image_config = "sha256:dd",
                      .image_store = "docker"};
  const Event event = EventAbout(record, EventAction::kWouldDeny);
  EXPECT_FALSE(event.id.empty());
  EXPECT_EQ(event.action, EventAction::kWouldDeny);
  EXPECT_EQ(event.container_id, "c1");
  EXPECT_EQ(event.container_root, "/run/runc");
  EXPECT_EQ(event.bundle, "/b");
  EXPECT_EQ(event.profile, "web");
  EXPECT_EQ(event.mode, "audit");
  EXPECT_EQ(event.policy_sha256, "aa");
  EXPECT_EQ(event.image_name, "shop/web:1");
  EXPECT_EQ(event.image_chain, "sha256:cc");
  EXPECT_EQ(event.image_config, "sha256:dd");
  EXPECT_EQ(event.image_store, "docker");
  EXPECT_EQ(EventAbout({.mode = Mode::kEnforce}, EventAction::kDenied).mode, "enforce");
}

TEST(ContainerEvent, TellsADecisionAndTheRecordKeepsIt) {
  Event event{.id = "e1"};
  event.container_id = "c1";
  event.container_root = "/run/runc";
  event.bundle = "/b";
  event.policy_sha256 = "aa";
  Decision decision{.outcome = Outcome::kWouldDeny, .mode = Mode::kAudit};
  decision.profile = "web";
  decision.rule = "verdict.missing";
  decision.reason = "why";
  decision.hint = "what next";
  decision.image = std::string(2000, 'i');
  SetDecision(event, decision);
  SetImage(event, {.store = "docker"});
  EXPECT_EQ(event.action, EventAction::kWouldDeny);
  EXPECT_EQ(event.reason, "why");
  EXPECT_EQ(event.hint, "what next");
  EXPECT_EQ(event.mode, "audit");
  EXPECT_EQ(event.image_store, "docker");
  EXPECT_EQ(event.image_chain, "");
  const Record record = RecordOfStart(event, decision, getpid());
  EXPECT_EQ(record.id, "c1");
  EXPECT_EQ(record.root, "/run/runc");
  EXPECT_EQ(record.event, "e1");
  EXPECT_TRUE(record.would_deny);
  EXPECT_EQ(record.rule, "verdict.missing");
  EXPECT_EQ(record.mode, Mode::kAudit);
  EXPECT_EQ(record.image.size(), 1024U);
  EXPECT_EQ(record.creator, getpid());
  EXPECT_NE(record.creator_start, 0U);
}

TEST(ContainerEvent, IsWrittenAsThePolicySays) {
  const EventLogOptions options =
      LogOptions({.required = false, .fdatasync = true, .rotate_bytes = 4096, .keep = 3});
  EXPECT_TRUE(options.fdatasync);
  EXPECT_EQ(options.rotate_bytes, 4096);
  EXPECT_EQ(options.keep, 3);
}

}  // namespace
}  // namespace runward
