#include "base/event_link.h"

#include <gtest/gtest.h>

#include "base/event_log.h"

namespace runward {
namespace {

constexpr int64_t kMost = 999'999'999'999'999'999;
constexpr std::string_view kRest = R"(,"format":1}}})";

TEST(EventLink, ReadsWhatItWrote) {
  const std::string hash(64, 'a');
  for (const EventLink& link :
       {EventLink{1, std::string(kNoRecord), 0, 0}, EventLink{7, hash, 12, 0},
        EventLink{8, hash, 0, 3}, EventLink{kMost, hash, kMost, kMost}}) {
    const std::string line = LinkText(link) + std::string(kRest);
    EXPECT_LE(LinkText(link).size(), kMaxLinkBytes);
    const auto read = ParseLink(line);
    ASSERT_TRUE(read.has_value()) << line;
    EXPECT_EQ(read->seq, link.seq);
    EXPECT_EQ(read->prev, link.prev);
    EXPECT_EQ(read->torn_bytes, link.torn_bytes);
    EXPECT_EQ(read->dropped_to, link.dropped_to);
  }
}

TEST(EventLink, RefusesWhatItWouldNotWrite) {
  const std::string hash(64, 'a');
  const std::string good = LinkText({7, hash, 0, 0}) + std::string(kRest);
  for (const std::string& line : std::vector<std::string>{
           "", "{}", good.substr(0, good.size() - 3), good + "#torn", " " + good,
           LinkText({7, hash.substr(1), 0, 0}) + std::string(kRest),
           LinkText({7, std::string(64, 'A'), 0, 0}) + std::string(kRest),
           LinkText({0, hash, 0, 0}) + std::string(kRest),
           LinkText({kMost + 1, hash, 0, 0}) + std::string(kRest),
           LinkText({7, hash, INT64_MAX, 0}) + std::string(kRest),
           LinkText({-1, hash, 0, 0}) + std::string(kRest), LinkText({7, hash, 0, 0}) + "}",
           R"({"unmapped":{"runward":{"seq":07,"prev":")" + hash + "\"" + std::string(kRest),
           R"({"unmapped":{"runward":{"seq":99999999999999999999,"prev":")" + hash + "\"" +
               std::string(kRest),
           LinkText({7, hash, 0, 0}) + "," + std::string(kMaxEventBytes, ' ') + "}"}) {
    EXPECT_FALSE(ParseLink(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace runward
