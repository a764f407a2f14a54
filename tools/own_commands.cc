#include "tools/own_commands.h"

#include <charconv>

#include "base/json.h"
#include "oci/command_config.h"
#include "oci/find_command.h"
#include "oci/load.h"
#include "policy/command_rule.h"
#include "policy/decide.h"

namespace runward {
namespace {

// What a container of the image executes when it is told nothing else: image-spec config.md.
struct OwnCommand {
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::string directory;
  uint32_t user = 0;
};

void Append(const JsonValue& list, std::vector<std::string>& texts) {
  for (const JsonValue one : list) texts.emplace_back(one.text());
}

OwnCommand OwnCommandOf(const JsonDocument& image) {
  const JsonValue config = image.root().Find("config");
  OwnCommand own{.args = {}, .env = {}, .directory = std::string(config.Find("WorkingDir").text())};
  Append(config.Find("Entrypoint"), own.args);
  Append(config.Find("Cmd"), own.args);
  Append(config.Find("Env"), own.env);
  // A user by name is counted as root: the start, which can look it up, will know.
  const std::string_view user = config.Find("User").text();
  std::from_chars(user.data(), user.data() + user.size(), own.user);
  return own;
}

// Without the layers: what the file is called may differ from what the command is called.
bool Certain(const StoredImage& image, const CommandFinding& found) {
  return !image.layers.empty() || !found.rule.ends_with(".allow");
}

std::string Forbids(const CommandRule& rule, const StoredImage& image) {
  const auto config = JsonDocument::Parse(image.text);
  if (!config.ok()) return "";
  const OwnCommand own = OwnCommandOf(config.value());
  if (own.args.empty()) return "";
  std::string path = FindCommand(own.args, own.env, own.directory, [&](const std::string& name) {
    return ResolveInLayers(image.layers, name);
  });
  if (path.empty() && !image.layers.empty()) return "";  // on a volume, or not there
  if (path.empty()) path = own.args.front();
  const CommandTry what{.path = path, .names = {own.args.front()}, .uid = own.user};
  auto found = JudgeCommand(rule, what);
  if (!found) found = JudgeArguments(rule, what, std::span(own.args).subspan(1));
  return found && found->denied && Certain(image, *found) ? found->reason : "";
}

Decision DecisionOf(const Paths& paths, const Policy& policy, const StoredImage& image) {
  ImageEvidence evidence;
  evidence.prefixes = ChainIdsOf(image.diff_ids);
  evidence.chain = ChainIdOf(image.diff_ids);
  evidence.configs = {image.config};
  evidence.config_certain = true;
  evidence.unsigned_name = image.name;
  const auto found = LoadVerdicts(paths, policy, evidence);
  return Decide(policy, evidence, found.ok() ? found.value() : std::vector<FoundEnvelopes>{},
                Start::kCreate, Now());
}

}  // namespace

std::vector<ForbiddenOwnCommand> FindForbidden(const Paths& paths, const Policy& policy,
                                               const std::vector<StoredImage>& images) {
  std::vector<ForbiddenOwnCommand> forbidden;
  for (const StoredImage& image : images) {
    const Decision decision = DecisionOf(paths, policy, image);
    const CommandRule rule = CommandRuleOf(policy, decision.profile);
    std::string reason = Forbids(rule, image);
    if (reason.empty()) continue;
    forbidden.push_back({.image = image.name,
                         .profile = decision.profile,
                         .enforced = decision.mode == Mode::kEnforce,
                         .reason = std::move(reason)});
  }
  return forbidden;
}

}  // namespace runward
