#include <gtest/gtest.h>

#include <set>

#include "base/event.h"

namespace runward {
namespace {

TEST(EventId, IsThirteenLowerCaseCharactersAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewEventId();
    EXPECT_EQ(id.size(), 13U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos) << id;
    EXPECT_TRUE(seen.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace runward
