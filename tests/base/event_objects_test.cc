#include "base/event_objects.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(EventObjects, LeavesOutWhatHasNothingToSay) {
  JsonLine line;
  WritePolicy(line, Event{});
  WriteMetadata(line, {.uid = "e1", .correlation_uid = "", .profiles = {}});
  EXPECT_EQ(std::move(line).text(),
            R"(,"metadata":{"version":"1.8.0","product":{"name":"runward","vendor_name":"runward",)"
            R"("version":")" RUNWARD_VERSION R"("},"uid":"e1"})");
}

TEST(EventObjects, NamesThePolicyAndTheHost) {
  JsonLine line;
  WritePolicy(line, Event{.profile = "web"});
  WriteDevice(line, "node-1");
  EXPECT_EQ(std::move(line).text(),
            R"(,"policy":{"name":"web"},"device":{"hostname":"node-1","type_id":0})");
}

}  // namespace
}  // namespace runward
