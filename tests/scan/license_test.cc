#include "scan/license.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

using List = std::vector<std::string>;

LicenseAnswer Denying(const List& deny, const std::string& text) {
  return JudgeLicense(text, deny, std::nullopt);
}
LicenseAnswer Allowing(const List& allow, const std::string& text) {
  return JudgeLicense(text, {}, allow);
}

constexpr LicenseAnswer kGood = LicenseAnswer::kPermitted;
constexpr LicenseAnswer kBad = LicenseAnswer::kDenied;
constexpr LicenseAnswer kOther = LicenseAnswer::kNotAllowed;

TEST(License, OneChoiceIsEnoughAndEachPartIsNeeded) {
  const List agpl = {"AGPL-*"};
  EXPECT_EQ(Denying(agpl, "AGPL-3.0-only"), kBad);
  EXPECT_EQ(Denying(agpl, "MIT OR AGPL-3.0"), kGood);
  EXPECT_EQ(Denying(agpl, "MIT AND AGPL-3.0"), kBad);
  EXPECT_EQ(Denying(agpl, "AGPL-3.0 OR (MIT AND AGPL-3.0)"), kBad);
  EXPECT_EQ(Denying(agpl, "MIT OR ISC AND AGPL-3.0"), kGood) << "AND binds closer";
  EXPECT_EQ(Denying(agpl, "(MIT OR ISC) AND AGPL-3.0"), kBad);
  EXPECT_EQ(Denying(agpl, "LicenseRef-own OR AGPL-3.0"), kGood);
  EXPECT_EQ(Allowing({"MIT", "ISC"}, "MIT AND ISC"), kGood);
  EXPECT_EQ(Allowing({"MIT*"}, "MIT AND AGPL-3.0"), kOther) << "the pattern is no whole expression";
  EXPECT_EQ(Allowing({"MIT"}, "GPL-2.0 OR MIT"), kGood);
  // The choice must be good in both ways.
  EXPECT_EQ(JudgeLicense("GPL-2.0 OR MIT", {"MIT"}, List{"MIT"}), kOther);
}

TEST(License, ExceptionsAndLaterVersionsAreOfTheirLicence) {
  EXPECT_EQ(Denying({"GPL-2.0-only"}, "GPL-2.0 WITH Classpath-exception-2.0"), kBad);
  EXPECT_EQ(Denying({"GPL-2.0 WITH *"}, "GPL-2.0"), kGood);
  EXPECT_EQ(Allowing({"GPL-2.0* WITH Classpath*"}, "GPL-2.0-only WITH Classpath-exception-2.0"),
            kGood);
  EXPECT_EQ(Allowing({"GPL-2.0* WITH Classpath*"}, "GPL-2.0-only"), kOther);
  for (const char* later : {"GPL-2.0+", "GPL-2.0-or-later", "gpl-2.0-OR-LATER"}) {
    EXPECT_EQ(Denying({"GPL-2.0"}, later), kBad) << later;
    EXPECT_EQ(Denying({"GPL-2.0+"}, later), kBad) << later;
    EXPECT_EQ(Allowing({"GPL-2.0-only"}, later), kGood) << later;
  }
  EXPECT_EQ(Denying({"GPL-2.0-only"}, "GPL-2.0"), kBad);
  EXPECT_EQ(Denying({"GPL-2.0"}, "GPL-2.0-only"), kBad);
  EXPECT_EQ(Allowing({"GPL-2.0-or-later"}, "GPL-2.0-only"), kOther);
  EXPECT_EQ(Denying({"GPL-2.0"}, "LGPL-2.0"), kGood);
  EXPECT_EQ(Denying({"Apache-2.0"}, "Apache-2.0+"), kBad);
}

TEST(License, AWordThatIsDeniedIsDeniedInWhateverStandsAroundIt) {
  for (const char* text :
       {"MIT and/or AGPL-3.0", "MIT AGPL-3.0", "AGPL-3.0 MIT", "MIT\nAGPL-3.0", "MIT + AGPL-3.0",
        "MIT AND\u00a0AGPL-3.0", "AGPL-3.0 or later", "\"AGPL-3.0\"", "[AGPL-3.0]", "AGPL-3.0.",
        "AGPL-3.0:", "AGPL-3.0 License", "MIT plus AGPL-3.0", "DocumentRef-a:AGPL-3.0"}) {
    EXPECT_EQ(Denying({"AGPL-3.0"}, text), kBad) << text;
    EXPECT_EQ(Denying({"GPL-3.0"}, text), kGood) << text;
  }
}

TEST(License, TextThatNamesNoneIsNotAmongTheAllowed) {
  for (const char* text : {" ", ",", "/", "()", "(((", "|||"}) {
    EXPECT_EQ(Allowing({"MIT", "Apache-2.0"}, text), kOther) << text;
    EXPECT_EQ(Denying({"MIT"}, text), kGood) << text;
  }
}

TEST(License, FreeTextIsGoodOnlyWhenAllThatItMayNameIs) {
  const List gpl = {"GPL-*", "GNU GPL*"};
  for (const char* text : {"MIT, GPL-2.0", "MIT/GPL-2.0", "mit and gpl-2.0", "MIT or GPL-2.0",
                           "MIT OR", "GPL-2.0 OR", "OR GPL-2.0", "(GPL-2.0", "GPL-2.0 or later",
                           "MIT\tor\nGPL-2.0", "MIT | GNU GPL v2 or later"}) {
    EXPECT_EQ(Denying(gpl, text), std::string(text) == "MIT OR" ? kGood : kBad) << text;
  }
  EXPECT_EQ(Denying({"MIT OR GPL-2.0"}, "MIT OR GPL-2.0"), kBad) << "as it is written";
  EXPECT_EQ(Allowing({"Apache*"}, "Apache License 2.0"), kGood);
  EXPECT_EQ(Allowing({"GNU GPL*"}, "GNU GPL v2 or any later version"), kGood);
  EXPECT_EQ(Allowing({"MIT*"}, "MIT and GPL-2.0"), kOther);
  EXPECT_EQ(Allowing({"mit and gpl-2.0"}, "MIT and GPL-2.0"), kGood);
  EXPECT_EQ(Allowing({"Apache License (2.0)"}, "Apache License (2.0)"), kGood);
  // Deeper than anybody means it: no expression.
  const std::string deep = std::string(40, '(') + "MIT OR GPL-2.0" + std::string(40, ')');
  EXPECT_EQ(Denying(gpl, deep), kBad);
}

TEST(License, APatternFitsOneLicence) {
  EXPECT_TRUE(LicenseFits("lgpl-*", "LGPL-2.1+"));
  EXPECT_TRUE(LicenseFits("LGPL-2.1-or-later", "LGPL-2.1+"));
  EXPECT_FALSE(LicenseFits("MIT", "MIT-0"));
}

}  // namespace
}  // namespace runward
