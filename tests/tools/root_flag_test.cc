#include "tools/root_flag.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(RootFlag, IsPutIntoEachCommandThatHasNone) {
  SetRootFlag("");
  EXPECT_EQ(WithRootFlag("runwardctl vault list"), "runwardctl vault list");
  SetRootFlag("--runward-root=/r");
  EXPECT_EQ(WithRootFlag("runwardctl vault list, or runwardctl --runward-root=/r vault put"),
            "runwardctl --runward-root=/r vault list, or runwardctl --runward-root=/r vault put");
  EXPECT_EQ(WithRootFlag("ask somebody"), "ask somebody");
  SetRootFlag("");
}

}  // namespace
}  // namespace runward
