#include "secrets/note.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "oci/record.h"

namespace runward {
namespace {

constexpr size_t kMaxNoteBytes = size_t{1} << 20;

std::string PathOf(const Paths& paths, const std::string& key) {
  return RecordDirectory(paths, key) + "/" + std::string(kSecretNote);
}

Result<SecretNote::Place> PlaceOf(JsonValue value) {
  SecretNote::Place place;
  place.directory = TRY(value.Find("directory").String());
  place.device = static_cast<uint64_t>(TRY(value.Find("device").Int()));
  return place;
}

}  // namespace

Result<void> WriteSecretNote(const Paths& paths, const std::string& key, const SecretNote& note) {
  nlohmann::ordered_json json{{"pid", note.pid}, {"start", note.start}};
  json["places"] = nlohmann::ordered_json::array();
  for (const SecretNote::Place& place : note.places) {
    json["places"].push_back({{"directory", place.directory}, {"device", place.device}});
  }
  const std::string text =
      json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return WriteFileAtomic(PathOf(paths, key), text, 0600, /*sync=*/false);
}

Result<SecretNote> ReadSecretNote(const Paths& paths, const std::string& key) {
  std::string text = TRY(ReadFileCapped(PathOf(paths, key), kMaxNoteBytes, Trust::kOwner));
  const JsonDocument document = TRY(JsonDocument::Parse(std::move(text), {.max_depth = 4}));
  const JsonValue root = document.root();
  const int64_t pid = TRY(root.Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"a note about secrets has no process", ""};
  SecretNote note{.pid = static_cast<pid_t>(pid), .start = 0, .places = {}};
  note.start = static_cast<uint64_t>(TRY(root.Find("start").Int()));
  for (const JsonValue place : root.Find("places")) note.places.push_back(TRY(PlaceOf(place)));
  return note;
}

std::vector<std::string> SuppliedContainers(const Paths& paths) {
  std::vector<std::string> keys;
  const std::string directory = RecordDirectory(paths, "");
  const CHandle<DIR, closedir> entries(opendir(directory.c_str()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    struct stat info {};
    if (name.front() != '.' && stat(PathOf(paths, name).c_str(), &info) == 0) keys.push_back(name);
  }
  std::ranges::sort(keys);
  return keys;
}

}  // namespace runward
