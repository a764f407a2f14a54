
#include "base/encoding.h"
#include "tests/tools/verdict_evaluate_fixture.h"
#include "tools/signing_key.h"
#include "tools/stored_input.h"
#include "tools/verdict_basis.h"
#include "tools/verdict_statement.h"

namespace runward::fixtures {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using Json = nlohmann::json;

TEST_F(VerdictEvaluateTest, ExitCodesTellPolicyFromError) {
  EXPECT_EQ(Evaluate("good.json"), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("PASSED  registry.example.com/web:1"));
  EXPECT_EQ(Evaluate("warn.json"), 0);
  EXPECT_THAT(out_, HasSubstr("PASSED with warnings"));
  EXPECT_EQ(Evaluate("bad.json"), 2);
  EXPECT_THAT(out_, HasSubstr("FAIL  openssl 1.1 → 1.2"));
  EXPECT_EQ(Evaluate("none.json"), 1);
  EXPECT_THAT(err_, HasSubstr("No such file"));
  EXPECT_THAT(err_, Not(HasSubstr("MiB")));
  Write("cut.json", "{\"SchemaVersion\": 2,");
  EXPECT_EQ(Evaluate("cut.json"), 1);
  EXPECT_THAT(err_, HasSubstr("cut.json\": line 1, column"));
  EXPECT_EQ(Evaluate("good.json", {"--format", "xml"}), 1);
  EXPECT_EQ(Evaluate("good.json", {"--frmat", "text"}), 1);
  EXPECT_EQ(Run({"evaluate"}), 1);
  EXPECT_EQ(Run({"evaluate", Path("good.json"), "--name", "elsewhere/web:1"}), 1);
  EXPECT_THAT(err_, HasSubstr("has no \"image\" section"));
}

TEST_F(VerdictEvaluateTest, WhatIsSignedSaysWhatDecidedAndFromWhat) {
  ASSERT_EQ(Evaluate("bad.json", {"--sign", Path("ci.key"), "--out", Path("v"), "--expires", "7d",
                                  "--scanned", "vuln,secret"}),
            2)
      << err_;
  const Json statement = StatementIn(Path("v"));
  const Json& predicate = statement["predicate"];
  EXPECT_EQ(predicate["verificationResult"], "FAILED");
  EXPECT_EQ(predicate["resourceUri"], "registry.example.com/web:1");
  EXPECT_EQ(predicate["policy"]["digest"]["sha256"], Sha256Hex(Read(Path("policy.json"))));
  EXPECT_EQ(predicate["inputAttestations"][0]["uri"], "report:bad.json");
  const Json& extension = predicate[std::string(kVerdictExtension)];
  EXPECT_EQ(extension["failed"][0], "vulnerabilities.fail: CVE-2021-44228 (openssl)");
  EXPECT_EQ(extension["diffIDs"][0], Hash('d'));
  EXPECT_EQ(extension["scan"]["declared"], (Json{"vuln", "secret"}));
  EXPECT_EQ(extension["scan"]["counts"]["vulnerability"]["critical"], 1);
  EXPECT_EQ(statement["subject"][0]["digest"]["sha256"], std::string(64, 'c'));
  EXPECT_TRUE(ParseStatement(statement.dump()).ok());
}

TEST_F(VerdictEvaluateTest, AddStoresVerdictAndReport) {
  ASSERT_EQ(Evaluate("good.json", {"--sign", Path("ci.key"), "--add"}), 0) << err_;
  EXPECT_THAT(StoreFiles(), SizeIs(3));  // config, chain, report
  EXPECT_THAT(Stored('c'), HasSubstr("payload"));
  const auto envelope = ParseEnvelope(Stored('c')).value();
  const std::string hash = BasisOf(envelope.payload).value().report.value().sha256;
  EXPECT_EQ(ReadStoredInput(paths_, hash).value(), Read(Path("good.json")));
  Write("verdicts/reports/" + hash, "other");
  EXPECT_FALSE(ReadStoredInput(paths_, hash).ok());
  // A name that the key may not vouch for: neither verdict nor report.
  Write("other.json", Trivy(Vulnerability("CVE-9-9", "LOW")));
  Write("loose.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": {"vulnerabilities": {"fail": "high"}}}]})");
  EXPECT_EQ(Run({"evaluate", Path("other.json"), "--name", "elsewhere:1", "--policy",
                 Path("loose.json"), "--sign", Path("ci.key"), "--add"}),
            1);
  EXPECT_THAT(StoreFiles(), SizeIs(3));
}

