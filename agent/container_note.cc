#include "agent/container_note.h"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <nlohmann/json.hpp>

#include "agent/process_view.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

constexpr size_t kMaxNoteBytes = size_t{16} << 20;

using Json = nlohmann::ordered_json;

// Numbers of 64 bits are written as text: a reader's integers have a sign.
Result<uint64_t> NumberOf(std::string_view text) {
  uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return Error{"a note has half a number", ""};
  return number;
}

Json TextsOf(const std::vector<uint64_t>& numbers) {
  Json texts = Json::array();
  for (const uint64_t number : numbers) texts.push_back(std::to_string(number));
  return texts;
}

Result<std::vector<uint64_t>> NumbersOf(JsonValue texts) {
  std::vector<uint64_t> numbers;
  for (const JsonValue text : texts) numbers.push_back(TRY(NumberOf(text.text())));
  return numbers;
}

Json FormatMounts(const std::vector<ContainerMount>& mounts) {
  Json all = Json::array();
  for (const ContainerMount& one : mounts) {
    all.push_back({{"place", one.place},
                   {"id", std::to_string(one.mount.id)},
                   {"device", one.mount.device},
                   {"type", one.mount.type},
                   {"super", one.place == "/" ? one.mount.super : ""},
                   {"watch", static_cast<int>(one.watch)}});
  }
  return all;
}

Result<std::vector<ContainerMount>> ReadMounts(JsonValue all) {
  std::vector<ContainerMount> mounts;
  for (const JsonValue one : all) {
    ContainerMount mount{.place = std::string(one.Find("place").text()), .mount = {}};
    mount.mount.id = TRY(NumberOf(one.Find("id").text()));
    mount.mount.device = one.Find("device").text();
    mount.mount.type = one.Find("type").text();
    mount.mount.super = one.Find("super").text();
    const int64_t watch = TRY(one.Find("watch").Int());
    if (watch < 0 || watch > static_cast<int>(Watch::kShared)) {
      return Error{"a note has a mount that is watched in no known way", ""};
    }
    mount.watch = static_cast<Watch>(watch);
    mounts.push_back(std::move(mount));
  }
  if (mounts.empty() || mounts.front().place != "/") return Error{"a note has no root", ""};
  return mounts;
}

Json FormatFiles(const CommandFiles& files) {
  Json names = Json::object();
  for (const auto& [inode, paths] : files.names) names[std::to_string(inode)] = paths;
  Json excepted = Json::object();
  for (const auto& [path, inode] : files.excepted) excepted[path] = std::to_string(inode);
  return {{"names", std::move(names)},
          {"devices", TextsOf(files.devices)},
          {"multi-calls", TextsOf(files.multi_calls)},
          {"loaders", TextsOf(files.loaders)},
          {"excepted", std::move(excepted)}};
}

Result<std::map<uint64_t, std::vector<std::string>>> ReadNames(JsonValue json) {
  std::map<uint64_t, std::vector<std::string>> all;
  for (const JsonValue member : json) {
    auto& names = all[TRY(NumberOf(member.key()))];
    for (const JsonValue name : member) names.emplace_back(name.text());
    if (names.empty()) return Error{"a note has a file without a name", ""};
  }
  return all;
}

Result<CommandFiles> ReadFiles(JsonValue json) {
  CommandFiles files;
  files.names = TRY(ReadNames(json.Find("names")));
  files.devices = TRY(NumbersOf(json.Find("devices")));
  files.multi_calls = TRY(NumbersOf(json.Find("multi-calls")));
  files.loaders = TRY(NumbersOf(json.Find("loaders")));
  for (const JsonValue member : json.Find("excepted")) {
    files.excepted[std::string(member.key())] = TRY(NumberOf(member.text()));
  }
  return files;
}

Result<JsonDocument> ParseNote(const std::string& path) {
  std::string text = TRY(ReadFileCapped(path, kMaxNoteBytes, Trust::kOwner));
  return JsonDocument::Parse(std::move(text), {.max_bytes = kMaxNoteBytes, .max_depth = 5});
}

