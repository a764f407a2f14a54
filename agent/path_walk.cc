#include "agent/path_walk.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace runward {
namespace {

constexpr int kMostLinks = 40;    // as the kernel's
constexpr int kMostParts = 4096;  // a path has no more bytes

bool Same(int one, int other) {
  struct stat a {};
  struct stat b {};
  return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

UniqueFd OpenAt(int directory, const std::string& name, int flags) {
  return UniqueFd(openat(directory, name.c_str(), O_PATH | O_CLOEXEC | flags));
}

bool InProc(int file) {
  struct statfs info {};
  return fstatfs(file, &info) == 0 && info.f_type == PROC_SUPER_MAGIC;
}

std::string TakePart(std::string& rest) {
  const size_t start = rest.find_first_not_of('/');
  if (start == std::string::npos) {
    rest.clear();
    return "";
  }
  const size_t end = rest.find('/', start);
  std::string part = rest.substr(start, end - start);
  rest = end == std::string::npos ? "" : rest.substr(end + 1);
  return part;
}

}  // namespace

PathWalk::PathWalk(int root, std::string process, std::string thread)
    : root_(root), process_(std::move(process)), thread_(std::move(thread)) {}

bool PathWalk::Fail(int error) {
  error_ = error;
  return false;
}

bool PathWalk::Up() {
  if (Same(at_.get(), root_)) return true;
  UniqueFd above = OpenAt(at_.get(), "..", O_DIRECTORY);
  if (!above.valid()) return Fail(errno);
  at_ = std::move(above);
  return true;
}

// Links of procfs' processes lead where no text of theirs says, and "self" to who looks.
bool PathWalk::FollowInProc(const std::string& part) {
  if (part == "self" || part == "thread-self") {
    rest_ = (part == "self" ? process_ : process_ + "/task/" + thread_) + "/" + rest_;
    return true;
  }
  open_how how{.flags = O_PATH | O_CLOEXEC, .mode = 0, .resolve = RESOLVE_NO_MAGICLINKS};
  const UniqueFd plain(
      static_cast<int>(syscall(SYS_openat2, at_.get(), part.c_str(), &how, sizeof how)));
  if (plain.valid() || errno != ELOOP) return false;
  UniqueFd there = OpenAt(at_.get(), part, 0);
  if (!there.valid()) return Fail(errno);
  at_ = std::move(there);
  return true;
}

bool PathWalk::Follow(UniqueFd link, const std::string& part) {
  if (++links_ > kMostLinks) return Fail(ELOOP);
  if (InProc(link.get()) && FollowInProc(part)) return true;
  if (error_ != 0) return false;
  std::array<char, PATH_MAX> text{};
  const ssize_t size = readlinkat(link.get(), "", text.data(), text.size());
  if (size <= 0) return Fail(size < 0 ? errno : ENOENT);
  const std::string target(text.data(), static_cast<size_t>(size));
  if (target.front() == '/') at_ = OpenAt(root_, ".", O_DIRECTORY);
  rest_ = target + "/" + rest_;
  return at_.valid() || Fail(errno);
}

bool PathWalk::Step(const std::string& part) {
  if (part == ".") return true;
  if (part == "..") return Up();
  UniqueFd next = OpenAt(at_.get(), part, O_NOFOLLOW);
  struct stat info {};
  if (!next.valid() || fstat(next.get(), &info) != 0) return Fail(errno);
  if (S_ISLNK(info.st_mode)) return Follow(std::move(next), part);
  at_ = std::move(next);
  return true;
}

UniqueFd PathWalk::From(UniqueFd start, const std::string& path, int& error) {
  at_ = std::move(start);
  rest_ = path;
  for (int parts = 0; at_.valid() && parts < kMostParts; ++parts) {
    const std::string part = TakePart(rest_);
    if (part.empty()) return std::move(at_);
    if (!Step(part)) break;
  }
  error = error_ != 0 ? error_ : ELOOP;
  return {};
}

}  // namespace runward
