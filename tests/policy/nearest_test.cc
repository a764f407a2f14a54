#include "policy/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace runward {
namespace {

constexpr std::array<std::string_view, 6> kKnown = {"expired", "grace",    "images",
                                                    "maxAge",  "profiles", "verdict"};

TEST(NearestName, FindsWhatWasMeant) {
  const struct {
    const char* typed;
    const char* meant;
  } cases[] = {{"image", "images"},     {"maxage", "maxAge"},    {"max_age", "maxAge"},
               {"MaxAge", "maxAge"},    {"profile", "profiles"}, {"vredict", "verdict"},
               {"verdicts", "verdict"}, {"garce", "grace"},      {"expires", "expired"}};
  for (const auto& test : cases) EXPECT_EQ(NearestName(test.typed, kKnown), test.meant);
}

TEST(NearestName, IsSilentWhenNothingIsNear) {
  for (const std::string& typed : {std::string("network"), std::string(), std::string("x"),
                                   std::string("allowUnmatched"), std::string(100000, 'm')}) {
    EXPECT_EQ(NearestName(typed, kKnown), "") << typed.substr(0, 20);
  }
  EXPECT_EQ(NearestName("images", {}), "");
}

TEST(NearestName, CountsSwappedNeighboursAsOneMistake) {
  constexpr std::array<std::string_view, 1> kOne = {"ab"};
  EXPECT_EQ(NearestName("ba", kOne), "ab");
}

}  // namespace
}  // namespace runward
