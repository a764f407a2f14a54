#include "oci/recorded_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

const std::string kHex(64, 'a');

RecordedStart Whole() {
  RecordedStart start{.event = "e1", .bundle = "/b", .exposed = "x could", .rootfs = "/r"};
  const Digest digest = *Digest::FromHex(kHex);
  start.image = {.store = "docker-overlay2",
                 .chain = digest,
                 .prefixes = {*Digest::FromHex(std::string(64, 'b')), digest},
                 .configs = {digest},
                 .config_certain = true,
                 .unsigned_name = "web:\"1\"",
                 .rootfs = "/r",
                 .why = "because"};
  start.sources = {{.mount = 3,
                    .path = "/s",
                    .why = "",
                    .socket = true,
                    .trees = {{"8:1", "/s"}},
                    .above = {{{"8:2", "/m"}}}},
                   {.mount = 4, .path = "", .why = "cannot be walked"}};
  start.host_namespaces = {"network"};
  start.config = R"({"root":{"path":"/r"}})";
  return start;
}

TEST(RecordedStart, ReadsWhatItWrote) {
  const std::string line = FormatRecordedStart(Whole());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto read = ParseRecordedStart(line);
  ASSERT_TRUE(read.ok()) << read.error().message;
  const RecordedStart& start = read.value();
  EXPECT_EQ(FormatRecordedStart(start), line);
  EXPECT_EQ(start.image.prefixes.size(), 2U);
  EXPECT_EQ(start.image.chain->hex(), kHex);
  EXPECT_TRUE(start.image.config_certain);
  EXPECT_TRUE(start.sources[0].socket);
  EXPECT_EQ(start.sources[0].trees[0].device, "8:1");
  EXPECT_EQ(start.sources[0].above[0][0].path, "/m");
  EXPECT_EQ(start.sources[1].why, "cannot be walked");
  EXPECT_EQ(start.config, Whole().config);
}

TEST(RecordedStart, KnowsAnImageWithoutIdentity) {
  RecordedStart start = Whole();
  start.image = {.why = "a plain directory"};
  const auto read = ParseRecordedStart(FormatRecordedStart(start));
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read.value().image.chain);
  EXPECT_EQ(read.value().image.why, "a plain directory");
}

TEST(RecordedStart, RefusesWhatIsNone) {
  for (const char* line :
       {"", "{", "[]\n", R"({"event": 7})", R"({"image": {"configs": ["x"]}})",
        R"({"sources": [7]})", R"({"sources": [{"above": [[{"device": 7}]]}]})",
        R"({"sources": [{"above": [7]}]})", R"({"sources": [{"trees": [7]}]})"}) {
    EXPECT_FALSE(ParseRecordedStart(line).ok()) << line;
  }
}

}  // namespace
}  // namespace runward
