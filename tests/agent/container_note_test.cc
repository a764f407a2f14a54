#include "agent/container_note.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "agent/process_view.h"

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
                .devices = {8, 9},
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
  EXPECT_EQ(read.value().files.devices, note.files.devices);
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

// As they lie on machines whose agent is replaced by this one.
constexpr const char* kOlder[] = {
    R"({"pid":7,"start":8,"number":9,"names":{"3":["/bin/a","/bin/b"]}})",
    R"({"pid":7,"start":8,"number":9,"tier":"fanotify+kill","names":{"3":["/bin/a","/bin/b"]}})",
    R"({"pid":7,"start":8,"number":9,"tier":"fanotify+kill","users":"0 1000 9\n",)"
    R"("names":{"3":["/bin/a","/bin/b"]}})"};
constexpr const char* kWithoutLayout =
    R"({"pid":7,"start":8,"number":9,"tier":"lsm","users":"0 1000 9\n",)"
    R"("mount-namespace":"4026531841","control-groups":"0::/one\n","mounts":[{"place":"/",)"
    R"("id":"5","device":"0:53","type":"overlay","super":"lowerdir=/a","watch":0}],)"
    R"("files":{"names":{"3":["/bin/a","/bin/b"]},"multi-calls":["4"],"loaders":["6"],)"
    R"("excepted":{"/build":"7"}},"asked":["53"]})";

TEST(ContainerNote, OlderOnesAreRead) {
  for (const char* text : kOlder) {
    const auto read = Read(text);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(read.value().layout, 0);
    EXPECT_EQ(read.value().number, 9U);
    EXPECT_EQ(read.value().files.names.at(3), (std::vector<std::string>{"/bin/a", "/bin/b"}));
  }
  EXPECT_EQ(Read(kOlder[2]).value().user_map, "0 1000 9\n");
  const auto read = Read(kWithoutLayout);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().layout, 1);
  EXPECT_EQ(read.value().mounts.size(), 1U);
  EXPECT_EQ(read.value().asked, std::vector<uint64_t>{53});
  EXPECT_TRUE(read.value().files.devices.empty());
}

TEST(ContainerNote, WhatALaterAgentAddsIsPassedOverAndAnotherLayoutIsNot) {
  const std::string text = std::string(kWithoutLayout).substr(1);
  EXPECT_TRUE(Read(R"({"layout":1,"more":{"of":["it"]},)" + text).ok());
  for (const char* layout : {"2", "0", "-1", "\"1\"", "1.5"}) {
    EXPECT_FALSE(Read(R"({"layout":)" + std::string(layout) + "," + text).ok()) << layout;
  }
}

TEST(ContainerNote, OfOneThatCannotBeReadItIsKnownWhichContainerItIs) {
  Paths paths;
  paths.run = testing::TempDir() + "notes-" + std::to_string(getpid());
  std::filesystem::create_directories(paths.run + "/agent");
  const auto write = [&](const std::string& key, const std::string& text) {
    std::ofstream(NotePath(paths, key)) << text;
    chmod(NotePath(paths, key).c_str(), 0600);
  };
  const std::string living = R"({"pid":)" + std::to_string(getpid()) + R"(,"start":)" +
                             std::to_string(StartTimeOf(getpid())) + R"(,"number":5)";
  write("newer", living + R"(,"layout":2})");
  write("older", living + R"(,"names":{}})");
  write("half", living);
  write("ended", R"({"pid":1,"start":3,"number":5})");
  std::map<std::string, NotedContainer> found;
  for (NotedContainer& one : NotedContainers(paths)) found[one.key] = std::move(one);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found["newer"].note.pid, getpid());
  EXPECT_TRUE(found["newer"].why);
  EXPECT_FALSE(found["older"].why);
  EXPECT_EQ(found["half"].note.pid, 0);
  EXPECT_TRUE(found["half"].why);
  EXPECT_FALSE(std::filesystem::exists(NotePath(paths, "ended")));
  std::filesystem::remove_all(paths.run);
}

}  // namespace
}  // namespace runward
