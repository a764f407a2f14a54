#include "oci/engine_log.h"

#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"

namespace runward {
namespace {

constexpr size_t kMaxReplaced = size_t{1}
                                << 20;  // an engine's log of one container has a few lines
constexpr size_t kMaxMessage = 2000;    // a line of which fits a pipe's atomic write (PIPE_BUF)

struct Phrase {
  std::string_view avoid;
  std::string_view say;
};
constexpr std::array kPhrases = {
    Phrase{"no such file or directory", "it does not exist"},
    Phrase{"no such file", "missing file"},
    Phrase{"permission denied", "access is not allowed"},
    Phrase{"not a directory", "not a folder"},
    Phrase{"executable file not found", "the program is missing"},
};

size_t FindAnyCase(std::string_view text, std::string_view phrase) {
  for (size_t at = 0; at + phrase.size() <= text.size(); ++at) {
    if (strncasecmp(text.data() + at, phrase.data(), phrase.size()) == 0) return at;
  }
  return std::string_view::npos;
}

// O_NONBLOCK: a FIFO without a reader fails instead of waiting.
UniqueFd OpenLog(const std::string& path) {
  UniqueFd fd(open(path.c_str(),
                   O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                   0644));
  struct stat info {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0) return {};
  return S_ISREG(info.st_mode) || S_ISFIFO(info.st_mode) ? std::move(fd) : UniqueFd();
}

std::string LineOf(const EngineLog& log, const std::string& message) {
  const std::string time = FormatTime(Now());
  const nlohmann::ordered_json record{{"level", "error"}, {"msg", message}, {"time", time}};
  if (log.json) return record.dump() + "\n";
  return "time=\"" + time + "\" level=error msg=" + nlohmann::json(message).dump() + "\n";
}

bool Replaced(const EngineLog& log, const std::string& message) {
  struct stat info {};
  if (lstat(log.path.c_str(), &info) != 0) return false;
  const Result<std::string> before = ReadFileCapped(log.path, kMaxReplaced, Trust::kAnyone);
  return before.ok() && WriteFileAtomic(log.path, before.value() + LineOf(log, message),
                                        info.st_mode & 0777, /*sync=*/false)
                            .ok();
}

}  // namespace

EngineLog EngineLogAt(std::string_view log, std::string_view format, bool runc) {
  if (!runc && log.starts_with("file:")) log.remove_prefix(5);
  const bool file = runc || !(log.starts_with("journald:") || log.starts_with("syslog:"));
  return {.path = std::string(file ? log : ""), .json = format == "json"};
}

std::string Presentable(std::string_view message) {
  // Invalid UTF-8 becomes U+FFFD on the way through JSON.
  std::string text =
      nlohmann::json::parse(nlohmann::json(message.substr(0, kMaxMessage))
                                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  for (bool again = true; again;) {  // one replacement may bring two halves together
    again = false;
    for (const Phrase& phrase : kPhrases) {
      const size_t at = FindAnyCase(text, phrase.avoid);
      if (at == std::string_view::npos) continue;
      text.replace(at, phrase.avoid.size(), phrase.say);
      again = true;
    }
  }
  return text;
}

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is left to tell
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void AppendToLog(const EngineLog& log, const std::string& message) {
  if (log.path.empty()) return;
  const UniqueFd fd = OpenLog(log.path);
  if (fd.valid()) WriteAll(fd.get(), LineOf(log, message));
}

void EndLog(const EngineLog& log, const std::string& message) {
  if (!log.json || !Replaced(log, message)) AppendToLog(log, message);
}

}  // namespace runward
