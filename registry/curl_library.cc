#include "registry/curl_library.h"

#include <dlfcn.h>

namespace runward {
namespace {

constexpr const char* kName = "libcurl.so.4";

template <typename F>
bool Look(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(dlsym(library, name));
  return function != nullptr;
}

Result<CurlLibrary> Load() {
  // Local: its OpenSSL and the one that is linked into this program stay strangers.
  void* library = dlopen(kName, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Error{"load \"" + std::string(kName) + "\": " + dlerror(),
                 "it is in Debian's package libcurl4"};
  }
  CurlLibrary curl;
  decltype(&curl_global_init) global_init = nullptr;
  const bool whole = Look(library, "curl_global_init", global_init) &&
                     Look(library, "curl_easy_init", curl.easy_init) &&
                     Look(library, "curl_easy_setopt", curl.easy_setopt) &&
                     Look(library, "curl_easy_perform", curl.easy_perform) &&
                     Look(library, "curl_easy_getinfo", curl.easy_getinfo) &&
                     Look(library, "curl_easy_strerror", curl.easy_strerror) &&
                     Look(library, "curl_easy_cleanup", curl.easy_cleanup) &&
                     Look(library, "curl_slist_append", curl.slist_append) &&
                     Look(library, "curl_slist_free_all", curl.slist_free_all);
  if (whole && global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) return curl;
  return Error{"\"" + std::string(kName) + "\" lacks a function, or cannot be started", ""};
}

}  // namespace

Result<const CurlLibrary*> CurlLibrary::Get() {
  static const Result<CurlLibrary> loaded = Load();
  if (!loaded.ok()) return loaded.error();
  return &loaded.value();
}

}  // namespace runward
