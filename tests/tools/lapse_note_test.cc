#include "tools/lapse_note.h"

#include "tests/tools/policy_fixture.h"

namespace runward {
namespace {

class LapseNotes : public PolicyFixture {};

TEST_F(LapseNotes, AreReadAsTheyWereWritten) {
  EXPECT_FALSE(ReadLapseNote(paths_, "k"));
  const LapseNote note{.start = "s", .noticed = Time{1'700'000'000'000'000'000}, .event = "e"};
  ASSERT_TRUE(WriteLapseNote(paths_, "k", note).ok());
  const auto back = ReadLapseNote(paths_, "k");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->start, "s");
  EXPECT_EQ(back->noticed, note.noticed);
  EXPECT_EQ(back->event, "e");
  struct stat info {};
  ASSERT_EQ(stat((paths_.run + "/lapsed/k.json").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
}

TEST_F(LapseNotes, GoWithTheirContainers) {
  for (const char* key : {"a", "b", "c"}) {
    ASSERT_TRUE(WriteLapseNote(paths_, key, {.start = key, .noticed = {}, .event = ""}).ok());
  }
  KeepLapseNotes(paths_, {"b"});
  EXPECT_FALSE(ReadLapseNote(paths_, "a"));
  EXPECT_TRUE(ReadLapseNote(paths_, "b"));
  KeepLapseNotes(PathsFor(root_ + "/none"), {});
}

TEST_F(LapseNotes, ThatAreDamagedOrOthersToWriteAreNone) {
  for (const char* text : {"", "{", "{}", R"({"noticed":"yesterday"})"}) {
    (void)Write("run/lapsed/k.json", text);
    EXPECT_FALSE(ReadLapseNote(paths_, "k")) << text;
  }
  const std::string file =
      Write("run/lapsed/k.json", R"({"start":"s","noticed":"2026-01-01T00:00:00Z","event":""})");
  EXPECT_TRUE(ReadLapseNote(paths_, "k"));
  chmod(file.c_str(), 0666);
  EXPECT_FALSE(ReadLapseNote(paths_, "k"));
}

}  // namespace
}  // namespace runward
