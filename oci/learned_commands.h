#pragma once

#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "oci/record.h"

namespace runward {

// What an image's containers were seen to execute, a file an image: LOG/commands/<hex>.jsonl, whose
// first line is the image and each further one a command. docs/commands.md has the format. It only
// grows, by whole lines; what a writer that died left of a line is no command.

struct LearnedImage {
  std::string name;   // as its container was asked for
  std::string chain;  // "sha256:...", or "" without identity
  std::string config;
};

struct LearnedCommand {
  std::string command;  // the file, as resolved, in the container
  std::string applet;   // what a program of many applets was called to be; else ""
  uint32_t user = 0;    // in the container
  // The program that executed it, a path in the container; "start" of the container's own command,
  // "exec" for an exec from outside, "" where it could not be told.
  std::string parent;
  bool drifted = false;  // not in the image
  std::string time;      // when it was seen first, RFC 3339
};

inline constexpr size_t kMostLearnedCommands = 4096;          // an image
inline constexpr size_t kMostLearnedBytes = size_t{1} << 20;  // an image
inline constexpr size_t kMostLearnedImages = 1024;

std::string LearnedDirectory(const Paths& paths);
// By the image's chain ID; where the image is not identified, by its name or else its root.
std::string LearnedFile(const Paths& paths, const Record& record);

// One line each, with its end.
std::string FormatLearned(const LearnedImage& image);
std::string FormatLearned(const LearnedCommand& command);
// The same for two that differ in nothing but when they were seen.
std::string LearnedIdentity(const LearnedCommand& command);

struct LearnedCommands {
  LearnedImage image;
  std::vector<LearnedCommand> commands;  // in the order in which they were seen first
  bool unfinished = false;               // the last line has no end
};
// Fails for a file that FormatLearned did not write; a line of which only a part is there is left
// out.
Result<LearnedCommands> ReadLearned(const std::string& path);

}  // namespace runward
