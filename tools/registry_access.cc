#include "tools/registry_access.h"

#include <unistd.h>

#include <cstdlib>

#include "base/clock.h"
#include "base/file.h"
#include "tools/run_program.h"

namespace runward {
namespace {

Error EndedBadly(const std::string& program, const std::string& server, int status) {
  return Error{"\"" + program + " get\" ends with " + std::to_string(status),
               "run it by hand to see why: echo " + server + " | " + program + " get"};
}

// The credentials' file: the named one; or the first there is.
std::string AuthFile(const Options& options, const Paths& paths) {
  if (options.Has("--auth-file")) return options.Last("--auth-file", "");
  const std::string beside =
      paths.policy.substr(0, paths.policy.rfind('/') + 1) + "registry-auth.json";
  std::vector<std::string> places = {beside};
  if (const char* directory = std::getenv("DOCKER_CONFIG")) {
    places.push_back(std::string(directory) + "/config.json");
  } else if (const char* home = std::getenv("HOME")) {
    places.push_back(std::string(home) + "/.docker/config.json");
  }
  for (const std::string& place : places) {
    if (!FileMissing(place)) return place;
  }
  return "";
}

// docker-credential-NAME get, from where the system's programs are and nowhere else.
Result<std::optional<std::string>> AskHelper(const std::string& name, const std::string& server) {
  constexpr int kSeconds = 20;
  for (const char* directory : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
    const std::string program = directory + ("docker-credential-" + name);
    if (access(program.c_str(), X_OK) != 0) continue;
    const ProgramOutput output = TRY(RunProgram(
        {program, "get"},
        {.input = server + "\n", .environment = true, .errors_apart = true, .seconds = kSeconds}));
    if (output.status == 0) return std::optional(output.text);
    // docker-credential-helpers: how one says that it has nothing.
    if (output.text.find("credentials not found") != std::string::npos) {
      return std::optional<std::string>();
    }
    return EndedBadly(program, server, output.status);
  }
  return Error{"no program docker-credential-" + name + " in /usr/local/bin, /usr/bin or /bin",
               "the file of credentials names it; install it, or name another with --auth-file"};
}

Result<Credentials> ReadCredentials(const std::string& file) {
  if (file.empty()) return Credentials();
  // Who may write it says which program is run, and who gets which secret.
  const std::string text = TRY(ReadFileCapped(file, Credentials::kMaxBytes, Trust::kOwner));
  return Credentials::Parse(text, file, AskHelper);
}

Result<int64_t> Timeout(const Options& options) {
  constexpr int64_t kNsPerMs = 1'000'000;
  constexpr int64_t kMostMs = int64_t{60} * 60 * 1000;
  const std::string text = options.Last("--timeout", "30s");
  const std::optional<int64_t> duration = ParseDuration(text);
  if (duration && *duration > 0 && *duration / kNsPerMs <= kMostMs) return *duration / kNsPerMs;
  return Error{"--timeout \"" + text + "\" is not a duration of at most an hour", "such as 30s"};
}

Result<std::vector<std::string>> PlainHosts(const Options& options) {
  std::vector<std::string> hosts = options.All("--plain-http");
  for (const std::string& host : hosts) {
    if (ImageReference::Parse(host + "/a").ok() && HostOf("http://" + host) == host) continue;
    return Error{"--plain-http \"" + host + "\" is not a registry's host",
                 "such as localhost:5000"};
  }
  return hosts;
}

}  // namespace

std::vector<OptionSpec> RegistryAccess::Options() {
  return {{"--auth-file", true}, {"--plain-http", true}, {"--ca", true}, {"--timeout", true}};
}

Result<std::unique_ptr<RegistryAccess>> RegistryAccess::Open(const runward::Options& options,
                                                             const Paths& paths) {
  HttpOptions http{.plain_hosts = TRY(PlainHosts(options)),
                   .ca_file = options.Last("--ca", ""),
                   .timeout_ms = TRY(Timeout(options))};
  Credentials credentials = TRY(ReadCredentials(AuthFile(options, paths)));
  return std::unique_ptr<RegistryAccess>(
      new RegistryAccess(std::move(http), std::move(credentials)));
}

RegistrySession& RegistryAccess::SessionFor(const ImageReference& image) {
  return sessions_.try_emplace(image.host(), http_, credentials_, image).first->second;
}

}  // namespace runward
