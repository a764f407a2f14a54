#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tools/secret_import.h"

// The first byte says which reader gets the rest. Whatever the bytes are, it ends; each name is one
// that the vault takes; and what came from a .env file comes out of one that is made of it.
namespace {

using runward::EntryName;
using runward::Imported;
using runward::ImportedSecret;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireNames(const Imported& secrets) {
  for (const ImportedSecret& secret : secrets) {
    const auto name = EntryName::Parse(secret.name.Text());
    Require(name.ok() && name.value() == secret.name);
  }
}

void RequireSameAgain(const Imported& secrets) {
  std::string text;
  for (const ImportedSecret& secret : secrets) {
    if (secret.value.view().find('\'') != std::string_view::npos) return;
    text.append(secret.name.key).append("='").append(secret.value.view()).append("'\n");
  }
  const auto again = runward::ImportEnv(text, "x");
  Require(again.ok() && again.value().size() == secrets.size());
  for (size_t i = 0; i < secrets.size(); ++i) {
    Require(again.value()[i].name == secrets[i].name);
    Require(again.value()[i].value.view() == secrets[i].value.view());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const char kind = static_cast<char>(data[0]);
  const auto found = kind == 'e'   ? runward::ImportEnv(text, "x")
                     : kind == 'k' ? runward::ImportKubernetes(text, "")
                                   : runward::ImportKv(text, "x");
  if (!found.ok()) return 0;
  RequireNames(found.value());
  if (kind == 'e') RequireSameAgain(found.value());
  return 0;
}
