#include "vault/key_file.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.h"
#include "base/file.h"
#include "base/secret_reference.h"

namespace runward {
namespace {

constexpr std::string_view kMark = "runward-vault-key:";
constexpr size_t kBase64Bytes = 44;
constexpr size_t kMaxKeyFile = 256;
constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;

Result<LockedBytes> ReadFrom(const std::string& path, Trust trust) {
  const UniqueFd fd = TRY(OpenTrusted(path, trust));
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError("stat \"" + path + "\"", errno);
  if ((info.st_mode & 077) != 0) {
    return Error{"refusing \"" + path + "\": others may read this key",
                 "chmod 400 " + path + ", and give the vault a new one: it may be known already"};
  }
  return ParseKeyFile(TRY(ReadLocked(fd.get(), kMaxKeyFile, path)), path);
}

}  // namespace

Result<LockedBytes> FormatKeyFile(const LockedBytes& key) {
  // sodium_bin2base64 ends its text with a zero, whose place the newline takes.
  LockedBytes text = TRY(LockedBytes::Make(kMark.size() + kBase64Bytes + 1));
  std::ranges::copy(kMark, text.data());
  sodium_bin2base64(reinterpret_cast<char*>(text.data()) + kMark.size(), kBase64Bytes + 1,
                    key.data(), key.size(), kVariant);
  text.data()[text.size() - 1] = '\n';
  return text;
}

Result<LockedBytes> ParseKeyFile(const LockedBytes& text, const std::string& name) {
  const Error bad{
      "\"" + name + "\" is no vault key, which is a line \"" + std::string(kMark) + "…\"",
      "runwardctl vault init and vault slot add make one"};
  std::string_view rest = text.view();
  if (!rest.starts_with(kMark)) return bad;
  rest.remove_prefix(kMark.size());
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  LockedBytes key = TRY(LockedBytes::Make(kKeyFileSecretBytes));
  size_t size = 0;
  if (sodium_base642bin(key.data(), key.size(), rest.data(), rest.size(), nullptr, &size, nullptr,
                        kVariant) != 0 ||
      size != kKeyFileSecretBytes) {
    return bad;
  }
  // In the one way in which it is written: the decoder takes others too.
  const LockedBytes again = TRY(FormatKeyFile(key));
  if (!again.view().starts_with(text.view())) return bad;
  return key;
}

Result<LockedBytes> CreateKeyFile(const std::string& path) {
  LockedBytes key = TRY(LockedBytes::Make(kKeyFileSecretBytes));
  randombytes_buf(key.data(), key.size());
  const LockedBytes text = TRY(FormatKeyFile(key));
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (!fd.valid() && errno == EEXIST) {
    return Error{"create \"" + path + "\": it exists, and a key is never overwritten",
                 "choose another name, or move it away"};
  }
  if (!fd.valid()) return ErrnoError("create \"" + path + "\"", errno);
  const ssize_t wrote = write(fd.get(), text.data(), text.size());
  if (wrote == static_cast<ssize_t>(text.size()) && fsync(fd.get()) == 0) return key;
  Error error = ErrnoError("write \"" + path + "\"", wrote < 0 ? errno : ENOSPC);
  unlink(path.c_str());
  return error;
}

Result<LockedBytes> ReadKeyFile(const std::string& path) {
  return ReadFrom(path, Trust::kOwnerAndParents);
}

Result<LockedBytes> ReadCredential(const std::string& directory, const std::string& name) {
  if (!directory.starts_with('/') || !IsNamePart(name)) {
    return Error{"there is no credential \"" + name + "\" to unlock the vault with",
                 "start the service with LoadCredentialEncrypted=" + name};
  }
  return ReadFrom(directory + "/" + name, Trust::kOwner);
}

}  // namespace runward
