#include "scan/acceptance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scan/samples.h"

namespace runward {
namespace {

using fixtures::Grype;
using fixtures::Judge;
using fixtures::Judged;
using fixtures::Rules;
using fixtures::Trivy;
using fixtures::Vulnerability;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Acceptance, ExceptionsNeedAnEndAndStopAtIt) {
  const auto with = [](const std::string& more) {
    return Judge(Trivy(Vulnerability("CVE-1-1", "HIGH")),
                 R"({"vulnerabilities": {"fail": "high"}, "exceptions": [{"id": "CVE-1-1",
                     "reason": "not reachable")" +
                     more + "}]}");
  };
  const Judged good = with(R"(, "expires": "2026-12-31")");
  EXPECT_THAT(Rules(good), ElementsAre());
  ASSERT_EQ(good.evaluation.value().accepted.size(), 1U);
  EXPECT_EQ(good.evaluation.value().accepted[0].reason, "not reachable");
  EXPECT_THAT(Rules(with("")), ElementsAre("warn exceptions.expires"));
  const Judged over = with(R"(, "expires": "2026-11-21")");
  EXPECT_THAT(Rules(over), ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(over.evaluation.value().breaches[0].what,
              HasSubstr("its exception in the policy expired"));
  EXPECT_THAT(Rules(with(R"(, "expires": "2026-12-31", "packages": ["curl"])")),
              ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(Rules(with(R"(, "expires": "2026-12-31", "images": ["other*"])")),
              ElementsAre("FAIL vulnerabilities.fail"));
}

TEST(Acceptance, WhatStandsForSeveralIsAcceptedByItsOwnIdOrAllOfThem) {
  std::string report = Grype("High");
  const std::string one = R"([{"id": "CVE-2021-1"}])";
  report.replace(report.find(one), one.size(), R"([{"id": "CVE-2021-1"}, {"id": "CVE-2021-2"}])");
  const std::string fail = R"("vulnerabilities": {"fail": "high"})";
  for (const auto& [id, accepted] : {std::pair("CVE-2021-1", false), std::pair("CVE-2021-2", false),
                                     std::pair("GHSA-1", true), std::pair("CVE-2021-*", true)}) {
    const Judged judged = Judge(report, "{" + fail + R"(, "exceptions": [{"id": ")" + id +
                                            R"(", "reason": "r", "expires": "2026-12-31"}]})");
    EXPECT_EQ(Rules(judged).empty(), accepted) << id;
  }
  const auto ignored = [&](const std::string& ids) {
    return Rules(Judge(report, "{" + fail + "}", ReadExceptions(ids, "i").value())).empty();
  };
  EXPECT_FALSE(ignored("CVE-2021-1 exp:2026-12-31\n"));
  EXPECT_TRUE(ignored("GHSA-1 exp:2026-12-31\n"));
}

TEST(Acceptance, ACveIsAcceptedByItsOwnIdAlone) {
  const std::string report =
      Trivy(Vulnerability("CVE-1-1", "HIGH", R"(, "VendorIDs": ["DSA-5000-1"])"));
  const std::string fail = R"("vulnerabilities": {"fail": "high"})";
  const auto accepted = [&](const std::string& id, bool in_policy) {
    if (!in_policy) {
      const auto ignored = ReadExceptions(id + " exp:2026-12-31\n", "i").value();
      return Rules(Judge(report, "{" + fail + "}", ignored)).empty();
    }
    const std::string rule =
        R"(, "exceptions": [{"id": ")" + id + R"(", "reason": "r", "expires": "2026-12-31"}]})";
    return Rules(Judge(report, "{" + fail + rule)).empty();
  };
  for (const bool in_policy : {false, true}) {
    EXPECT_TRUE(accepted("CVE-1-1", in_policy));
    EXPECT_FALSE(accepted("DSA-5000-1", in_policy)) << "it stands for others, too";
  }
  const auto vex = [&](const std::string& name, const std::string& status) {
    return ReadExceptions(R"({"@context": "https://openvex.dev/ns/v0.2.0",
      "timestamp": "2026-11-01T00:00:00Z", "statements": [{"vulnerability": {"name": ")" +
                              name + R"("}, "products": [{"@id": "pkg:deb/debian/openssl"}],
      "status": ")" + status + R"(", "justification": "component_not_present"}]})",
                          "v.json")
        .value();
  };
  EXPECT_TRUE(Rules(Judge(report, "{" + fail + "}", vex("CVE-1-1", "not_affected"))).empty());
  EXPECT_FALSE(Rules(Judge(report, "{" + fail + "}", vex("DSA-5000-1", "not_affected"))).empty());
  // What does not accept may come by an alias.
  auto both = vex("CVE-1-1", "not_affected");
  both.push_back(vex("DSA-5000-1", "affected").at(0));
  EXPECT_FALSE(Rules(Judge(report, "{" + fail + "}", both)).empty());
}

