#include "tools/verdict_options.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/event_text.h"
#include "tools/verdict.h"

namespace runward {
namespace {

std::optional<std::pair<dev_t, ino_t>> InodeOf(const std::string& file) {
  struct stat info {};
  // The standard input, too, may be a file.
  if (stat(file == "-" ? "/dev/stdin" : file.c_str(), &info) != 0) return std::nullopt;
  if (!S_ISREG(info.st_mode)) return std::nullopt;
  return std::pair(info.st_dev, info.st_ino);
}

}  // namespace

Result<std::vector<Digest>> DigestsOf(const Options& options, std::string_view flag) {
  std::vector<Digest> digests;
  for (const std::string& text : options.All(flag)) {
    const std::optional<Digest> digest = ParseDigestArgument(text);
    if (!digest) {
      return Error{std::string(flag) + " \"" + text + "\" is not a digest",
                   "sha256: and 64 lower-case hex digits"};
    }
    digests.push_back(*digest);
  }
  return digests;
}

Result<Time> ParseExpiry(const std::string& text, Time from) {
  std::optional<Time> expiry = ParseTime(text, true);
  if (const std::optional<int64_t> duration = ParseDuration(text)) {
    Time after;
    if (__builtin_add_overflow(from.ns, *duration, &after.ns)) {
      return Error{"--expires \"" + text + "\" lies beyond what a time can be", ""};
    }
    expiry = after;
  }
  if (!expiry) {
    return Error{"--expires \"" + text + "\" is neither a duration nor a time",
                 "such as 7d, 36h or 2027-01-31"};
  }
  if (*expiry > from) return *expiry;
  return Error{
      "--expires \"" + text + "\" does not lie after the verdict's own time, " + FormatTime(from),
      "give a duration, such as 7d"};
}

// A name that shows as it is: what a policy's pattern is compared with must not hide anything.
Result<void> CheckImageName(const std::string& name) {
  if (name.empty()) {
    return Error{"a verdict needs --name NAME, the image's name that policies match",
                 "such as --name registry.example.com/web/app:1.2"};
  }
  if (Printable(name) == name && name.find(' ') == std::string::npos) return {};
  return Error{"--name has a character that does not show", ""};
}

void AddSubjects(const std::string& name, const std::vector<Digest>& digests,
                 const std::optional<Digest>& last, NewVerdict& verdict) {
  std::vector<Digest> all = digests;
  if (last) all.push_back(*last);
  for (const Digest& digest : all) {
    const auto same = [&](const Subject& one) { return one.digest == digest; };
    if (std::ranges::none_of(verdict.subjects, same)) verdict.subjects.push_back({name, digest});
  }
}

void GivenFiles::Add(const std::string& what, const std::string& file) {
  if (const auto inode = InodeOf(file)) what_.emplace(*inode, what);
}

Result<void> GivenFiles::Check(std::string_view flag, const std::string& file) const {
  const auto inode = InodeOf(file);
  const auto found = inode ? what_.find(*inode) : what_.end();
  if (found == what_.end()) return {};
  return Error{
      std::string(flag) + " would replace \"" + file + "\", " + found->second + " that was given",
      "name another file"};
}

}  // namespace runward
