#include "tools/divert.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/file.h"
#include "base/trusted_path.h"
#include "tools/run_program.h"

namespace runward {
namespace {

Result<void> DpkgDivert(const Diversion& diversion, std::vector<std::string> words) {
  std::vector<std::string> all = {"/usr/bin/dpkg-divert"};
  all.insert(all.end(), diversion.database.begin(), diversion.database.end());
  all.insert(all.end(), words.begin(), words.end());
  const ProgramOutput output = TRY(RunProgram(all));
  if (output.status == 0) return {};
  return Error{"dpkg-divert of \"" + diversion.path + "\" failed: " + output.text,
               "dpkg-divert --list " + diversion.path};
}

bool IsOurs(const Diversion& diversion) {
  const auto now = Resolve(diversion.path);
  const auto ours = Resolve(diversion.program);
  return now.ok() && ours.ok() && now.value() == ours.value();
}

// dpkg alone knows: from here on an upgrade goes to the kept path.
Result<void> Register(const Diversion& diversion) {
  return DpkgDivert(
      diversion, {"--local", "--no-rename", "--divert", diversion.kept(), "--add", diversion.path});
}

// A second name for the same file: the first stays in use.
Result<void> KeepReal(const Diversion& diversion) {
  if (IsOurs(diversion) || !FileMissing(diversion.kept())) return {};
  if (link(diversion.path.c_str(), diversion.kept().c_str()) != 0) {
    return ErrnoError("link \"" + diversion.path + "\" to \"" + diversion.kept() + "\"", errno);
  }
  return {};
}

// One rename: no moment without a runc.
Result<void> PutOurs(const Diversion& diversion) {
  if (IsOurs(diversion)) return {};
  const std::string fresh = diversion.path + ".runward-new";
  unlink(fresh.c_str());
  if (symlink(diversion.program.c_str(), fresh.c_str()) != 0) {
    return ErrnoError("symlink \"" + fresh + "\"", errno);
  }
  if (rename(fresh.c_str(), diversion.path.c_str()) != 0) {
    const int why = errno;
    unlink(fresh.c_str());
    return ErrnoError("rename \"" + fresh + "\" to \"" + diversion.path + "\"", why);
  }
  return {};
}

Result<void> PutReal(const Diversion& diversion) {
  unlink((diversion.path + ".runward-new").c_str());
  if (!FileMissing(diversion.kept())) {
    // rename(2) of two names of one file does nothing: then the second name goes.
    if (rename(diversion.kept().c_str(), diversion.path.c_str()) != 0) {
      return ErrnoError("rename \"" + diversion.kept() + "\" to \"" + diversion.path + "\"", errno);
    }
    if (!FileMissing(diversion.kept())) unlink(diversion.kept().c_str());
    return {};
  }
  // runc's package went while it was diverted: what is left is a link of ours.
  if (IsOurs(diversion) && unlink(diversion.path.c_str()) != 0) {
    return ErrnoError("unlink \"" + diversion.path + "\"", errno);
  }
  return {};
}

Result<void> Unregister(const Diversion& diversion) {
  return DpkgDivert(diversion, {"--local", "--no-rename", "--divert", diversion.kept(), "--remove",
                                diversion.path});
}

}  // namespace

std::array<DivertStep, 3> DivertSteps() {
  return {{{"tell dpkg that runc's package keeps its runc under another name", Register},
           {"give the real runc that name", KeepReal},
           {"put runward in its place", PutOurs}}};
}

std::array<DivertStep, 2> RestoreSteps() {
  return {{{"put the real runc back", PutReal}, {"tell dpkg", Unregister}}};
}

Diverted DivertedNow(const Diversion& diversion) {
  std::vector<std::string> words = {"/usr/bin/dpkg-divert"};
  words.insert(words.end(), diversion.database.begin(), diversion.database.end());
  words.insert(words.end(), {"--truename", diversion.path});
  const auto output = RunProgram(words);
  const bool known = output.ok() && output.value().text == diversion.kept() + "\n";
  const bool ours = IsOurs(diversion);
  if (known && ours) return Diverted::kYes;
  return known || ours ? Diverted::kPartly : Diverted::kNo;
}

std::vector<std::string> RuncPaths() {
  std::vector<std::string> paths;
  for (const char* path : {"/usr/bin/runc", "/usr/sbin/runc"}) {
    // Debian's /usr/bin/runc is a link to /usr/sbin/runc: what leads to a runc follows that one.
    std::array<char, 4096> target{};
    const ssize_t size = readlink(path, target.data(), target.size());
    const std::string_view leads(target.data(), size < 0 ? 0 : static_cast<size_t>(size));
    if (FileMissing(path) || leads == "runc" || leads.ends_with("/runc")) continue;
    paths.emplace_back(path);
  }
  return paths;
}

}  // namespace runward