TEST(Acceptance, WhatIsGivenBesideThePolicyCountsAsFarAsThePolicySays) {
  const auto ignore = ReadExceptions("CVE-1-1 exp:2026-12-31\n", "i").value();
  const std::string report = Trivy(Vulnerability("CVE-1-1", "HIGH"));
  EXPECT_THAT(Rules(Judge(report, R"({"vulnerabilities": {"fail": "high"}})", ignore)),
              ElementsAre());
  EXPECT_THAT(
      Rules(Judge(report, R"({"vulnerabilities": {"fail": "high"}, "accept": ["vex"]})", ignore)),
      ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(Rules(Judge(report, R"({"cves": {"deny": ["CVE-1-1"]}})", ignore)),
              ElementsAre("FAIL cves.deny"))
      << "what the policy names, only the policy excepts";
}

TEST(Acceptance, NothingExpiredIsNamedWhereTheFindingIsAccepted) {
  const std::string report = Trivy(Vulnerability("CVE-1-1", "HIGH"));
  const std::string fail = R"({"vulnerabilities": {"fail": "high"}, "exceptions": [)";
  const std::string over = R"({"id": "CVE-1-1", "reason": "r", "expires": "2026-11-21"})";
  const std::string good = R"({"id": "CVE-1-1", "reason": "r", "expires": "2026-12-31"})";
  const auto notes = [&](const std::string& exceptions, const std::string& ignored = "") {
    return Judge(report, fail + exceptions + "]}", ReadExceptions(ignored, "i").value())
        .evaluation.value()
        .notes;
  };
  EXPECT_THAT(notes(over + ", " + good), ElementsAre());
  EXPECT_THAT(notes(over, "CVE-1-1 exp:2026-12-31\n"), ElementsAre());
  EXPECT_THAT(notes(over), ElementsAre(HasSubstr("CVE-1-1 in the policy expired 2026-11-21")));
  EXPECT_THAT(notes(over, "CVE-1-1 exp:2026-11-20\n"),
              ElementsAre(HasSubstr("CVE-1-1 in i expired 2026-11-20")));
}

TEST(Acceptance, AVexStatementAcceptsNothingBeforeItsTime) {
  const auto vex = [](const std::string& time, const std::string& status) {
    return ReadExceptions(R"({"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": ")" + time +
                              R"(", "statements": [{"vulnerability": {"name": "CVE-1-1"},
                              "products": [{"@id": "pkg:deb/debian/openssl"}], "status": ")" +
                              status + R"(", "justification": "component_not_present"}]})",
                          "v.json")
        .value();
  };
  const auto judge = [](const std::vector<Exception>& exceptions) {
    return Judge(Trivy(Vulnerability("CVE-1-1", "HIGH")),
                 R"({"vulnerabilities": {"fail": "high"}})", exceptions);
  };
  // The clock of whoever wrote it may be ahead; now is 10:00.
  EXPECT_THAT(Rules(judge(vex("2026-11-22T10:05:00Z", "not_affected"))), ElementsAre());
  const Judged early = judge(vex("2026-11-22T10:05:01Z", "not_affected"));
  EXPECT_THAT(Rules(early), ElementsAre("FAIL vulnerabilities.fail"));
  EXPECT_THAT(early.evaluation.value().notes,
              ElementsAre(HasSubstr("CVE-1-1 in v.json is of the future, 2026-11-22T10:05:01")));
  EXPECT_THAT(early.evaluation.value().breaches[0].what, HasSubstr("is of the future"));
  // What does not accept ends older ones at once.
  auto both = vex("2026-11-01T00:00:00Z", "not_affected");
  EXPECT_THAT(Rules(judge(both)), ElementsAre());
  both.push_back(vex("2199-01-01T00:00:00Z", "affected").at(0));
  EXPECT_THAT(Rules(judge(both)), ElementsAre("FAIL vulnerabilities.fail"));
}

}  // namespace
}  // namespace runward
