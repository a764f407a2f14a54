#include "secrets/read_event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/event_log.h"

namespace runward {
namespace {

using ::testing::HasSubstr;

TEST(SecretReadEvent, SaysWhoReceivesWhichVersion) {
  const Record record{.id = "c1", .profile = "web", .image = "shop/web:1"};
  const std::string line = FormatEvent(SecretReadEvent(record, "vault:web/db#password@3"));
  for (const char* part : {"\"class_uid\":6005", "\"activity_name\":\"Read\"",
                           "\"type_uid\":600501", "\"secret\":\"vault:web/db#password@3\"",
                           "\"src_endpoint\":{", "\"databucket\":{\"name\":\"vault\"}",
                           "\"uid\":\"c1\"", "shop/web:1", "\"decision\":\"allowed\""}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
}

TEST(SecretFailedEvent, SaysWhyAndWhatToDo) {
  const Error error{"it is past its notAfter", "runwardctl vault put"};
  const Event event = SecretFailedEvent({}, "vault:a#b", error);
  EXPECT_EQ(event.action, EventAction::kError);
  EXPECT_THAT(event.reason, HasSubstr("past its notAfter"));
  EXPECT_EQ(event.hint, "runwardctl vault put");
}

}  // namespace
}  // namespace runward
