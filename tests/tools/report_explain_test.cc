#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportExplainTest : public ReportFixture {};

TEST_F(ReportExplainTest, SaysWhatWhichWhyAndWhatNext) {
  Event event = Denied();
  event.args = {"sh", "-c", "run --token=abc now"};
  event.env = {"A=secret-value"};
  event.user = "0:0";
  event.policy_sha256 = std::string(64, 'f');
  event.image_config = "sha256:" + std::string(64, 'c');
  event.warnings = {"the key expires soon"};
  Append(Denied("other"));
  Append(event);
  const Output output = Run(ReportExplain, {event.id});
  EXPECT_EQ(output.code, 0);
  for (const std::string& part :
       {event.id, std::string("this create was denied"),
        std::string("events.jsonl, line 2, record 2"), event.container_id,
        std::string("sh -c 'run --token=[redacted] now'"),
        std::string("A (values are never logged)"), event.image_name, event.image_chain,
        event.image_config, event.rule, event.reason, std::string("web, in enforce"),
        event.policy_sha256, event.hint, std::string("the key expires soon"),
        "runwardctl --runward-root=" + base_ + " verdict show " + event.image_chain}) {
    EXPECT_THAT(output.out, HasSubstr(part));
  }
  EXPECT_THAT(output.out, Not(HasSubstr("secret-value")));
  EXPECT_EQ(Run(ReportExplain, {event.id, "--json"}).out, Lines(Read(File())).at(1) + "\n");
}

TEST_F(ReportExplainTest, FindsAnEventInARotatedFile) {
  options_.rotate_bytes = 1;
  const std::string id = Append(Denied());
  Append(Denied());
  EXPECT_EQ(Run(ReportExplain, {id}).code, 0);
}

TEST_F(ReportExplainTest, NoTextReachesTheTerminalRaw) {
  Event event = Denied("\x1b[2Jcontainer");
  event.reason = "line\nbreak \xe2\x80\xaetxt";
  event.image_chain = "";
  Append(event);
  const std::string out = Run(ReportExplain, {event.id}).out;
  EXPECT_EQ(out.find('\x1b'), std::string::npos);
  EXPECT_EQ(out.find("\xe2\x80\xae"), std::string::npos);
  EXPECT_THAT(out, HasSubstr("could not be identified"));
}

TEST_F(ReportExplainTest, AnUnknownEventIsAnErrorAndNoneIsWrongUse) {
  const Output none = Run(ReportExplain, {"nosuchevent"});
  EXPECT_EQ(none.code, 1);
  EXPECT_NE(none.err.find("runwardctl --runward-root="), std::string::npos) << none.err;
  EXPECT_EQ(Run(ReportExplain, {}).code, 2);
  EXPECT_EQ(Run(ReportExplain, {"a", "b"}).code, 2);
  EXPECT_EQ(Run(ReportExplain, {""}).code, 2);
}

}  // namespace
}  // namespace runward
