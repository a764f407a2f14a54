#include "tools/report_table.h"

#include "tests/tools/report_fixture.h"

namespace runward {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReportTable : public ReportFixture {
 protected:
  static LoggedEvent Logged(const Event& event) {
    LoggedEvent logged;
    logged.event = event;
    return logged;
  }
};

TEST_F(ReportTable, RowsStandUnderTheirHeadings) {
  const EventTable table(140);
  const std::string header = table.Header();
  const std::string row = table.Row(Logged(Denied()));
  EXPECT_EQ(row.find("denied"), header.find("DECISION"));
  EXPECT_EQ(row.find("verdict.missing"), header.find("RULE"));
  EXPECT_EQ(row.find("registry"), header.find("IMAGE"));
}

TEST_F(ReportTable, KeepsToTheTerminalsWidth) {
  Event event = Denied(std::string(200, 'c'));
  event.rule = std::string(90, 'r');
  event.image_name = std::string(300, 'i');
  for (size_t width : {100, 120, 200}) {
    EXPECT_LE(Columns(EventTable(width).Row(Logged(event))), std::max<size_t>(width, 115));
  }
  EXPECT_THAT(EventTable(0).Row(Logged(event)), HasSubstr(event.image_name));
}

TEST_F(ReportTable, ShortensDockersIdsAndDisarmsEscapes) {
  Event event = Denied(std::string(64, '1'));
  event.image_name = "evil\x1b]0;x\x07\n2026";
  const std::string row = EventTable(0).Row(Logged(event));
  EXPECT_THAT(row, Not(HasSubstr(std::string(13, '1'))));
  EXPECT_EQ(row.find_first_of("\x1b\x07\n"), std::string::npos);
}

}  // namespace
}  // namespace runward