// Which container it is.
Result<ContainerNote> ReadIdentity(JsonValue root) {
  ContainerNote note;
  const int64_t pid = TRY(root.Find("pid").Int());
  if (pid <= 0 || pid > INT_MAX) return Error{"a note has no process", ""};
  note.pid = static_cast<pid_t>(pid);
  note.start = static_cast<uint64_t>(TRY(root.Find("start").Int()));
  note.number = static_cast<uint64_t>(TRY(root.Find("number").Int()));
  note.prepared = root.Find("tier").text();
  note.user_map = root.Find("users").text();
  // By these one is known that shares its pid namespace (agent/registry.h).
  note.control_groups = root.Find("control-groups").text();
  const Result<uint64_t> mounts = NumberOf(root.Find("mount-namespace").text());
  if (mounts.ok()) note.mount_namespace = mounts.value();
  return note;
}

// The first ones had no number, and before that no mounts.
Result<int> LayoutOf(JsonValue root) {
  const JsonValue number = root.Find("layout");
  if (!number) return root.Find("mounts") ? 1 : 0;
  const int64_t layout = TRY(number.Int());
  if (layout >= 1 && layout <= ContainerNote::kLayout) return static_cast<int>(layout);
  return Error{"a note has the layout " + std::to_string(layout) +
                   ", and this runward-agent knows " + std::to_string(ContainerNote::kLayout),
               "use the version of runward-agent that wrote it, or start the container anew"};
}

Result<void> ReadRest(JsonValue root, ContainerNote& note) {
  note.layout = TRY(LayoutOf(root));
  if (note.layout == 0) {
    note.files.names = TRY(ReadNames(root.Find("names")));
    return {};
  }
  note.mount_namespace = TRY(NumberOf(root.Find("mount-namespace").text()));
  note.mounts = TRY(ReadMounts(root.Find("mounts")));
  note.files = TRY(ReadFiles(root.Find("files")));
  note.asked = TRY(NumbersOf(root.Find("asked")));
  const std::vector<uint64_t> helper = TRY(NumbersOf(root.Find("helper")));
  if (helper.size() == 2) note.helper = EnvHelper{.device = helper[0], .inode = helper[1]};
  return {};
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

NotedContainer ReadNoted(const Paths& paths, const std::string& key) {
  NotedContainer found{.key = key, .note = {}, .why = {}};
  const Result<JsonDocument> document = ParseNote(NotePath(paths, key));
  Result<ContainerNote> identity =
      document.ok() ? ReadIdentity(document.value().root()) : document.error();
  if (!identity.ok()) {
    found.why = identity.error();
    return found;
  }
  found.note = std::move(identity).value();
  const Result<void> rest = ReadRest(document.value().root(), found.note);
  if (!rest.ok()) found.why = rest.error();
  return found;
}

}  // namespace

std::string NotePath(const Paths& paths, const std::string& key) {
  return paths.run + "/agent/" + key;
}

std::vector<NotedContainer> NotedContainers(const Paths& paths) {
  std::vector<NotedContainer> all;
  for (const std::string& key : NotedKeys(paths)) {
    NotedContainer one = ReadNoted(paths, key);
    if (one.note.pid != 0 && StartTimeOf(one.note.pid) != one.note.start) {
      unlink(NotePath(paths, key).c_str());
    } else {
      all.push_back(std::move(one));
    }
  }
  return all;
}

std::string FormatNote(const ContainerNote& note) {
  Json json{{"layout", ContainerNote::kLayout},
            {"pid", note.pid},
            {"start", note.start},
            {"number", note.number},
            {"tier", note.prepared},
            {"users", note.user_map},
            {"mount-namespace", std::to_string(note.mount_namespace)},
            {"control-groups", note.control_groups},
            {"mounts", FormatMounts(note.mounts)},
            {"files", FormatFiles(note.files)},
            {"asked", TextsOf(note.asked)}};
  if (note.helper) json["helper"] = TextsOf({note.helper->device, note.helper->inode});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ContainerNote> ReadNote(const std::string& path) {
  const JsonDocument document = TRY(ParseNote(path));
  ContainerNote note = TRY(ReadIdentity(document.root()));
  TRY(ReadRest(document.root(), note));
  return note;
}

}  // namespace runward
