#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "oci/learned_commands.h"
#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportLearnedTest : public ReportFixture {
 protected:
  void SetUp() override {
    Put("web:1", "aa",
        {{.command = "/bin/busybox", .applet = "ls", .user = 7, .parent = "/bin/sh"},
         {.command = "/tmp/\x1b[2J", .applet = "", .parent = "", .drifted = true}});
    Put("db:2", "bb", {{.command = "/bin/db", .applet = "", .parent = "start"}});
  }

  void Put(const std::string& image, const std::string& hex,
           const std::vector<LearnedCommand>& commands) const {
    const std::string directory = LearnedDirectory(PathsFor(base_));
    std::filesystem::create_directories(directory);
    std::string text = FormatLearned(LearnedImage{image, "sha256:" + hex, ""});
    for (const LearnedCommand& command : commands) text += FormatLearned(command);
    Write(directory + "/" + hex + ".jsonl", text);
    chmod((directory + "/" + hex + ".jsonl").c_str(), 0600);
  }
};

TEST_F(ReportLearnedTest, ListsCommandsByImage) {
  const Output output = Run(ReportLearned);
  EXPECT_EQ(output.code, 0) << output.err;
  EXPECT_THAT(output.out, HasSubstr("web:1 (sha256:aa)\n"));
  EXPECT_THAT(output.out, HasSubstr("/bin/busybox as ls"));
  EXPECT_THAT(output.out, HasSubstr("[drift]"));
  EXPECT_THAT(output.out, HasSubstr("db:2 (sha256:bb)\n"));
  EXPECT_THAT(output.out, Not(HasSubstr("\x1b")));
}

TEST_F(ReportLearnedTest, ListsThoseOfSomeImages) {
  for (const char* image : {"web*", "sha256:aa"}) {
    const Output output = Run(ReportLearned, {"--image", image});
    EXPECT_THAT(output.out, HasSubstr("/bin/busybox"));
    EXPECT_THAT(output.out, Not(HasSubstr("/bin/db")));
  }
  EXPECT_THAT(Run(ReportLearned, {"--image", "none"}).out, HasSubstr("nothing is recorded"));
}

TEST_F(ReportLearnedTest, PrintsALineACommandForPrograms) {
  const Output output = Run(ReportLearned, {"--json", "--image", "db:2"});
  const auto json = nlohmann::json::parse(output.out, nullptr, false);
  EXPECT_EQ(json["image"], "db:2");
  EXPECT_EQ(json["command"], "/bin/db");
  EXPECT_EQ(json["parent"], "start");
}

TEST_F(ReportLearnedTest, NamesTheFileThatItCannotRead) {
  Write(LearnedDirectory(PathsFor(base_)) + "/aa.jsonl", "no\n");
  const Output output = Run(ReportLearned);
  EXPECT_NE(output.code, 0);
  EXPECT_THAT(output.err, HasSubstr("aa.jsonl\", line 1"));
}

TEST_F(ReportLearnedTest, TakesNoWords) { EXPECT_EQ(Run(ReportLearned, {"web"}).code, 2); }

}  // namespace
}  // namespace runward
