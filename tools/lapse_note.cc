#include "tools/lapse_note.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxNote = 4096;
constexpr std::string_view kSuffix = ".json";

std::string DirectoryOf(const Paths& paths) { return paths.run + "/lapsed"; }

std::string FileOf(const Paths& paths, const std::string& key) {
  return DirectoryOf(paths) + "/" + key + std::string(kSuffix);
}

}  // namespace

std::optional<LapseNote> ReadLapseNote(const Paths& paths, const std::string& key) {
  auto text = ReadFileCapped(FileOf(paths, key), kMaxNote, Trust::kOwnerAndParents);
  if (!text.ok()) return std::nullopt;
  const auto document = JsonDocument::Parse(std::move(text).value());
  if (!document.ok()) return std::nullopt;
  const JsonValue root = document.value().root();
  const std::optional<Time> noticed = ParseTime(root.Find("noticed").text());
  if (!noticed) return std::nullopt;
  return LapseNote{.start = std::string(root.Find("start").text()),
                   .noticed = *noticed,
                   .event = std::string(root.Find("event").text())};
}

Result<void> WriteLapseNote(const Paths& paths, const std::string& key, const LapseNote& note) {
  TRY(MakeDirectories(DirectoryOf(paths), true));
  const nlohmann::ordered_json json = {
      {"start", note.start}, {"noticed", FormatTime(note.noticed)}, {"event", note.event}};
  return WriteFileAtomic(FileOf(paths, key), json.dump() + "\n", 0600, false);
}

void KeepLapseNotes(const Paths& paths, const std::vector<std::string>& keys) {
  std::error_code error;
  std::vector<std::string> gone;
  for (const auto& entry : std::filesystem::directory_iterator(DirectoryOf(paths), error)) {
    const std::string name = entry.path().filename();
    const std::string key = name.substr(0, name.size() - std::min(name.size(), kSuffix.size()));
    if (std::ranges::find(keys, key) == keys.end()) gone.push_back(entry.path());
  }
  for (const std::string& path : gone) unlink(path.c_str());
}

}  // namespace runward