TEST_F(VerdictEvaluateTest, AnImageThatIsNotHereMustBeTheReports) {
  Write("all.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": {"vulnerabilities": {"fail": "high"}}}]})");
  const auto of = [&](const std::string& image, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"evaluate",      Path("good.json"), "--image", image,
                                     "--policy",      Path("all.json"),  "--sign",  Path("ci.key"),
                                     "--docker-root", Path("none"),      "--out",   Path("v")};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  };
  for (const std::string& other : {std::string("other:1"), "web:1@" + Hash('e'), Hash('e')}) {
    EXPECT_EQ(of(other), 1) << other;
    EXPECT_THAT(err_, HasSubstr("on this machine"));
    EXPECT_FALSE(std::filesystem::exists(Path("v"))) << other;
  }
  EXPECT_EQ(of("docker.io/library/web:1"), 0) << err_;
  EXPECT_EQ(of(Hash('c')), 0) << err_;
  EXPECT_EQ(StatementIn(Path("v"))["predicate"]["resourceUri"], "web:1");
  EXPECT_EQ(of("web@" + Hash('c')), 0) << err_;
  EXPECT_EQ(of("other:1", {"--config", Hash('c')}), 0) << "its digest is given";
  EXPECT_EQ(of("other:1", {"--config", Hash('e')}), 1);
  // One report is no verdict for several images.
  for (const char* flag : {"--config", "--chain"}) {
    EXPECT_EQ(of("web:1", {flag, Hash('c'), flag, Hash('e')}), 1);
    EXPECT_THAT(err_, HasSubstr("an image has one"));
  }
}

TEST_F(VerdictEvaluateTest, SigningNeedsAKeyAndAPlace) {
  EXPECT_EQ(Evaluate("good.json", {"--sign", Path("ci.key")}), 1);
  EXPECT_EQ(Evaluate("good.json", {"--out", Path("v")}), 1);
  EXPECT_EQ(Evaluate("cut.json", {"--sign", Path("ci.key"), "--out", Path("v")}), 1);
  EXPECT_FALSE(std::filesystem::exists(Path("v")));
  for (const char* flag : {"--sign", "--out", "--image", "--name"}) {
    EXPECT_EQ(Evaluate("good.json", {flag, ""}), 1) << flag;
    EXPECT_THAT(err_, HasSubstr(flag));
  }
  EXPECT_EQ(Evaluate("good.json", {"--sign", "", "--out", Path("v")}), 1);
  EXPECT_THAT(err_, HasSubstr("--sign is given without a value"));
}

TEST_F(VerdictEvaluateTest, NothingThatIsReadIsReplaced) {
  Write("ignore", "CVE-1-1 exp:2200-01-01\n");
  Write("draft.json", Read(Path("policy.json")));
  std::filesystem::create_hard_link(Path("ci.key"), Path("link"));
  const std::vector<std::string> given = {"--sign",       Path("ci.key"), "--ignore",
                                          Path("ignore"), "--policy",     Path("draft.json")};
  for (const auto& [file, what] :
       {std::pair("ci.key", "the signing key"), std::pair("./ci.key", "the signing key"),
        std::pair("link", "the signing key"), std::pair("draft.json", "the policy"),
        std::pair("good.json", "a report"), std::pair("ignore", "an input of --ignore")}) {
    const std::string before = Read(Path(file));
    std::vector<std::string> out = given;
    out.insert(out.end(), {"--out", Path(file)});
    EXPECT_EQ(Evaluate("good.json", out), 1) << file;
    EXPECT_THAT(err_, HasSubstr("--out would replace \"" + Path(file) + "\", " + what)) << file;
    std::vector<std::string> format = given;
    format.insert(format.end(), {"--out", Path("v"), "--format", "json=" + Path(file)});
    EXPECT_EQ(Evaluate("good.json", format), 1) << file;
    EXPECT_THAT(err_, HasSubstr("--format would replace \"" + Path(file) + "\", " + what)) << file;
    EXPECT_EQ(Read(Path(file)), before);
    EXPECT_FALSE(std::filesystem::exists(Path("v")));
  }
  // Of several reports, a verdict is named after each.
  Write("many/a", Trivy(""));
  Write("many/a.intoto.jsonl", Trivy(""));
  EXPECT_EQ(Run({"evaluate", Path("many"), "--sign", Path("ci.key"), "--out", Path("many")}), 1);
  EXPECT_THAT(err_, HasSubstr("a.intoto.jsonl\", a report"));
}

