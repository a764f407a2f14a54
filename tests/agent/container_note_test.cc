#include "agent/container_note.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace runward {
namespace {

Result<ContainerNote> Read(const std::string& text) {
  const std::string path = testing::TempDir() + "note-" + std::to_string(getpid());
  std::ofstream(path) << text;
  chmod(path.c_str(), 0600);
  auto note = ReadNote(path);
  unlink(path.c_str());
  return note;
}

TEST(ContainerNote, IsReadBackAsWritten) {
  const ContainerNote note{.pid = 7,
                           .start = 8,
                           .number = 9,
                           .prepared = "lsm",
                           .user_map = "0 100000 65536\n",
                           .names = {{18446744073709551615U, {"/bin/\"nc"}}, {3, {}}}};
  const auto read = Read(FormatNote(note));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().pid, 7);
  EXPECT_EQ(read.value().start, 8U);
  EXPECT_EQ(read.value().number, 9U);
  EXPECT_EQ(read.value().prepared, "lsm");
  EXPECT_EQ(read.value().user_map, note.user_map);
  EXPECT_EQ(read.value().names, note.names);
}

TEST(ContainerNote, RefusesHalfANote) {
  for (const char* text :
       {"", "{", "[]", R"({"pid": 0, "start": 1, "number": 1})", R"({"pid": 1, "start": 1})",
        R"({"pid": 1, "start": 1, "number": 1, "names": {"x": []}})"}) {
    EXPECT_FALSE(Read(text).ok()) << text;
  }
}

}  // namespace
}  // namespace runward
