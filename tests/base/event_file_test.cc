#include "base/event_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <thread>

#include "base/event_files.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventFile : public EventDirectory {};

TEST_F(EventFile, HoldsTheLockUntilItIsGivenBack) {
  const UniqueFd other;
  auto file = LockLogFile(Log(), kEventFile);
  ASSERT_TRUE(file.ok()) << file.error().message;
  const UniqueFd second(open(File().c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_NE(flock(second.get(), LOCK_EX | LOCK_NB), 0);
  file.value().Unlock();
  EXPECT_EQ(flock(second.get(), LOCK_EX | LOCK_NB), 0);
}

TEST_F(EventFile, TakesTheNewFileWhenTheOldOneWasMovedWhileItWaited) {
  auto held = LockLogFile(Log(), kEventFile);
  ASSERT_TRUE(held.ok());
  std::thread rotate([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::filesystem::rename(File(), Log() + "/moved");
    held.value().Unlock();
  });
  auto file = LockLogFile(Log(), kEventFile);
  rotate.join();
  ASSERT_TRUE(file.ok());
  ASSERT_EQ(write(file.value().fd.get(), "new", 3), 3);
  EXPECT_EQ(Read(File()), "new");
  EXPECT_EQ(Read(Log() + "/moved"), "");
}

}  // namespace
}  // namespace runward