TEST_F(VerdictEvaluateTest, AFormatThatIsMisusedIsNamedInTheHint) {
  EXPECT_EQ(Evaluate("good.json", {"--format", "json="}), 1);
  EXPECT_THAT(err_, HasSubstr("--format \"json=\" names no file"));
  EXPECT_THAT(err_, HasSubstr("json=FILE"));
  std::filesystem::create_directory(Path("folder"));
  EXPECT_EQ(Evaluate("good.json", {"--format", "json=" + Path("folder")}), 1);
  EXPECT_THAT(err_, HasSubstr("--format json\n"));
}

TEST_F(VerdictEvaluateTest, ADirectoryIsEvaluatedInItsOrder) {
  std::filesystem::create_directory(Path("many"));
  for (int i = 0; i < 40; ++i) {
    const std::string name = "many/" + std::to_string(100 + i) + ".json";
    std::filesystem::copy(Path(i % 2 == 0 ? "good.json" : "bad.json"), Path(name));
  }
  Write("all.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": {"vulnerabilities": {"fail": "high"}}}]})");
  const std::vector<std::string> args = {"evaluate", Path("many"), "--policy", Path("all.json"),
                                         "--jobs",   "4",          "--format", "json"};
  EXPECT_EQ(Run(args), 2) << err_;
  EXPECT_THAT(err_, HasSubstr("evaluated 40 of 40"));
  const Json results = Json::parse(out_)["results"];
  ASSERT_EQ(results.size(), 40U);
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i]["file"], Path("many/" + std::to_string(100 + i) + ".json"));
    EXPECT_EQ(results[i]["result"], i % 2 == 0 ? "PASSED" : "FAILED");
  }
  // Signed side by side, each under its own name.
  std::vector<std::string> signing = args;
  signing.insert(signing.end(), {"--sign", Path("ci.key"), "--out", Path("signed")});
  EXPECT_EQ(Run(signing), 2) << err_;
  for (int i = 0; i < 40; ++i) {
    const Json statement =
        StatementIn(Path("signed/" + std::to_string(100 + i) + ".json.intoto.jsonl"));
    EXPECT_EQ(statement["predicate"]["verificationResult"], i % 2 == 0 ? "PASSED" : "FAILED");
  }
  std::filesystem::create_directory(Path("more"));
  std::filesystem::copy(Path("bad.json"), Path("more/100.json"));
  EXPECT_EQ(Run({"evaluate", Path("many"), Path("more"), "--policy", Path("all.json"), "--sign",
                 Path("ci.key"), "--out", Path("twice")}),
            1);
  EXPECT_THAT(err_, HasSubstr("two of the reports are called \"100.json\""));
  Write("many/999.json", "{");
  EXPECT_EQ(Run(args), 1) << "an error outweighs a policy's no";
}

