#include "tools/reported_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scan/samples.h"

namespace runward {
namespace {

using fixtures::Hash;
using ::testing::HasSubstr;

Report On(std::vector<std::string> names) {
  Report report;
  report.file = "r.json";
  report.identity.config = Digest::Parse(Hash('c'));
  report.identity.manifests = {*Digest::Parse(Hash('f'))};
  report.identity.names = std::move(names);
  return report;
}

TEST(ReportedImage, IsWhatTheReportCallsIt) {
  const Report report = On({"docker.io/library/web:1", "web.tar"});
  for (const char* name : {"web:1", "library/web:1", "docker.io/library/web:1"}) {
    EXPECT_TRUE(CheckReported(name, report).ok()) << name;
  }
  for (const char* name : {"web", "web:2", "other:1", "example.com/web:1", "WEB:1", ""}) {
    EXPECT_FALSE(CheckReported(name, report).ok()) << name;
  }
  EXPECT_TRUE(CheckReported("web", On({"web:latest"})).ok());
  const Result<void> other = CheckReported("other:1", report);
  EXPECT_EQ(other.error().message,
            "no image \"other:1\" on this machine, and \"r.json\" is on "
            "\"docker.io/library/web:1\": nothing says that it is the same image");
  EXPECT_THAT(other.error().hint, HasSubstr("pull it"));
  EXPECT_THAT(CheckReported("web:1", On({})).error().message, HasSubstr("names no image"));
}

TEST(ReportedImage, ADigestCountsMoreThanAName) {
  const Report report = On({"web:1"});
  EXPECT_TRUE(CheckReported("elsewhere/web:7@" + Hash('f'), report).ok());
  EXPECT_TRUE(CheckReported("web@" + Hash('c'), report).ok());
  EXPECT_FALSE(CheckReported("web:1@" + Hash('e'), report).ok());
  EXPECT_FALSE(CheckReported("web:1@" + Hash('e'), On({"web:1@" + Hash('e')})).ok())
      << "what it was asked for is not what it says it found";
}

TEST(ReportedImage, AnIdIsItsStart) {
  const Report report = On({"web:1", "cafe"});
  for (const std::string& id : {Hash('c'), Hash('f'), std::string(64, 'c'), std::string(12, 'c')}) {
    EXPECT_TRUE(IsImageId(id)) << id;
    EXPECT_TRUE(CheckReported(id, report).ok()) << id;
  }
  for (const std::string& id : {Hash('e'), std::string(12, 'e'), std::string(11, 'c')}) {
    EXPECT_FALSE(CheckReported(id, report).ok()) << id;
  }
  EXPECT_FALSE(IsImageId("cafe"));
  EXPECT_TRUE(CheckReported("cafe", report).ok());
}

}  // namespace
}  // namespace runward
