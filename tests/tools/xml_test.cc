#include "tools/xml.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Xml, LeavesNothingThatAReaderWouldActOn) {
  EXPECT_EQ(Xml("a<b>&\"c\""), "a&lt;b&gt;&amp;&quot;c&quot;");
  EXPECT_EQ(Xml("\x1b[2J"), "\\u001b[2J");
  EXPECT_EQ(Xml("ä"), "ä");
  EXPECT_EQ(Xml("##vso[x] ::error::y ###"), "#&#35;vso[x] :&#58;error:&#58;y #&#35;&#35;");
}

}  // namespace
}  // namespace runward