TEST_F(VerdictEvaluateTest, AnAttestationIsReadAndVerifiedWhenAsked) {
  const auto attest = [&](const std::string& manifest, const Json& more = {}) {
    const Json statement = {{"_type", "https://in-toto.io/Statement/v0.1"},
                            {"predicateType", "https://cosign.sigstore.dev/attestation/vuln/v1"},
                            {"subject", {{{"name", "x"}, {"digest", {{"sha256", manifest}}}}}},
                            {"predicate", {{"scanner", {{"result", Json::parse(Trivy(""))}}}}}};
    const auto key = SigningKey::ReadFile(Path("ci.key"));
    Json envelope = Json::parse(SignStatement(key.value(), statement.dump()));
    if (!more.is_null()) envelope.update(more);
    return envelope.dump();
  };
  Write("att.json", attest(Hex('f')));
  EXPECT_EQ(Evaluate("att.json", {"--verify", "--format", "json"}), 0) << err_;
  EXPECT_EQ(Json::parse(out_)["image"]["manifests"], Json{Hash('f')});
  Write("cut.json", attest(Hex('f').substr(1)));
  EXPECT_EQ(Evaluate("cut.json"), 1);
  EXPECT_THAT(err_, HasSubstr("\"sha256\" must be 64 hex digits"));
  Write("both.json", attest(Hex('f'), Json::parse(Grype("Low"))));
  EXPECT_EQ(Evaluate("both.json"), 1);
  EXPECT_THAT(err_, HasSubstr("a signed envelope and, by its \"matches\", a report at once"));
  Run({"keygen", "--out", Path("other")});
  std::filesystem::copy(Path("other.pub"), Path("ci.pub"),
                        std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(Evaluate("att.json", {"--verify"}), 1);
  EXPECT_THAT(err_, HasSubstr("signed by no key"));
  EXPECT_EQ(Evaluate("att.json"), 0);
  EXPECT_THAT(out_, HasSubstr("signature was not checked"));
  EXPECT_EQ(Evaluate("good.json", {"--verify"}), 1);
}

TEST_F(VerdictEvaluateTest, ALabelDoesNotMakeAReportAnEnvelope) {
  std::string report = Trivy("");
  report.replace(
      report.find("\"team\": \"web\""), 13,
      R"("payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": "")");
  Write("label.json", report);
  EXPECT_EQ(Evaluate("label.json"), 0) << err_;
  report.erase(std::remove(report.begin(), report.end(), '\n'), report.end());
  Write("line.json", report);
  EXPECT_EQ(Evaluate("line.json"), 0) << err_;
  EXPECT_EQ(Evaluate("line.json", {"--verify"}), 1);
  EXPECT_THAT(err_, HasSubstr("is no attestation"));
  Write("cut.json", report.substr(0, report.size() - 9));
  EXPECT_EQ(Evaluate("cut.json"), 1);
  EXPECT_THAT(err_, HasSubstr("line 1, column"));
}

TEST_F(VerdictEvaluateTest, ACatalogueOfExploitedOnesIsWholeOrRefused) {
  Write("strict.json", R"({"version": 1, "profiles": [{"name": "p", "match": {},
    "image": {"knownExploited": "enforce"}}]})");
  const auto judge = [&](const std::string& count, const std::string& listed) {
    Write("kev.json", "{" + count + R"("vulnerabilities": [)" + listed + "]}");
    return Evaluate("bad.json", {"--policy", Path("strict.json"), "--exploited", Path("kev.json")});
  };
  const std::string one = R"({"cveID": "CVE-1-1"})";
  const std::string both = one + R"(, {"cveID": "CVE-2021-44228"})";
  EXPECT_EQ(judge(R"("count": 2, )", both), 2) << err_;
  EXPECT_EQ(judge("", one), 0) << err_;
  for (const char* count : {"2", "0", "\"two\"", "null"}) {
    EXPECT_EQ(judge(std::string("\"count\": ") + count + ", ", one), 1) << count;
    EXPECT_THAT(err_, HasSubstr("and 1 vulnerabilities are listed"));
  }
}

TEST_F(VerdictEvaluateTest, ExceptionsAreGivenByTheirKind) {
  Write("ignore", "CVE-2021-44228 exp:2200-01-01\n");
  EXPECT_EQ(Evaluate("bad.json", {"--ignore", Path("ignore")}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Accepted"));
  EXPECT_EQ(Evaluate("bad.json", {"--vex", Path("ignore")}), 1);
  EXPECT_THAT(err_, HasSubstr("give it with --ignore"));
}

}  // namespace
}  // namespace runward::fixtures
