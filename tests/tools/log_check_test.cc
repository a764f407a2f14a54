#include "tools/log_check.h"

#include "base/encoding.h"
#include "base/event_files.h"
#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

class LogCheck : public ReportFixture {};

TEST_F(LogCheck, StartsAtTheFileThatHoldsTheRecord) {
  options_.rotate_bytes = 1;
  for (int i = 0; i < 5; ++i) Append(Denied());
  const auto whole = CheckLog(Log(), {}, 0);
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole.value().records(), 5);
  const auto part = CheckLog(Log(), {}, 4);
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part.value().records(), 2);
  EXPECT_EQ(part.value().last_seq(), 5);
  EXPECT_TRUE(part.value().problems().empty());
  // Damage before the record is not this check's concern; damage at it is.
  std::filesystem::remove(Log() + "/" + RotatedName(2));
  EXPECT_TRUE(CheckLog(Log(), {}, 4).value().problems().empty());
  EXPECT_FALSE(CheckLog(Log(), {}, 0).value().problems().empty());
  EXPECT_FALSE(CheckLog(Log(), {{4, std::string(64, 'a'), "c"}}, 4).value().problems().empty());
}

TEST_F(LogCheck, ALogThatIsNotThereIsEmptyAndSynced) {
  EXPECT_EQ(CheckLog(Log(), {}, 0).value().records(), 0);
  EXPECT_TRUE(SyncLog(Log()).ok());
  Append(Denied());
  EXPECT_TRUE(SyncLog(Log()).ok());
}

}  // namespace
}  // namespace runward
