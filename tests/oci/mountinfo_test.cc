#include "oci/mountinfo.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/fd.h"

namespace runward {
namespace {

TEST(MountInfo, ReadsALineOfTheManualPage) {
  const auto mount = ParseMountLine(
      R"(36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue)");
  ASSERT_TRUE(mount);
  EXPECT_EQ(mount->id, 36U);
  EXPECT_EQ(mount->root, "/mnt1");
  EXPECT_EQ(mount->point, "/mnt 2");
  EXPECT_EQ(mount->options, "rw,noatime");
  EXPECT_EQ(mount->type, "ext3");
  EXPECT_EQ(mount->super, "rw,errors=continue");
}

TEST(MountInfo, RefusesWhatIsNoLine) {
  for (const char* line : {"", "x", "36", "36 35 98:0 / /mnt rw", "36 35 98:0 / /mnt rw - ext3",
                           "-1 35 98:0 / /mnt rw - ext3 d rw", "36x 35 98:0 / /m rw - e d rw"}) {
    EXPECT_FALSE(ParseMountLine(line)) << line;
  }
}

TEST(MountInfo, UnescapesOnlyCompleteOctals) {
  EXPECT_EQ(UnescapeMount(R"(\011\012\040\134)"), "\t\n \\");
  EXPECT_EQ(UnescapeMount(R"(a\04)"), R"(a\04)");
  EXPECT_EQ(UnescapeMount(R"(a\999\400)"), R"(a\999\400)");
}

TEST(MountInfo, FindsTheMountThatADescriptorIsOn) {
  const UniqueFd proc(open("/proc/self", O_PATH | O_CLOEXEC));
  const auto mount = MountOf(proc.get());
  ASSERT_TRUE(mount.ok()) << mount.error().message;
  EXPECT_EQ(mount.value().point, "/proc");
  EXPECT_EQ(mount.value().type, "proc");
}

TEST(MountInfo, SaysThatAPipeIsOnNoMountOfOurs) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  EXPECT_FALSE(MountOf(reader.get()).ok());
}

}  // namespace
}  // namespace runward
