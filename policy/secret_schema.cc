#include "policy/secret_schema.h"

#include <algorithm>
#include <array>

#include "base/secret_reference.h"
#include "policy/secret_rule.h"
#include "policy/wording.h"

namespace runward {
namespace {

using std::string_view;

constexpr int64_t kMostId = 4294967294;  // the last is chown(2)'s "leave it"

constexpr std::array<KeySpec, 9> kSecretKeys = {{
    {.name = "env",
     .shape = Shape::kText,
     .help = "A variable that the first process, and none that is executed later from outside, "
             "has the value in; whoever may look at the process' environment sees it."},
    {.name = "file",
     .shape = Shape::kHostPath,
     .required = true,
     .help = "Where the value appears in the container. Its directory becomes a tmpfs; it must not "
             "be there yet, or be empty."},
    {.name = "fileEnv",
     .shape = Shape::kText,
     .help = "A variable of the first process that names the file, such as DB_PASSWORD_FILE."},
    {.name = "gid",
     .shape = Shape::kInteger,
     .help = "The file's group, in the container; the process' group, when absent.",
     .min = 0,
     .max = kMostId},
    {.name = "mode",
     .shape = Shape::kChoice,
     .help = "Who may read the file, as chmod has it.",
     .fallback = "\"0400\"",
     .choices = kSecretModes},
    {.name = "name",
     .shape = Shape::kText,
     .required = true,
     .help = "What the vault calls it: \"vault:web/db#password\", or with \"@3\" one version."},
    {.name = "refresh",
     .shape = Shape::kBool,
     .help = "Whether the agent replaces the file in running containers when the vault changes.",
     .fallback = "false"},
    {.name = "signal",
     .shape = Shape::kChoice,
     .help = "The signal that the first process gets after its file was replaced; none, when "
             "absent.",
     .choices = kSecretSignals},
    {.name = "uid",
     .shape = Shape::kInteger,
     .help = "The file's owner, in the container; the process' user, when absent.",
     .min = 0,
     .max = kMostId},
}};

bool Beneath(string_view path, string_view directory) {
  return path.starts_with(directory) && path.size() > directory.size() &&
         path[directory.size()] == '/';
}

// Whether one of two paths is the other, or lies beneath it.
bool Meet(string_view a, string_view b) { return a == b || Beneath(a, b) || Beneath(b, a); }

class Checker {
 public:
  explicit Checker(Problems& problems) : problems_(problems) {}

  void Check(JsonValue list) {
    for (const JsonValue entry : list) {
      CheckName(entry.Find("name"));
      CheckFile(entry.Find("file"));
      CheckVariable(entry.Find("env"));
      CheckVariable(entry.Find("fileEnv"));
      if (entry.Find("env") && entry.Find("refresh").text() == "true") {
        problems_.At(entry.Find("refresh"),
                     "what is in a process' environment cannot be replaced while it runs",
                     "leave out \"env\" and let the process read the file, or \"refresh\"");
      }
    }
  }

 private:
  void CheckName(JsonValue name) {
    const auto parsed = SecretReference::Parse(name.text());
    if (!parsed.ok()) problems_.At(name, parsed.error().message, parsed.error().hint);
  }

  void CheckFile(JsonValue file) {
    const string_view path = file.text();
    const string_view directory = path.substr(0, path.rfind('/'));
    const string_view base = path.substr(path.rfind('/') + 1);
    if (directory.empty()) {
      problems_.At(file,
                   "the directory of " + Quoted(path) +
                       " would be hidden by a tmpfs: it is "
                       "the container's root",
                   "choose a directory such as /run/secrets");
      return;
    }
    for (const string_view kernels : {"/dev", "/proc", "/sys"}) {
      if (!Meet(directory, kernels)) continue;
      problems_.At(file, "no secret can lie in " + Quoted(kernels),
                   "choose a directory such as /run/secrets");
    }
    if (base.starts_with("..")) {
      problems_.At(file, "the file's name may not begin with \"..\"",
                   "such names are those of the versions that it is replaced by");
    }
    for (const string_view other : files_) CheckPair(file, other);
    files_.push_back(path);
  }

  void CheckPair(JsonValue file, string_view other) {
    const string_view path = file.text();
    const string_view directory = path.substr(0, path.rfind('/'));
    const string_view others = other.substr(0, other.rfind('/'));
    if (path == other) {
      problems_.At(file, "two secrets are to be " + Quoted(path), "give each a file of its own");
    } else if (directory != others && Meet(directory, others)) {
      problems_.At(file,
                   Quoted(path) + " and " + Quoted(other) +
                       " have directories of which one lies in the other",
                   "put them into one directory, or into two apart");
    }
  }

  void CheckVariable(JsonValue variable) {
    if (!variable) return;
    if (!IsVariableName(variable.text())) {
      problems_.At(variable, Quoted(variable.text()) + " is no name of a variable",
                   "letters, digits and '_', at most 128, and no digit first");
    }
    if (std::ranges::find(variables_, variable.text()) != variables_.end()) {
      problems_.At(variable, "two secrets set the variable " + Quoted(variable.text()),
                   "give each a name of its own");
    }
    variables_.push_back(variable.text());
  }

  Problems& problems_;
  std::vector<string_view> files_;
  std::vector<string_view> variables_;
};

// Secrets are for images that somebody vouches for.
void CheckWhose(const Profile& profile, Problems& problems) {
  if (!profile.match.base_chains.empty()) {
    problems.At(profile.secrets,
                "with \"baseChains\" whoever builds upon the base would receive the secrets",
                "give them a profile whose match has \"images\", \"chains\" or \"rootfs\"");
  }
  if (profile.match.Everything() && !profile.verdict.required) {
    problems.At(profile.secrets, "any image, with a verdict or without, would receive the secrets",
                "require a verdict, or give \"match\" what they are for");
  }
}

}  // namespace

constinit const ObjectSpec kSecretSchema = {"secret", "A value of the vault, and where it appears.",
                                            kSecretKeys};

void CheckSecrets(const Profile& profile, Problems& problems) {
  if (!profile.secrets) return;
  Checker(problems).Check(profile.secrets);
  CheckWhose(profile, problems);
}

std::string SecretsLaxerWays(const JsonValue& was, const JsonValue& is) {
  const std::vector<SecretRule> before = ReadSecretRules(was);
  std::string ways;
  for (const SecretRule& rule : ReadSecretRules(is)) {
    const bool known = std::ranges::find(before, rule.name, &SecretRule::name) != before.end();
    if (known) continue;
    ways += (ways.empty() ? "secrets hand out " : " and ") + Quoted(rule.name);
  }
  return ways;
}

}  // namespace runward
