#include "oci/learned_commands.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace runward {
namespace {

LearnedCommand Applet() {
  return {.command = "/bin/busybox",
          .applet = "wget",
          .user = 4294967295U,
          .parent = "/bin/\"sh\n",
          .drifted = true,
          .time = "2026-11-24T01:02:03.000Z"};
}

LearnedImage Image() { return {.name = "web:1", .chain = "sha256:ab", .config = "sha256:cd"}; }

Result<LearnedCommands> Read(const std::string& text) {
  const std::string path = testing::TempDir() + "learned-" + std::to_string(getpid());
  std::ofstream(path) << text;
  chmod(path.c_str(), 0600);
  auto read = ReadLearned(path);
  unlink(path.c_str());
  return read;
}

TEST(LearnedCommands, AreReadBackAsWritten) {
  const LearnedCommand plain{.command = "/bin/sh", .applet = "", .parent = "start"};
  const auto read = Read(FormatLearned(Image()) + FormatLearned(Applet()) + FormatLearned(plain));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(FormatLearned(read.value().image), FormatLearned(Image()));
  ASSERT_EQ(read.value().commands.size(), 2U);
  EXPECT_EQ(FormatLearned(read.value().commands[0]), FormatLearned(Applet()));
  EXPECT_EQ(read.value().commands[0].parent, "/bin/\"sh\n");
  EXPECT_FALSE(read.value().commands[1].drifted);
  EXPECT_FALSE(read.value().unfinished);
}

TEST(LearnedCommands, OfAWriterThatDiedAreTheWholeLines) {
  const std::string line = FormatLearned(Applet());
  for (size_t size = 1; size < line.size(); ++size) {
    const auto read = Read(FormatLearned(Image()) + line + line.substr(0, size));
    ASSERT_TRUE(read.ok()) << size << ": " << read.error().message;
    EXPECT_EQ(read.value().commands.size(), 1U) << size;
    EXPECT_TRUE(read.value().unfinished) << size;
  }
}

TEST(LearnedCommands, ThatWereChangedAreAnErrorWithItsLine) {
  const std::string image = FormatLearned(Image());
  for (const char* line : {"{", "[]", R"({"command": 1, "user": 0, "parent": ""})",
                           R"({"command": "/x", "user": -1, "parent": ""})",
                           R"({"command": "/x", "user": 4294967296, "parent": ""})",
                           R"({"command": "/x", "user": 0})"}) {
    const auto read = Read(image + line + "\n");
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_NE(read.error().message.find("line 2"), std::string::npos) << read.error().message;
  }
  EXPECT_FALSE(Read(R"({"version":2,"image":"x"})"
                    "\n")
                   .ok());
}

TEST(LearnedCommands, HaveTimesApartFromTheirIdentity) {
  LearnedCommand later = Applet();
  later.time = "2027-01-01T00:00:00.000Z";
  EXPECT_EQ(LearnedIdentity(later), LearnedIdentity(Applet()));
  later.user = 0;
  EXPECT_NE(LearnedIdentity(later), LearnedIdentity(Applet()));
}

TEST(LearnedCommands, HaveAFileForEachImage) {
  const Paths paths = PathsFor("/r");
  Record record{.id = "c1"};
  record.image = "web:1";
  const std::string by_name = LearnedFile(paths, record);
  record.image_chain = "sha256:ab12";
  EXPECT_EQ(LearnedFile(paths, record), "/r/log/commands/ab12.jsonl");
  record.image_chain = "sha256:../x";
  EXPECT_EQ(LearnedFile(paths, record), by_name);
  record.image = "../../etc/x";
  const std::string odd = LearnedFile(paths, record);
  EXPECT_NE(odd, by_name);
  EXPECT_EQ(odd.find(".."), std::string::npos);
}

}  // namespace
}  // namespace runward
