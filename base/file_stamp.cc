#include "base/file_stamp.h"

#include <sys/stat.h>

#include <type_traits>

namespace runward {

static_assert(std::has_unique_object_representations_v<FileStamp>);  // it is compared by its bytes

FileStamp StampOf(const struct stat& info) {
  return {info.st_dev, info.st_ino, info.st_size, info.st_mtim, info.st_ctim};
}

FileStamp StampOf(const char* path) {
  struct stat info {};
  return stat(path, &info) == 0 ? StampOf(info) : FileStamp{};
}

}  // namespace runward
