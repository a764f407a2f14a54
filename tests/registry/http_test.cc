#include "registry/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using ::testing::HasSubstr;

// Real servers, good and bad: tests/e2e/test_registry*.py.

TEST(Http, TheHostOfAUrl) {
  EXPECT_EQ(HostOf("https://a.b:1/c?d"), "a.b:1");
  EXPECT_EQ(HostOf("http://a"), "a");
  EXPECT_EQ(HostOf("http://a?b"), "a");
  EXPECT_EQ(HostOf("/v2/"), "");
  EXPECT_EQ(HostOf("https://user@a.b/"), "");  // could be taken for another host
}

TEST(Http, PercentEncoding) {
  EXPECT_EQ(PercentEncode("repository:a/b:pull,push"), "repository:a/b:pull%2Cpush");
  EXPECT_EQ(PercentEncode("a b&c=\xc3\xa4\n"), "a%20b%26c%3D%C3%A4%0A");
}

TEST(Http, PlainHostsAreTakenByTheirWholeName) {
  const HttpClient http({.plain_hosts = {"localhost:5000"}, .ca_file = "", .timeout_ms = 1000});
  EXPECT_EQ(http.SchemeFor("localhost:5000"), "http://");
  EXPECT_EQ(http.SchemeFor("localhost"), "https://");
  EXPECT_EQ(http.SchemeFor("localhost:50001"), "https://");
}

TEST(Http, GoesNowhereWithoutTlsUnasked) {
  HttpClient http({.plain_hosts = {}, .ca_file = "", .timeout_ms = 1000});
  for (const char* url : {"http://127.0.0.1:1/", "file:///etc/passwd", "ftp://a/", "a", "",
                          "https://user@127.0.0.1:1/"}) {
    const auto response = http.Send({.url = url}, 1000);
    ASSERT_FALSE(response.ok());
    EXPECT_FALSE(http.unreachable());
    EXPECT_THAT(response.error().message,
                ::testing::AnyOf(HasSubstr("without TLS"), HasSubstr("not a URL")));
  }
}

TEST(Http, NothingBeginsALineOfItsOwn) {
  HttpClient http({.plain_hosts = {"127.0.0.1:1"}, .ca_file = "", .timeout_ms = 1000});
  const std::string url = "http://127.0.0.1:1/";
  EXPECT_THAT(http.Send({.url = url + "\r\nX: y"}, 1).error().message, HasSubstr("not a URL"));
  EXPECT_THAT(http.Send({.url = url, .headers = {"A: b\r\nX: y"}}, 1).error().message,
              HasSubstr("not one line"));
  EXPECT_THAT(http.Send({.url = url, .authorization = "Bearer x\ny"}, 1).error().message,
              HasSubstr("not one line"));
}

TEST(Http, AnAbsentServerIsUnreachable) {
  HttpClient http({.plain_hosts = {"127.0.0.1:1"}, .ca_file = "", .timeout_ms = 1000});
  const auto response = http.Send({.url = "http://127.0.0.1:1/x"}, 1000);
  ASSERT_FALSE(response.ok());
  EXPECT_TRUE(http.unreachable());
  EXPECT_THAT(response.error().message, HasSubstr("GET \"http://127.0.0.1:1/x\": "));
}

}  // namespace
}  // namespace runward
