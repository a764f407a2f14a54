#include "shim/real_runtime.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/trusted_path.h"

namespace runward {
namespace {

// In the order of Debian's, other distributions' and hand-made installations.
constexpr std::array kDefaults = {
    "/usr/bin/runc", "/usr/sbin/runc", "/usr/local/sbin/runc", "/usr/local/bin/runc",
    "/usr/bin/crun", "/usr/sbin/crun", "/usr/local/sbin/crun", "/usr/local/bin/crun"};

bool SameBytes(int a, int b, size_t size) {
  void* const left = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, a, 0);
  void* const right = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, b, 0);
  const bool same =
      left != MAP_FAILED && right != MAP_FAILED && std::memcmp(left, right, size) == 0;
  if (left != MAP_FAILED) munmap(left, size);
  if (right != MAP_FAILED) munmap(right, size);
  return same;
}

// Whether executing it would come back here, for ever.
Result<bool> IsRunward(const std::string& resolved) {
  const UniqueFd self(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const UniqueFd other(open(resolved.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat mine {};
  struct stat theirs {};
  if (!self.valid() || fstat(self.get(), &mine) != 0) {
    return ErrnoError("open \"/proc/self/exe\"", errno);
  }
  if (!other.valid() || fstat(other.get(), &theirs) != 0) {
    return ErrnoError("open \"" + resolved + "\"", errno);
  }
  if (!S_ISREG(theirs.st_mode) || (theirs.st_mode & S_IXUSR) == 0) {
    return Error{"refusing \"" + resolved + "\": it is not an executable file", ""};
  }
  if (mine.st_dev == theirs.st_dev && mine.st_ino == theirs.st_ino) return true;
  return mine.st_size == theirs.st_size &&
         SameBytes(self.get(), other.get(), static_cast<size_t>(mine.st_size));
}

Error InFile(const Paths& paths, JsonValue value, const std::string& what) {
  return Error{paths.runtime + ", " + value.Where() + ": " + what,
               "it looks like {\"runtime\": \"/usr/bin/crun\", \"args\": []}"};
}

Result<std::vector<std::string>> ReadArgs(const Paths& paths, JsonValue value) {
  if (!value.IsArray()) return InFile(paths, value, "\"args\" must be a list of strings");
  std::vector<std::string> args;
  for (const JsonValue arg : value) {
    if (!arg.IsString()) return InFile(paths, arg, "\"args\" must be a list of strings");
    args.emplace_back(arg.text());
  }
  return args;
}

Result<Grammar> ReadGrammar(const Paths& paths, JsonValue value) {
  if (value.text() == "runc") return Grammar::kRunc;
  if (value.text() == "crun") return Grammar::kCrun;
  return InFile(paths, value, R"("grammar" must be "runc" or "crun")");
}

Result<RealRuntime> ReadRuntimeFile(const Paths& paths) {
  std::string text =
      TRY(ReadFileCapped(paths.runtime, kMaxRuntimeFileBytes, Trust::kOwnerAndParents));
  Result<JsonDocument> document = JsonDocument::Parse(
      std::move(text), {.max_bytes = kMaxRuntimeFileBytes, .max_depth = 4, .comments = true});
  if (!document.ok()) return Error{paths.runtime + ": " + document.error().message, ""};
  const JsonValue root = document.value().root();
  if (!root.IsObject()) return InFile(paths, root, "not an object");
  RealRuntime runtime;
  for (const JsonValue member : root) {
    if (member.key() == "runtime" && member.IsString()) {
      runtime.path = member.text();
    } else if (member.key() == "args") {
      runtime.args = TRY(ReadArgs(paths, member));
    } else if (member.key() == "grammar") {
      runtime.grammar = TRY(ReadGrammar(paths, member));
    } else {
      return InFile(paths, member,
                    "unknown key or wrong type: \"" + std::string(member.key()) +
                        "\" (known: runtime, args, grammar)");
    }
  }
  if (runtime.path.empty() || runtime.path.front() != '/') {
    return InFile(paths, root, "\"runtime\" must be an absolute path");
  }
  return runtime;
}

// `runwardctl configure --divert` puts runward in runc's place, and runc beside it: then `path`, or
// what it is a link to, is runward. "" when there is no such runc.
std::string DivertedFrom(const std::string& path) {
  const bool runc = path.substr(path.rfind('/') + 1) == "runc";
  for (const char* kept : {"/usr/bin/runc.distrib", "/usr/sbin/runc.distrib"}) {
    if (runc && access(kept, F_OK) == 0) return kept;
  }
  return "";
}

Result<void> Settle(RealRuntime& runtime) {
  runtime.resolved = TRY(ResolveTrusted(runtime.path));
  bool ours = TRY(IsRunward(runtime.resolved));
  if (const std::string kept = DivertedFrom(runtime.path); ours && !kept.empty()) {
    runtime.path = kept;
    runtime.resolved = TRY(ResolveTrusted(kept));
    ours = TRY(IsRunward(runtime.resolved));
  }
  if (ours) {
    return Error{"the real runtime \"" + runtime.path + "\" is runward itself",
                 "name runc or crun in runtime.json"};
  }
  if (runtime.grammar == Grammar::kUnknown) runtime.grammar = GrammarOf(runtime.path);
  if (runtime.grammar == Grammar::kUnknown) runtime.grammar = GrammarOf(runtime.resolved);
  return {};
}

Result<RealRuntime> FindDefault(const Paths& paths) {
  for (const char* path : kDefaults) {
    if (access(path, F_OK) != 0) continue;
    RealRuntime runtime{.path = path};
    const std::string resolved = TRY(ResolveTrusted(path));
    if (TRY(IsRunward(resolved)) && DivertedFrom(path).empty()) continue;
    TRY(Settle(runtime));
    return runtime;
  }
  return Error{
      "no real runtime was found in any of the usual places (/usr/bin/runc, "
      "/usr/sbin/runc, /usr/bin/crun, ...)",
      "install runc or crun, or name the runtime in " + paths.runtime};
}

}  // namespace

Grammar GrammarOf(std::string_view path) {
  const std::string_view base = path.substr(path.rfind('/') + 1);
  for (const auto& [name, grammar] : {std::pair{std::string_view("runc"), Grammar::kRunc},
                                      std::pair{std::string_view("crun"), Grammar::kCrun}}) {
    if (!base.starts_with(name)) continue;
    if (base.size() == name.size() || std::strchr(".-_", base[name.size()]) != nullptr) {
      return grammar;
    }
  }
  return Grammar::kUnknown;
}

Result<RealRuntime> FindRealRuntime(const Paths& paths) {
  if (FileMissing(paths.runtime)) return FindDefault(paths);
  RealRuntime runtime = TRY(ReadRuntimeFile(paths));
  TRY(Settle(runtime));
  return runtime;
}

std::vector<char*> ExecArguments(const RealRuntime& runtime, std::span<const std::string> argv) {
  std::vector<char*> pointers;
  pointers.reserve(argv.size() + 2);
  pointers.push_back(const_cast<char*>(runtime.path.c_str()));
  for (const std::string& word : argv) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

Error ExecRealRuntime(const RealRuntime& runtime, std::span<const std::string> argv) {
  execve(runtime.resolved.c_str(), ExecArguments(runtime, argv).data(), environ);
  return ErrnoError("execute the real runtime \"" + runtime.resolved + "\"", errno);
}

}  // namespace runward
