#include "policy/laxer.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_fixture.h"

namespace runward {
namespace {

using test::DigestText;

// What is found between profiles "p0", "p1", ... of these members.
std::string Found(const std::vector<std::string>& members) {
  std::string list;
  for (size_t i = 0; i < members.size(); ++i) {
    if (i > 0) list += ",";
    list += "{\"name\":\"p" + std::to_string(i) + "\"," + members[i] + "}";
  }
  test::MemoryKeys keys;
  std::string found;
  for (const PolicyProblem& problem :
       CheckPolicy(R"({"version":1,"profiles":[)" + list + "]}", keys)) {
    found += problem.message + "\n";
  }
  return found;
}

const char kStrict[] = R"("match":{"images":["a/*"]})";
std::string Images(const std::string& pattern, const std::string& more = "") {
  return "\"match\":{\"images\":[\"" + pattern + "\"]}" + more;
}
std::string Verdict(const std::string& members) { return ",\"verdict\":{" + members + "}"; }

TEST(Laxer, FindsEveryWayToBeLaxer) {
  const struct {
    std::string earlier;
    std::string later;
    const char* way;
  } cases[] = {
      {"", ",\"mode\":\"audit\"", "mode audit after enforce"},
      {"", Verdict("\"required\":false"), "no verdict required"},
      {Verdict("\"maxAge\":\"7d\""), "", "no maxAge"},
      {Verdict("\"maxAge\":\"7d\""), Verdict("\"maxAge\":\"8d\""), "maxAge 8d after 7d"},
      {Verdict("\"warn\":\"deny\""), "", "warn allowed"},
      {"", Verdict("\"expired\":\"warn\""), "expired verdicts let through"},
      {"", Verdict(R"("expired":"grace","grace":"1h")"), "expired verdicts let through"},
      {Verdict(R"("expired":"grace","grace":"1h")"), Verdict(R"("expired":"grace","grace":"2h")"),
       "expired verdicts let through"},
      {Verdict(R"("expired":"grace","grace":"1h")"), Verdict(R"("expired":"warn")"),
       "expired verdicts let through"},
      {Verdict(R"("lapsed":{"stop":true})"), "", "lapsed containers not stopped"},
      {Verdict(R"("lapsed":{"stop":true})"), Verdict(R"("lapsed":{"stop":true,"grace":"1h"})"),
       "lapsed containers stopped later"},
      {"", ",\"restore\":\"allow\"", "restore allowed"},
  };
  for (const auto& test : cases) {
    const std::string found = Found({Images("a/*", test.earlier), Images("a/b/*", test.later)});
    EXPECT_NE(found.find(test.way), std::string::npos) << test.way << ": " << found;
    EXPECT_NE(found.find("\"p1\" is laxer than profile \"p0\""), std::string::npos);
    // The other way round it is stricter, and can never govern: no less of a mistake.
    const std::string turned = Found({Images("a/*", test.later), Images("a/b/*", test.earlier)});
    EXPECT_NE(turned.find("\"p1\" would never govern"), std::string::npos) << turned;
  }
}

TEST(Laxer, KnowsWhatCoversWhat) {
  const std::string audit = ",\"mode\":\"audit\"";
  const std::string chain = "\"match\":{\"chains\":[\"" + DigestText('1') + "\"]}";
  const std::string base = "\"match\":{\"baseChains\":[\"" + DigestText('1') + "\"]}";
  const std::string other = "\"match\":{\"chains\":[\"" + DigestText('2') + "\"]}";
  const std::string bundle = R"("match":{"rootfs":["/b"]})";
  const std::string all = "\"match\":{}";
  const std::vector<std::vector<std::string>> covered = {
      {Images("*"), Images("a", audit)},
      {Images("a"), Images("a", audit)},
      {Images("a/*"), Images("a/*/c", audit)},
      {Images("*/web"), Images("a/b/web", audit)},
      {Images("a*c*"), Images("abcd*", audit)},
      {all, Images("a", audit)},
      {all, all + audit},
      {all, bundle + audit},
      {chain, chain + audit},
      {base, base + audit},
      {base, chain + audit},
      {bundle, bundle + audit},
      {R"("match":{"rootfs":["/b/*/x"]})", R"("match":{"rootfs":["/b/c/x"]})" + audit},
      {Images("z"), Images("a/*"), Images("m"), Images("a/b", audit)},
      {Images("a/*"), R"("match":{"images":["b","a/x"]})" + audit},
      {Images("a"), Images("b*"), R"("match":{"images":["b","a"]})"},
  };
  for (const auto& profiles : covered) EXPECT_NE(Found(profiles), "") << profiles.back();
  const std::vector<std::vector<std::string>> apart = {
      {Images("a/b"), Images("a/*", audit)},
      {Images("a/b"), all + audit},
      {Images("a/*"), Images("ab", audit)},
      {Images("a"), Images("ab*", audit)},
      {Images("*/web"), Images("a/*", audit)},
      {chain, other + audit},
      {chain, base + audit},
      {chain, Images("*", audit)},
      {Images("*"), chain + audit},
      {bundle, R"("match":{"rootfs":["/b/c"]})" + audit},
      {R"("match":{"rootfs":["/b/*"]})", R"("match":{"rootfs":["/b/c/x"]})" + audit},
      {Images("a/*", audit), R"("match":{"images":["b","a/x"]})"},
  };
  for (const auto& profiles : apart) EXPECT_EQ(Found(profiles), "") << profiles.back();
}

TEST(Laxer, NamesTheElementAndBothProfiles) {
  EXPECT_EQ(Found({kStrict, Images("a/b", ",\"mode\":\"audit\"")}),
            "profile \"p1\" is laxer than profile \"p0\" (line 1) for the same images (a/b): mode "
            "audit after enforce\n");
}

TEST(Laxer, PrefersWhatIsLaxerToWhatIsOnlyHidden) {
  // p2 is hidden by p0, and laxer than p1: that it is laxer says more.
  const std::string found = Found(
      {Images("a*", ",\"mode\":\"audit\""), Images("ab*"), Images("abc", ",\"mode\":\"audit\"")});
  EXPECT_NE(found.find("\"p2\" is laxer than profile \"p1\""), std::string::npos) << found;
}

TEST(Laxer, FindsNothingAmongAThousandThatDiffer) {
  std::vector<std::string> profiles;
  for (int i = 0; i < 1000; ++i) profiles.push_back(Images("r/app" + std::to_string(i) + "/*"));
  EXPECT_EQ(Found(profiles), "");
  profiles.push_back(Images("r/app567/x", ",\"mode\":\"audit\""));
  EXPECT_NE(Found(profiles).find("\"p1000\" is laxer than profile \"p567\""), std::string::npos);
}

}  // namespace
}  // namespace runward
