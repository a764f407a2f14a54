#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/paths.h"
#include "base/result.h"
#include "registry/credentials.h"
#include "registry/http.h"
#include "registry/image_reference.h"
#include "registry/session.h"
#include "tools/options.h"

namespace runward {

// How push and pull reach registries, as the command line says, and the conversations so far: one a
// registry.
class RegistryAccess {
 public:
  // What the options below are, to be joined to a command's own.
  static std::vector<OptionSpec> Options();
  // --auth-file, --plain-http, --ca, --timeout. Without --auth-file: registry-auth.json beside the
  // policy, or else the caller's Docker configuration; none is none.
  static Result<std::unique_ptr<RegistryAccess>> Open(const runward::Options& options,
                                                      const Paths& paths);

  RegistrySession& SessionFor(const ImageReference& image);

 private:
  RegistryAccess(HttpOptions http, Credentials credentials)
      : http_(std::move(http)), credentials_(std::move(credentials)) {}

  HttpClient http_;
  Credentials credentials_;
  std::map<std::string, RegistrySession> sessions_;
};

}  // namespace runward
