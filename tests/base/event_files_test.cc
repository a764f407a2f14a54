#include "base/event_files.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "base/fd.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventFiles : public EventDirectory {};

TEST_F(EventFiles, ListsRotatedFilesOldestFirstAndNothingElse) {
  for (const std::string& name :
       {RotatedName(200), RotatedName(9), RotatedName(INT64_MAX), std::string("events.jsonl"),
        std::string("events.12.jsonl"), std::string("events.000000000000000001x.jsonl"),
        std::string("events.0000000000000000009.jsonl.gz"), std::string("checkpoints.jsonl")}) {
    Write(base_ + "/" + name, "");
  }
  const UniqueFd fd(open(base_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto files = ListRotated(fd.get());
  ASSERT_TRUE(files.ok());
  std::vector<int64_t> found;
  for (const RotatedFile& file : files.value()) found.push_back(file.last_seq);
  EXPECT_THAT(found, ::testing::ElementsAre(9, 200, INT64_MAX));
}

TEST_F(EventFiles, ADirectoryThatIsNoneIsAnError) {
  Write(base_ + "/file", "");
  const UniqueFd fd(open((base_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(ListRotated(fd.get()).ok());
}

}  // namespace
}  // namespace runward
