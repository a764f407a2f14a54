#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/fd.h"
#include "tools/typed_secret.h"
#include "tools/vault.h"

namespace runward {
namespace {

Result<SecretValue> ReadSource(const std::string& from, const EntryName& name) {
  if (from.empty() && isatty(STDIN_FILENO) != 0) return AskSecret("Value of " + name.Text());
  if (from.empty() || from == "-") {
    return ReadLocked(STDIN_FILENO, kMaxValueBytes, "the standard input");
  }
  const UniqueFd fd(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return ErrnoError("open \"" + from + "\"", errno);
  return ReadLocked(fd.get(), kMaxValueBytes, from);
}

Result<uint32_t> ReadNumber(const Options& options, std::string_view flag) {
  const std::string text = options.Last(flag, "");
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return Error{std::string(flag) + " takes a number", ""};
}

Result<Time> ReadNotAfter(const std::string& text, Time now) {
  const std::optional<int64_t> duration = ParseDuration(text);
  const std::optional<Time> time =
      duration ? Time{now.ns + *duration} : ParseTime(text, /*date_only=*/true);
  if (!time) {
    return Error{"--not-after takes a time or how long from now",
                 "such as 2027-01-31, 2027-01-31T12:00:00Z or 30d"};
  }
  if (*time <= now) return Error{"--not-after is past already", ""};
  return *time;
}

}  // namespace

Result<SecretValue> ReadNewValue(const Options& options, const EntryName& name) {
  SecretValue value = TRY(ReadSource(options.Last("--from", ""), name));
  if (!value.view().ends_with('\n')) return value;
  if (options.Has("--chomp")) {
    value.Shrink(value.size() - 1);
  } else {
    PrintError(
        {"note: the value ends in a newline, which is stored with it", "--chomp takes it off"});
  }
  return value;
}

Result<PutOptions> ReadPutOptions(const Options& options, Time now) {
  PutOptions put;
  for (const std::string& label : options.All("--label")) {
    const size_t equals = label.find('=');
    if (equals == std::string::npos) return Error{"--label takes KEY=TEXT", ""};
    const std::string key = label.substr(0, equals);
    TRY(CheckLabel(key, label.substr(equals + 1)));
    if (!put.labels) put.labels.emplace();
    (*put.labels)[key] = label.substr(equals + 1);
  }
  if (put.labels && put.labels->size() > Entry::kMaxLabels) {
    return Error{"a secret has at most 16 labels", ""};
  }
  if (options.Has("--not-after")) {
    put.not_after = TRY(ReadNotAfter(options.Last("--not-after", ""), now));
  }
  if (options.Has("--expect")) put.expected = TRY(ReadNumber(options, "--expect"));
  if (options.Has("--keep")) {
    put.keep = TRY(ReadNumber(options, "--keep"));
    if (put.keep < 1 || put.keep > Entry::kMaxVersions) return Error{"--keep takes 1 to 64", ""};
  }
  return put;
}

}  // namespace runward
