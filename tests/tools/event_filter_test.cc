#include "tools/event_filter.h"

#include "base/event_format.h"
#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

class EventFilterTest : public ReportFixture {
 protected:
  static constexpr Time kNow{int64_t{2'000'000} * 1'000'000'000};
  static Result<EventFilter> Parse(const std::vector<std::string>& args) {
    const auto options = Options::Parse(args, EventFilterFlags());
    if (!options.ok()) return options.error();
    return MakeEventFilter(options.value(), kNow);
  }
  static bool Passes(const std::vector<std::string>& args, const Event& event) {
    const auto filter = Parse(args);
    EXPECT_TRUE(filter.ok()) << args[0];
    LoggedEvent logged;
    logged.event = event;
    return filter.ok() && Matches(filter.value(), logged);
  }
};

TEST_F(EventFilterTest, LetsThroughWhatItNames) {
  Event event = Denied("0123456789abcdef");
  event.time.ns = kNow.ns - int64_t{3600} * 1'000'000'000;
  const std::string chain = event.image_chain;
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{},
                                             {"--since", "2h"},
                                             {"--since=1970-01-24T02:33:20Z"},
                                             {"--since", "1970-01-24"},
                                             {"--until", "30m"},
                                             {"--container", "0123456789ab"},
                                             {"--container", "*cdef"},
                                             {"--image", "registry.example.com/web/shop"},
                                             {"--image", "*/shop:1"},
                                             {"--image", chain},
                                             {"--rule", "verdict.*"},
                                             {"--id", event.id},
                                             {"--decision", "allowed,denied"},
                                             {"--decision", "error", "--decision", "denied"}}) {
    EXPECT_TRUE(Passes(args, event)) << ::testing::PrintToString(args);
  }
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"--since", "59m"},
                                             {"--until", "1970-01-23"},
                                             {"--container", "123"},
                                             {"--image", "registry.example.com/web/sho"},
                                             {"--image", "shop"},
                                             {"--rule", "verdict"},
                                             {"--id", "0"},
                                             {"--decision", "allowed"}}) {
    EXPECT_FALSE(Passes(args, event)) << ::testing::PrintToString(args);
  }
}

TEST_F(EventFilterTest, RefusesWhatItCannotRead) {
  for (const std::vector<std::string>& args :
       std::vector<std::vector<std::string>>{{"--since", "yesterday"},
                                             {"--until", ""},
                                             {"--decision", "maybe"},
                                             {"--decision", ""},
                                             {"--decision", "denied,"},
                                             {"word"}}) {
    EXPECT_FALSE(Parse(args).ok()) << ::testing::PrintToString(args);
  }
}

TEST_F(EventFilterTest, PassesOverALineThatCannotHoldTheId) {
  const EventFilter filter = Parse({"--id", "abc"}).value();
  EXPECT_FALSE(MayMatch(filter, "{\"uid\":\"abd\"}"));
  EXPECT_TRUE(MayMatch(filter, "{\"uid\":\"abc\"}"));
  EXPECT_TRUE(MayMatch(EventFilter{}, ""));
}

}  // namespace
}  // namespace runward
