#include "base/file.h"
#include "tools/console.h"
#include "tools/options.h"
#include "tools/policy_commands.h"

namespace runward {
namespace {

constexpr char kStarter[] =
    R"(// The policy of runward: which images may start. runwardctl policy check reads it as the runtime
// does; man 5 runward-policy explains every key. JSON, with comments.
{
  "version": 1,

  // Whose verdicts count. Make a key with runwardctl verdict keygen, put its public half into the
  // folder keys/ beside this file, and name here which images it may vouch for:
  //   { "name": "ci", "key": "keys/ci.pub", "images": ["registry.example.com/*"] }
  "trust": [],

  // The first profile whose match fits governs. {} fits everything.
  "profiles": [
    {
      "name": "default",
      "match": {},

      // audit starts every container, and logs what would have been refused. Once
      // runwardctl report summary shows nothing unexpected, write "enforce".
      "mode": "audit",

      // "maxAge" and "expired" say when a verdict is too old and what happens then.
      "verdict": { "required": true, "maxAge": "30d" },

      // What containers may be; what is not mentioned is not restricted. man 5 runward-policy and
      // docs/controls.md explain each key.
      "run": {
        "privileged": false,
        "hostNamespaces": [],
        "mounts": { "deny": ["@engine-sockets", "@engine-state", "@bpf", "/etc", "/boot", "/root"] },
        "syscalls": { "deny": ["@module", "@kexec", "@raw-io", "@swap"] }
      }
    }
  ],

  // Containers that were started before runward came may be entered (exec) and changed (update).
  // "deny" is the default without this line; write it once they are gone.
  "unrecorded": "allow"
}
)";

std::string DirectoryOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string NextSteps(const CommandLine& line) {
  const std::string keys = DirectoryOf(line.paths.policy) + "/keys";
  return "wrote " + line.paths.policy +
         ": audit mode, so every container starts and every decision is logged.\n\n"
         "What to do next:\n"
         "  1. Let your engine start containers through runward:\n"
         "       " +
         CommandHint(line, "configure --help") +
         "\n"
         "  2. Make a key for verdicts, and list its public half under \"trust\":\n"
         "       " +
         CommandHint(line, "verdict keygen --help") +
         "\n"
         "       public keys belong into " +
         keys +
         "\n"
         "  3. After each change:\n"
         "       " +
         CommandHint(line, "policy check") +
         "\n"
         "  4. See what would have been refused:\n"
         "       " +
         CommandHint(line, "report summary") +
         "\n"
         "  5. When nothing unexpected is left, have the profile enforce:\n"
         "       " +
         CommandHint(line, "policy promote default --quiet 7d") + "\n";
}

}  // namespace

std::string StarterPolicy() { return kStarter; }

int PolicyInitCommand(const CommandLine& line) {
  const auto options = Options::Parse(line.args, {{"--force", false}});
  if (!options.ok()) return PrintUsage("policy init", options.error());
  if (!options.value().words().empty()) {
    return PrintUsage("policy init", Error{"it takes no arguments", ""});
  }
  if (!options.value().Has("--force") && !FileMissing(line.paths.policy)) {
    return PrintError(Error{"there is a policy at \"" + line.paths.policy + "\" already",
                            CommandHint(line, "policy init --force") + " replaces it"});
  }
  const auto made = MakeDirectories(DirectoryOf(line.paths.policy) + "/keys", /*secret=*/false);
  if (!made.ok()) return PrintError(made.error());
  const auto written = WriteFileAtomic(line.paths.policy, StarterPolicy(), 0644, /*sync=*/true);
  if (!written.ok()) return PrintError(written.error());
  // What the runtime would refuse to read, in a folder that others may write, is no success.
  const auto readable =
      ReadFileCapped(line.paths.policy, StarterPolicy().size(), Trust::kOwnerAndParents);
  if (!readable.ok()) return PrintError(readable.error());
  Print(NextSteps(line));
  return Finish(kExitDone);
}

}  // namespace runward
