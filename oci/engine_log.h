#pragma once

#include <string>
#include <string_view>

namespace runward {

// Where an engine looks for the reason of a call that failed: the runtime's --log.
struct EngineLog {
  std::string path;  // "": there is none that is a file
  bool json = false;
};

// From the values of --log and --log-format. crun also takes "file:PATH", and destinations that are
// no file; runc takes any word for a path.
EngineLog EngineLogAt(std::string_view log, std::string_view format, bool runc);

// One line, bounded, valid UTF-8, and without the phrases ("no such file", "permission denied",
// ...) by which engines guess an exit code instead of showing the message (docker's and podman's
// error translation).
std::string Presentable(std::string_view message);

// Adds one JSON object, or one line of text. A log that cannot be opened without following a
// symlink or waiting is left out. `message` is presentable.
void AppendToLog(const EngineLog& log, const std::string& message);

// As AppendToLog, as the log's last word: a JSON log becomes another file of the same content, so
// that what the runtime, which has the old one open, adds to that is not read. One of text, which
// people may share between containers, stays the file it is.
void EndLog(const EngineLog& log, const std::string& message);

// All of it, or as much as somebody is there to read.
void WriteAll(int fd, std::string_view text);

}  // namespace runward
