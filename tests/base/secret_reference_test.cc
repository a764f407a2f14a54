#include "base/secret_reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace runward {
namespace {

using testing::HasSubstr;

TEST(SecretReference, ReadsWhatPeopleWrite) {
  struct Case {
    const char* text;
    const char* path;
    const char* key;
    uint32_t version;
    const char* again;
  };
  for (const Case& one : {
           Case{"vault:web/db#password", "web/db", "password", 0, "vault:web/db#password"},
           Case{"vault:web/db#password@3", "web/db", "password", 3, "vault:web/db#password@3"},
           Case{"vault:secret/data/accounts/aws#AWS_SECRET_ACCESS_KEY", "secret/data/accounts/aws",
                "AWS_SECRET_ACCESS_KEY", 0, "vault:secret/data/accounts/aws#AWS_SECRET_ACCESS_KEY"},
           Case{"vault:secret/data/x#KEY#2", "secret/data/x", "KEY", 2,
                "vault:secret/data/x#KEY@2"},
           Case{"vault:tls#tls.crt", "tls", "tls.crt", 0, "vault:tls#tls.crt"},
           Case{"vault:a#b@4294967295", "a", "b", 4294967295U, "vault:a#b@4294967295"},
       }) {
    const auto reference = SecretReference::Parse(one.text);
    ASSERT_TRUE(reference.ok()) << one.text << ": " << reference.error().message;
    EXPECT_EQ(reference.value().name.path, one.path);
    EXPECT_EQ(reference.value().name.key, one.key);
    EXPECT_EQ(reference.value().version, one.version);
    EXPECT_EQ(reference.value().Text(), one.again);
    EXPECT_EQ(SecretReference::Parse(one.again).value(), reference.value());
  }
}

TEST(SecretReference, SaysWhatIsWrong) {
  struct Case {
    std::string text;
    const char* why;
  };
  for (const Case& one : {
           Case{"web/db#password", "does not begin with \"vault:\""},
           Case{"", "does not begin"},
           Case{"vault:web/db", "no '#'"},
           Case{"vault:#password", "path may hold"},
           Case{"vault:web/db#", "key may hold"},
           Case{"vault:/web#k", "path may hold"},
           Case{"vault:web//db#k", "path may hold"},
           Case{"vault:web/#k", "path may hold"},
           Case{"vault:web/../db#k", "path may hold"},
           Case{"vault:./db#k", "path may hold"},
           Case{"vault:web db#k", "path may hold"},
           Case{"vault:web\n#k", "path may hold"},
           Case{"vault:web#a/b", "key may hold"},
           Case{"vault:web#..", "key may hold"},
           Case{std::string("vault:web#k\0", 12), "key may hold"},
           Case{"vault:web\xe2\x80\xae"
                "db#k",
                "path may hold"},
           Case{"vault:web#k@", "no version follows"},
           Case{"vault:web#k@0", "no version, which"},
           Case{"vault:web#k@01", "no version, which"},
           Case{"vault:web#k@-1", "no version, which"},
           Case{"vault:web#k@1x", "no version, which"},
           Case{"vault:web#k@4294967296", "no version, which"},
           Case{"vault:web#k@1@2", "no version, which"},
           Case{"vault:" + std::string(256, 'a') + "#k", "longer than 255"},
           Case{"vault:a#" + std::string(254, 'k'), "longer than 253"},
       }) {
    const auto reference = SecretReference::Parse(one.text);
    ASSERT_FALSE(reference.ok()) << one.text;
    EXPECT_THAT(reference.error().message, HasSubstr(one.why)) << one.text;
    EXPECT_NE(reference.error().hint, "");
    EXPECT_THAT(reference.error().message, testing::Not(HasSubstr("\n")));
    EXPECT_THAT(reference.error().message, testing::Not(HasSubstr("\xe2\x80\xae")));
  }
}

TEST(EntryName, IsWrittenAsItIsRead) {
  EXPECT_EQ(EntryName::Parse("web/db#password").value().Text(), "web/db#password");
  EXPECT_FALSE(EntryName::Parse("web/db#password@3").ok());
  EXPECT_TRUE(IsNamePart("a.b_c-9"));
  EXPECT_FALSE(IsNamePart("a/b"));
}

}  // namespace
}  // namespace runward
