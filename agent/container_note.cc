#include "agent/container_note.h"

#include <dirent.h>

#include <charconv>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxNoteBytes = size_t{16} << 20;

Result<uint64_t> InodeOf(std::string_view text) {
  uint64_t inode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, inode);
  if (error != std::errc{} || stop != end) return Error{"a note has no inode's number", ""};
  return inode;
}

}  // namespace

std::string NotePath(const Paths& paths, const std::string& key) {
  return paths.run + "/agent/" + key;
}

std::vector<std::string> NotedKeys(const Paths& paths) {
  std::vector<std::string> keys;
  const CHandle<DIR, closedir> entries(opendir(NotePath(paths, "").c_str()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') keys.emplace_back(entry->d_name);
  }
  return keys;
}

std::string FormatNote(const ContainerNote& note) {
  nlohmann::ordered_json names = nlohmann::ordered_json::object();
  for (const auto& [inode, paths] : note.names) names[std::to_string(inode)] = paths;
  const nlohmann::ordered_json json{{"pid", note.pid},        {"start", note.start},
                                    {"number", note.number},  {"tier", note.prepared},
                                    {"users", note.user_map}, {"names", names}};
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Result<ContainerNote> ReadNote(const std::string& path) {
  std::string text = TRY(ReadFileCapped(path, kMaxNoteBytes, Trust::kOwner));
  const JsonDocument document =
      TRY(JsonDocument::Parse(std::move(text), {.max_bytes = kMaxNoteBytes, .max_depth = 4}));
  const JsonValue root = document.root();
  ContainerNote note;
  const int64_t pid = TRY(root.Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"a note has no process", ""};
  note.pid = static_cast<pid_t>(pid);
  note.start = static_cast<uint64_t>(TRY(root.Find("start").Int()));
  note.number = static_cast<uint64_t>(TRY(root.Find("number").Int()));
  note.prepared = root.Find("tier").text();   // absent where it came before notification
  note.user_map = root.Find("users").text();  // absent where an older agent wrote it
  for (const JsonValue member : root.Find("names")) {
    auto& names = note.names[TRY(InodeOf(member.key()))];
    for (const JsonValue name : member) names.emplace_back(name.text());
  }
  return note;
}

}  // namespace runward
