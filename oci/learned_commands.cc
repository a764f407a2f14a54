#include "oci/learned_commands.h"

#include <algorithm>
#include <climits>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"

namespace runward {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

// Paths are bytes: what is not UTF-8 is shown by U+FFFD.
std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json Identity(const LearnedCommand& command) {
  Json json = {{"command", command.command}};
  if (!command.applet.empty()) json["applet"] = command.applet;
  json["user"] = command.user;
  json["parent"] = command.parent;
  if (command.drifted) json["drift"] = true;
  return json;
}

Result<LearnedImage> ReadImage(const JsonValue& line) {
  const int64_t version = TRY(line.Find("version").Int());
  if (version != kVersion) return Error{"it is of another version of runward", ""};
  return LearnedImage{.name = std::string(line.Find("image").text()),
                      .chain = std::string(line.Find("chain").text()),
                      .config = std::string(line.Find("config").text())};
}

Result<LearnedCommand> ReadCommand(const JsonValue& line) {
  const int64_t user = TRY(line.Find("user").Int());
  if (user < 0 || user > int64_t{UINT_MAX}) return Error{"there is no user of such a number", ""};
  return LearnedCommand{.command = std::string(TRY(line.Find("command").String())),
                        .applet = std::string(line.Find("applet").text()),
                        .user = static_cast<uint32_t>(user),
                        .parent = std::string(TRY(line.Find("parent").String())),
                        .drifted = line.Find("drift").Bool().ok(),
                        .time = std::string(line.Find("time").text())};
}

Result<void> ReadLine(std::string_view text, bool first, LearnedCommands& learned) {
  const JsonDocument document = TRY(JsonDocument::Parse(std::string(text), {.max_depth = 2}));
  if (first) {
    learned.image = TRY(ReadImage(document.root()));
  } else {
    learned.commands.push_back(TRY(ReadCommand(document.root())));
  }
  return {};
}

}  // namespace

std::string LearnedDirectory(const Paths& paths) { return paths.log + "/commands"; }

std::string LearnedFile(const Paths& paths, const Record& record) {
  constexpr std::string_view kPrefix = "sha256:";
  const std::string& chain = record.image_chain;
  std::string name;
  if (chain.starts_with(kPrefix) && chain.find('/') == std::string::npos) {
    name = chain.substr(kPrefix.size());
  } else {
    name = RecordKey("", record.image.empty() ? record.rootfs : record.image);
  }
  return LearnedDirectory(paths) + "/" + name + ".jsonl";
}

std::string FormatLearned(const LearnedImage& image) {
  Json json = {{"version", kVersion}, {"image", image.name}};
  if (!image.chain.empty()) json["chain"] = image.chain;
  if (!image.config.empty()) json["config"] = image.config;
  return Line(json);
}

std::string FormatLearned(const LearnedCommand& command) {
  Json json = Identity(command);
  json["time"] = command.time;
  return Line(json);
}

std::string LearnedIdentity(const LearnedCommand& command) { return Line(Identity(command)); }

Result<LearnedCommands> ReadLearned(const std::string& path) {
  constexpr size_t kMost = 2 * kMostLearnedBytes;  // a line may go beyond the bound
  const std::string text = TRY(ReadFileCapped(path, kMost, Trust::kOwner));
  LearnedCommands learned;
  size_t number = 0;
  std::string_view rest = text;
  while (rest.find('\n') != std::string_view::npos) {
    const size_t end = rest.find('\n');
    const Result<void> read = ReadLine(rest.substr(0, end), number == 0, learned);
    ++number;
    if (!read.ok()) {
      return Error{"\"" + path + "\", line " + std::to_string(number) + ": " + read.error().message,
                   "move the file away: it is written anew"};
    }
    rest.remove_prefix(end + 1);
  }
  learned.unfinished = !rest.empty();
  return learned;
}

}  // namespace runward
