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
  ContainerNote note{.pid = 7,
                     .start = 8,
                     .number = 9,
                     .prepared = "lsm",
                     .user_map = "0 100000 65536\n",
                     .mount_namespace = 4026531841,
                     .control_groups = "0::/one\n"};
  note.mounts = {{.place = "/",
                  .mount = {.id = 5, .device = "0:53", .type = "overlay", .super = "lowerdir=/a"},
                  .watch = Watch::kOwn},
                 {.place = "/dev", .mount = {.id = 6, .device = "0:54", .type = "tmpfs"}}};
  note.files = {.names = {{18446744073709551615U, {"/bin/\"nc"}}, {3, {"/bin/a", "/bin/b"}}},
                .denied = {},
                .multi_calls = {4, 5},
                .loaders = {6},
                .excepted = {{"/build", 7}}};
  note.helper = EnvHelper{.device = 1, .inode = 18446744073709551615U};
  note.asked = {53, 54};
  const auto read = Read(FormatNote(note));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().pid, 7);
  EXPECT_EQ(read.value().start, 8U);
  EXPECT_EQ(read.value().number, 9U);
  EXPECT_EQ(read.value().prepared, "lsm");
  EXPECT_EQ(read.value().user_map, note.user_map);
  EXPECT_EQ(read.value().mount_namespace, note.mount_namespace);
  EXPECT_EQ(read.value().control_groups, note.control_groups);
  EXPECT_EQ(read.value().files.names, note.files.names);
  EXPECT_EQ(read.value().files.multi_calls, note.files.multi_calls);
  EXPECT_EQ(read.value().files.loaders, note.files.loaders);
  EXPECT_EQ(read.value().files.excepted, note.files.excepted);
  EXPECT_EQ(read.value().asked, note.asked);
  ASSERT_TRUE(read.value().helper);
  EXPECT_EQ(read.value().helper->device, 1U);
  EXPECT_EQ(read.value().helper->inode, note.helper->inode);
  ASSERT_EQ(read.value().mounts.size(), 2U);
  const ContainerMount& root = read.value().mounts.front();
  EXPECT_EQ(root.mount.id, 5U);
  EXPECT_EQ(root.mount.device + root.mount.type + root.mount.super, "0:53overlaylowerdir=/a");
  EXPECT_EQ(root.watch, Watch::kOwn);
  EXPECT_EQ(read.value().mounts.back().place, "/dev");
  EXPECT_EQ(read.value().mounts.back().watch, Watch::kShared);
}

TEST(ContainerNote, RefusesHalfANote) {
  ContainerNote note{.pid = 7, .start = 8};
  EXPECT_FALSE(Read(FormatNote(note)).ok());  // no root
  note.mounts = {{.place = "/", .mount = {.id = 5}}};
  note.files.names = {{3, {"/a"}}};
  const std::string whole = FormatNote(note);
  ASSERT_TRUE(Read(whole).ok());
  for (const auto& [part, other] :
       {std::pair{R"("pid":7)", R"("pid":0)"}, std::pair{R"("start":8)", R"("x":8)"},
        std::pair{R"("watch":2)", R"("watch":3)"}, std::pair{R"("id":"5")", R"("id":"x")"},
        std::pair{R"("3":["/a"])", R"("x":["/a"])"}, std::pair{R"(["/a"])", "[]"},
        std::pair{R"("mounts":)", R"("x":)"}, std::pair{"}\n", ""}}) {
    std::string half = whole;
    const size_t at = half.rfind(part);
    ASSERT_NE(at, std::string::npos) << part;
    EXPECT_FALSE(Read(half.replace(at, std::string(part).size(), other)).ok()) << part;
  }
}

}  // namespace
}  // namespace runward
