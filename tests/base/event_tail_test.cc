#include "base/event_tail.h"

#include <fcntl.h>

#include "base/encoding.h"
#include "base/event_log.h"
#include "base/fd.h"
#include "tests/base/event_directory.h"

namespace runward {
namespace {

class EventTail : public EventDirectory {
 protected:
  [[nodiscard]] LogTail Tail(const std::string& text) const {
    Write(base_ + "/file", text);
    const UniqueFd fd(open((base_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
    auto tail = ReadLogTail(fd.get(), static_cast<off_t>(text.size()));
    EXPECT_TRUE(tail.ok());
    return std::move(tail).value();
  }
  static std::string Line(int64_t seq, size_t length) {
    std::string line = LinkText({seq, std::string(64, 'a'), 0, 0}) + R"(,"x":")";
    return line + std::string(length - line.size() - 4, 'x') + "\"}}}";
  }
};

TEST_F(EventTail, FindsTheLastWholeRecordWhateverFollows) {
  const std::string first = Line(1, 900);
  const std::string last = Line(2, kMaxEventBytes - 1);
  const std::string whole = first + "\n" + last + "\n";
  for (size_t torn : {0, 1, 4000, 4096, 8191, 8192, 8193, 70000, 300000}) {
    for (char c : {'x', '\n'}) {
      const LogTail tail = Tail(whole + std::string(torn, c));
      EXPECT_EQ(tail.seq, 2) << torn;
      EXPECT_EQ(tail.hash, Sha256Hex(last));
      EXPECT_EQ(tail.torn_bytes, static_cast<int64_t>(torn));
    }
  }
  const LogTail cut = Tail(whole.substr(0, whole.size() - 1));
  EXPECT_EQ(cut.seq, 1);
  EXPECT_EQ(cut.torn_bytes, static_cast<int64_t>(last.size()));
}

TEST_F(EventTail, AFileWithoutARecordIsAllTorn) {
  for (const std::string& text : {std::string(), std::string("{}\n"), std::string(200000, 'x')}) {
    const LogTail tail = Tail(text);
    EXPECT_EQ(tail.seq, 0);
    EXPECT_EQ(tail.hash, kNoRecord);
    EXPECT_EQ(tail.torn_bytes, static_cast<int64_t>(text.size()));
  }
}

TEST_F(EventTail, AFileThatShrinksMeanwhileIsAnError) {
  Write(base_ + "/file", "short");
  const UniqueFd fd(open((base_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(ReadLogTail(fd.get(), 4000).ok());
}

}  // namespace
}  // namespace runward
