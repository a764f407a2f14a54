#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_reference.h"
#include "vault/locked_bytes.h"

namespace runward {

// What is to be taken over. The readers below parse in ordinary memory: they are for a process that
// lets nobody look (HardenProcess) and forgets what it frees (tools/forgetful_heap.h).
struct ImportedSecret {
  EntryName name;
  SecretValue value;
};
using Imported = std::vector<ImportedSecret>;

inline constexpr size_t kMaxImportBytes = size_t{64} << 20;

// A .env file: NAME=value lines, `export` before them, comments, values bare, in '…' (as they are)
// or "…" (with \n, \r, \t, \", \\, \$; may span lines). No variable is expanded: what would need
// that is refused. Each becomes `path`#NAME.
Result<Imported> ImportEnv(std::string_view text, const std::string& path);

// Manifests of Kubernetes, YAML or JSON, several documents or a List: the Secrets among them,
// `data` (base64) and `stringData`, which wins, as it does there. `path` before "NAMESPACE/NAME" of
// each; without it that alone, the namespace being "default" where the manifest has none.
Result<Imported> ImportKubernetes(std::string_view text, const std::string& path);

// A directory of files such as Docker's /run/secrets: each regular file not beginning with a dot,
// symbolic links followed where they stay in it, becomes `path`#NAME.
Result<Imported> ImportDocker(const std::string& directory, const std::string& path);

// What `vault kv get -format=json` and GET /v1/MOUNT/data/PATH of HashiCorp Vault and OpenBao
// print: the keys of one secret, as `path`#KEY; or an array of {"path", "data"} with several, whose
// paths go below `path`. Values that are no strings become their JSON text.
Result<Imported> ImportKv(std::string_view text, const std::string& path);

// For the readers: appends path#key, or says what is wrong with the name.
Result<void> AddImported(const std::string& path, std::string_view key, std::string_view value,
                         Imported& to);
// "a/b" for both, "b" for an empty first.
std::string JoinPath(const std::string& first, std::string_view second);

}  // namespace runward
