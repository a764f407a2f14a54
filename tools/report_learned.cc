#include <dirent.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/event_text.h"
#include "base/file.h"
#include "base/glob.h"
#include "oci/learned_commands.h"
#include "tools/options.h"
#include "tools/report.h"

namespace runward {
namespace {

struct Request {
  std::string image;  // a glob; "" is all
  bool json = false;
};

Result<Request> Parse(const CommandLine& line) {
  const Options options = TRY(Options::Parse(line.args, {{"--image", true}, {"--json", false}}));
  if (!options.words().empty()) return Error{"it takes no words", ""};
  return Request{.image = options.Last("--image", ""), .json = options.Has("--json")};
}

std::vector<std::string> FilesIn(const std::string& directory) {
  std::vector<std::string> files;
  const CHandle<DIR, closedir> entries(opendir(directory.c_str()));
  while (entries != nullptr) {
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string_view name = static_cast<const char*>(entry->d_name);
    if (name.ends_with(".jsonl")) files.push_back(directory + "/" + std::string(name));
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<LearnedCommands>> ReadAll(const CommandLine& line, const Request& request) {
  std::vector<LearnedCommands> all;
  for (const std::string& file : FilesIn(LearnedDirectory(line.paths))) {
    LearnedCommands one = TRY(ReadLearned(file));
    const bool fits = request.image.empty() || GlobMatch(request.image, one.image.name) ||
                      GlobMatch(request.image, one.image.chain);
    if (fits) all.push_back(std::move(one));
  }
  return all;
}

// Each line as its file has it, with its image, so that lines of several images can be told apart.
std::string Json(const LearnedCommands& learned) {
  std::string text;
  for (const LearnedCommand& command : learned.commands) {
    nlohmann::ordered_json json = {{"image", learned.image.name}, {"chain", learned.image.chain}};
    json.update(nlohmann::ordered_json::parse(FormatLearned(command)));
    text += json.dump() + "\n";
  }
  return text;
}

std::string Title(const LearnedImage& image) {
  const std::string name = image.name.empty() ? "image without a name" : Printable(image.name);
  return name + (image.chain.empty() ? "" : " (" + Printable(image.chain) + ")");
}

using Row = std::vector<std::string>;

Row RowOf(const LearnedCommand& command) {
  std::string file = Printable(command.command);
  if (!command.applet.empty()) file += " as " + Printable(command.applet);
  if (command.drifted) file += " [drift]";
  const std::string parent = command.parent.empty() ? "?" : Printable(command.parent);
  return {file, std::to_string(command.user), parent, Printable(command.time)};
}

std::string Table(const LearnedCommands& learned) {
  std::vector<Row> rows = {{"COMMAND", "USER", "EXECUTED BY", "FIRST SEEN"}};
  for (const LearnedCommand& command : learned.commands) rows.push_back(RowOf(command));
  std::ranges::sort(rows.begin() + 1, rows.end());
  std::string text = Title(learned.image) + "\n";
  for (const std::string& line : Aligned(rows)) text += "  " + line + "\n";
  return text;
}

}  // namespace

int ReportLearned(const CommandLine& line) {
  const auto request = Parse(line);
  if (!request.ok()) return PrintUsage("report commands", request.error());
  const auto all = ReadAll(line, request.value());
  if (!all.ok()) return PrintError(all.error());
  std::string text;
  for (const LearnedCommands& one : all.value()) {
    if (!text.empty() && !request.value().json) text += "\n";
    text += request.value().json ? Json(one) : Table(one);
  }
  if (text.empty() && !request.value().json) {
    text = "nothing is recorded in " + LearnedDirectory(line.paths) +
           "; \"commands\": {\"learn\": true} in a profile has the agent record\n";
  }
  Print(text);
  return Finish(kExitDone);
}

}  // namespace runward
