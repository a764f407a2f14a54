#include "registry/curl_library.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(CurlLibrary, IsLoadedOnceWithAllItsFunctions) {
  const auto first = CurlLibrary::Get();
  ASSERT_TRUE(first.ok()) << first.error().message;
  EXPECT_EQ(first.value(), CurlLibrary::Get().value());
  EXPECT_NE(first.value()->slist_free_all, nullptr);
  EXPECT_STREQ(first.value()->easy_strerror(CURLE_OK), "No error");
}

}  // namespace
}  // namespace runward
