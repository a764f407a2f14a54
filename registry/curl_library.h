#pragma once

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/result.h"

namespace runward {

// libcurl's functions, looked up in the library that is loaded when they are first asked for.
// Linked, libcurl and the thirty libraries behind it would cost each call of runwardctl fifteen
// milliseconds, and only push and pull speak to a network.
struct CurlLibrary {
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_strerror) easy_strerror = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;

  // The same for the whole program; it stays loaded. An Error when Debian's libcurl4 is not there.
  static Result<const CurlLibrary*> Get();
};

}  // namespace runward
