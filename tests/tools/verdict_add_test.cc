#include "tests/tools/verdict_fixture.h"

namespace runward::fixtures {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class VerdictAddTest : public VerdictCommandTest {
 protected:
  // A signed verdict in the file `name`.
  std::string Made(const std::string& name, char fill, const std::vector<std::string>& more = {}) {
    std::vector<std::string> args = {"--result", "PASSED", "--out", Path(name)};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(Sign(fill, args), 0) << err_;
    return Path(name);
  }
};

TEST_F(VerdictAddTest, WhatATrustedKeySignedIsStored) {
  const std::string file = Made("v", 'a');
  EXPECT_EQ(Run({"add", file}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("PASSED \"registry.example.com/app:1\""));
  EXPECT_THAT(out_, HasSubstr(VerdictFile(paths_, DigestOf('a'))));
  EXPECT_EQ(Stored('a'), Read(file));
  EXPECT_EQ(Run({"add", file}), 0);
  EXPECT_THAT(out_, HasSubstr("nothing new"));
}

TEST_F(VerdictAddTest, OneRefusedEnvelopeKeepsAllOut) {
  const std::string good = Read(Made("v", 'a'));
  std::string changed = Read(Made("w", 'b'));
  changed.replace(changed.find("eyJ"), 4, "eyJA");
  Write("both", good + changed);
  EXPECT_EQ(Run({"add", Path("both")}), 2);
  EXPECT_THAT(err_, HasSubstr("envelope 2 is refused"));
  EXPECT_THAT(err_, HasSubstr("verdict.changed"));
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

TEST_F(VerdictAddTest, AStrangersVerdictIsRefusedWithWhatToDo) {
  ASSERT_EQ(Run({"keygen", "--out", Path("stranger")}), 0);
  EXPECT_EQ(Sign('a', {"--result", "PASSED", "--key", Path("stranger.key"), "--add"}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.untrusted"));
  EXPECT_THAT(err_, HasSubstr("name " + Path("stranger.pub") +
                              " and its images under \"trust\" in " + paths_.policy));
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

TEST_F(VerdictAddTest, ANameThatTheKeyMayNotVouchForIsRefused) {
  EXPECT_EQ(Run({"add", Made("v", 'a', {"--name", "elsewhere.example.com/app"})}), 2);
  EXPECT_THAT(err_, HasSubstr("verdict.key-images"));
  EXPECT_THAT(err_, HasSubstr("widen the key's \"images\""));
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

TEST_F(VerdictAddTest, WhatIsNoVerdictIsRefused) {
  Write("text", "no");
  EXPECT_EQ(Run({"add", Path("text")}), 2);
  EXPECT_THAT(err_, HasSubstr("not valid JSON"));
  Write("empty", "\n");
  EXPECT_EQ(Run({"add", Path("empty")}), 2);
  EXPECT_THAT(err_, HasSubstr("there is none"));
  EXPECT_EQ(Run({"add", Path("none")}), 1);
  EXPECT_EQ(Run({"add"}), 2);
  EXPECT_EQ(Run({"add", "a", "b"}), 2);
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

TEST_F(VerdictAddTest, WithoutAPolicyNothingIsTrusted) {
  const std::string file = Made("v", 'a');
  std::filesystem::remove(paths_.policy);
  EXPECT_EQ(Run({"add", file}), 1);
  EXPECT_THAT(err_, HasSubstr("policy init"));
  EXPECT_THAT(StoreFiles(), IsEmpty());
}

TEST_F(VerdictAddTest, AStoreThatOthersMayWriteIsRefused) {
  const std::string file = Made("v", 'a');
  ASSERT_EQ(Run({"add", file}), 0);
  const std::string before = Stored('a');
  chmod(VerdictFile(paths_, DigestOf('a')).c_str(), 0666);
  EXPECT_EQ(Run({"add", Made("w", 'a', {"--name", "registry.example.com/b"})}), 1);
  EXPECT_THAT(err_, HasSubstr("may write it"));
  EXPECT_EQ(Stored('a'), before);
  EXPECT_THAT(StoreFiles(), SizeIs(1));
}

}  // namespace
}  // namespace runward::fixtures
