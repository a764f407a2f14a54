#include "shim/governing.h"

#include <gtest/gtest.h>

#include "tests/oci/store_fixture.h"

namespace runward {
namespace {

std::string PolicyText(const std::string& mode, bool verdict, const std::string& more = "") {
  return R"({"version":1,"profiles":[{"name":"all","match":{},"mode":")" + mode +
         R"(","verdict":{"required":)" + (verdict ? "true" : "false") + "}}]" + more + "}";
}

// An administrator's and a user's policy, and an image that has no verdict.
class Governing : public testing::Test {
 protected:
  Governing() {
    request_.paths = PathsFor(directory_.path() + "/own");
    request_.above = PathsFor(directory_.path() + "/above");
    image_.chain = DigestOf("layer");
    image_.prefixes = {*image_.chain};
  }
  void Above(const std::string& text) { directory_.Write("above/policy.json", text); }
  void Own(const std::string& text) { directory_.Write("own/policy.json", text); }

  Result<Decision> Judge() {
    const Policy policy = LoadGoverning(request_).value();
    Judged judged =
        TRY(JudgeAsUser(request_, image_, Start::kCreate,
                        Decide(policy, image_, {}, Start::kCreate, request_.event.time)));
    user_ = std::move(judged.user);
    return std::move(judged.decision);
  }

  StoreDirectory directory_;
  Request request_;
  ImageEvidence image_;
  std::optional<UsersRule> user_;
};

const char kRootless[] = R"(,"rootless":"allow")";

TEST_F(Governing, RootsEngineGoesByTheOnePolicy) {
  request_.above.reset();
  Own(PolicyText("enforce", false));
  EXPECT_EQ(GoverningPaths(request_).policy, request_.paths.policy);
  EXPECT_EQ(Judge().value().outcome, Outcome::kAllow);
}

TEST_F(Governing, AUsersEngineNeedsTheAdministratorsLeave) {
  Own(PolicyText("enforce", false));
  for (const char* more : {"", R"(,"rootless":"deny")"}) {
    Above(PolicyText("audit", false, more));
    const auto policy = LoadGoverning(request_);
    ASSERT_FALSE(policy.ok());
    EXPECT_NE(policy.error().message.find("does not permit"), std::string::npos);
  }
  Above(PolicyText("audit", false, kRootless));
  EXPECT_TRUE(LoadGoverning(request_).ok());
}

TEST_F(Governing, NoAdministratorsPolicyIsNoLeave) {
  Own(PolicyText("enforce", false, kRootless));
  EXPECT_FALSE(LoadGoverning(request_).ok());
}

TEST_F(Governing, WithoutOneOfHisOwnTheAdministratorsGoverns) {
  Above(PolicyText("enforce", true, kRootless));
  EXPECT_EQ(Judge().value().outcome, Outcome::kDeny);
  Above(PolicyText("enforce", false, kRootless));
  EXPECT_EQ(Judge().value().outcome, Outcome::kAllow);
}

TEST_F(Governing, AUsersPolicyRefusesMoreAndPermitsNothing) {
  struct Case {
    const char* above;
    bool above_required;
    const char* own;
    bool own_required;
    Outcome outcome;
    size_t warnings;
  };
  const Case cases[] = {
      {"enforce", false, "enforce", false, Outcome::kAllow, 0},
      {"enforce", false, "enforce", true, Outcome::kDeny, 0},
      {"enforce", true, "enforce", false, Outcome::kDeny, 0},
      {"enforce", true, "audit", true, Outcome::kDeny, 0},
      {"enforce", false, "audit", true, Outcome::kAllow, 1},
      {"audit", true, "enforce", false, Outcome::kWouldDeny, 0},
      {"audit", true, "enforce", true, Outcome::kDeny, 0},
      {"audit", true, "audit", true, Outcome::kWouldDeny, 1},
  };
  for (const Case& test : cases) {
    Above(PolicyText(test.above, test.above_required, kRootless));
    Own(PolicyText(test.own, test.own_required));
    const Decision decision = Judge().value();
    EXPECT_EQ(decision.outcome, test.outcome)
        << test.above << test.above_required << " " << test.own << test.own_required;
    EXPECT_EQ(decision.warnings.size(), test.warnings);
  }
}

TEST_F(Governing, AUsersControlsRefuseMoreAndPermitNothing) {
  Above(PolicyText("enforce", false, kRootless));
  ASSERT_TRUE(Judge().ok());
  EXPECT_FALSE(user_);
  const auto own = [](const std::string& mode) {
    return R"({"version":1,"profiles":[{"name":"mine","match":{},"mode":")" + mode +
           R"(","verdict":{"required":false},"run":{"users":["non-root"]}}]})";
  };
  const std::vector<RunFinding> findings = {{"users", "user 0", "non-root"}};
  for (const std::string mode : {"enforce", "audit"}) {
    Own(own(mode));
    const Decision allowed = Judge().value();
    ASSERT_TRUE(user_);
    EXPECT_TRUE(user_->run.users.non_root);
    EXPECT_EQ(WithUsersFindings(allowed, *user_, {}).outcome, Outcome::kAllow);
    const Decision found = WithUsersFindings(allowed, *user_, findings);
    EXPECT_EQ(found.outcome, mode == "audit" ? Outcome::kAllow : Outcome::kDeny);
    EXPECT_EQ(found.profile, mode == "audit" ? "all" : "mine");
    EXPECT_EQ(found.warnings.size(), 1U);
    Decision refused = allowed;
    refused.outcome = Outcome::kDeny;
    refused.rule = "run.limits";
    EXPECT_EQ(WithUsersFindings(refused, *user_, findings).rule, "run.limits");
    refused.outcome = Outcome::kWouldDeny;
    refused.mode = Mode::kAudit;
    EXPECT_EQ(WithUsersFindings(refused, *user_, findings).outcome,
              mode == "audit" ? Outcome::kWouldDeny : Outcome::kDeny);
  }
}

TEST_F(Governing, APolicyOfTheUsersThatCannotBeReadIsAnError) {
  Above(PolicyText("audit", false, kRootless));
  for (const char* text : {"", "{", R"({"version":2})"}) {
    Own(text);
    EXPECT_FALSE(Judge().ok()) << text;
  }
}

}  // namespace
}  // namespace runward
