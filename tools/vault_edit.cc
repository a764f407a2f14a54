#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/fd.h"
#include "base/file.h"
#include "tools/private_memory.h"
#include "tools/vault.h"

namespace runward {
namespace {

std::string EditorCommand() {
  for (const char* variable : {"VISUAL", "EDITOR"}) {
    const char* const editor = std::getenv(variable);
    if (editor != nullptr && *editor != '\0') return editor;
  }
  return "vi";
}

// As git does it: the variable may hold arguments, so a shell takes it apart.
Result<void> RunEditor(const std::string& file) {
  const std::string command = EditorCommand() + " \"$@\"";
  const pid_t child = fork();
  if (child < 0) return ErrnoError("fork", errno);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), "editor", file.c_str(), nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (status == 0) return {};
  return Error{"the editor \"" + EditorCommand() + "\" failed", "choose another by $EDITOR"};
}

Result<void> WriteTo(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return ErrnoError("write", errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return {};
}

// In the private process: a file for the editor, and what it made of it back through the pipe.
// The value of before is forgotten here once it is written; the caller's process keeps its own.
Result<void> EditIn(const std::string& directory, SecretValue& before, int out) {
  const std::string file = directory + "/value";
  {
    const UniqueFd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd.valid()) return ErrnoError("create \"" + file + "\"", errno);
    TRY(WriteTo(fd.get(), before.view()));
  }
  before = SecretValue();
  TRY(RunEditor(file));
  const UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return ErrnoError("open \"" + file + "\" after the editor", errno);
  const SecretValue after = TRY(ReadLocked(fd.get(), kMaxValueBytes, file));
  return WriteTo(out, after.view());
}

Result<SecretValue> Edited(const CommandLine& line, SecretValue& before) {
  // A directory that is there anyway: nothing is left of what is mounted on it.
  const std::string& directory = line.paths.run;
  TRY(MakeDirectories(directory, /*secret=*/false));
  SecretValue after;
  const auto read = [&](int in) -> Result<void> {
    after = TRY(ReadLocked(in, kMaxValueBytes, "the editor's result"));
    return {};
  };
  const auto work = [&](const std::string& place, int out) { return EditIn(place, before, out); };
  TRY(WithPrivateMemory(directory, work, read));
  return after;
}

Result<std::string> Edit(const CommandLine& line, const VaultCall& call) {
  const EntryName asked = TRY(EntryName::Parse(call.options.words().front()));
  SecretValue before;
  FoundVersion found;
  {
    const Vault vault = TRY(Vault::Open(call.path, call.key));
    found = TRY(vault.Find(asked, 0, Now()));
    before = TRY(vault.ReadFound(found));
  }
  const std::string name = found.name.Text();
  TRY(LogSecret(line, "vault.read", ReadBy(found) + " to be edited"));
  const SecretValue after = TRY(Edited(line, before));
  if (after.view() == before.view()) return name + "  unchanged";
  VaultWriter writer = TRY(VaultWriter::Open(call.path, call.key));
  const Entry entry = TRY(writer.Look(found.name)).value_or(Entry{});
  const EntryVersion* newest = entry.Find(0);
  if (newest == nullptr || newest->version != found.version.version) {
    return Error{"\"" + name + "\" was changed while it was edited; nothing was stored",
                 "edit it again"};
  }
  const PutOptions options{.not_after = found.version.not_after};
  const uint32_t version = TRY(writer.Put(found.name, after.view(), options, Now()));
  const uint64_t generation = TRY(writer.Commit(Now()));
  const std::string number = std::to_string(version);
  LogWritten(line, "secret \"" + name + "\" version " + number + " was stored", generation);
  return name + "  version " + number;
}

}  // namespace

int VaultEdit(const CommandLine& line) {
  int code = 0;
  const auto call = BeginVault(line, "vault edit", {}, {1, 1}, code);
  if (!call) return code;
  const Result<std::string> done = Edit(line, *call);
  if (!done.ok()) return PrintError(done.error());
  Print(done.value() + "\n");
  return Finish(kExitDone);
}

}  // namespace runward
