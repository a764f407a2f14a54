#include "scan/purl.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Purl, PatternsAndUrlsAreComparedDecoded) {
  EXPECT_TRUE(FitsPackage("pkg:npm/%40evil/x", "x", "pkg:npm/@evil/x@1"));
  EXPECT_TRUE(FitsPackage("pkg:npm/@evil/x", "x", "pkg:npm/%40evil/x@1"));
  EXPECT_TRUE(FitsPackage("pkg:npm/%40evil/*", "x", "pkg:npm/@evil/x@1"));
  EXPECT_TRUE(FitsPackage("pkg:deb/debian/g%2B%2B", "g++", "pkg:deb/debian/g++@12"));
  EXPECT_TRUE(FitsPackage("pkg:deb/debian/g%2b%2b@12", "g++", "pkg:deb/debian/g%2B%2B@12"));
  EXPECT_FALSE(FitsPackage("pkg:npm/%40good/x", "x", "pkg:npm/@evil/x@1"));
  EXPECT_FALSE(FitsPackage("pkg:npm/%2A", "x", "pkg:npm/x@1")) << "a star of its own";
}

TEST(Purl, NamesAreInLowerCaseWhereTheirTypeSaysSo) {
  const auto covers = [](const char* stated, const char* found) {
    return Covers(*Purl::Parse(stated), *Purl::Parse(found));
  };
  EXPECT_TRUE(covers("pkg:pypi/PyYAML@6.0", "pkg:pypi/pyyaml@6.0"));
  EXPECT_TRUE(covers("pkg:PyPI/Typing_Extensions", "pkg:pypi/typing-extensions@4"));
  EXPECT_TRUE(covers("pkg:deb/Debian/CURL", "pkg:deb/debian/curl@8"));
  EXPECT_TRUE(covers("pkg:github/Acme/Tool?a=B", "pkg:github/acme/tool@v1?a=B"));
  for (const char* type : {"alpm", "apk", "bitbucket", "composer", "oci"}) {
    EXPECT_EQ(Purl::Parse("pkg:" + std::string(type) + "/Some/Name@V1_A")->name, "name") << type;
    EXPECT_EQ(Purl::Parse("pkg:" + std::string(type) + "/Some/Name@V1_A")->name_space, "some");
    EXPECT_EQ(Purl::Parse("pkg:" + std::string(type) + "/Some/Name@V1_A")->version, "V1_A");
  }
  EXPECT_FALSE(covers("pkg:github/acme/tool@V1", "pkg:github/acme/tool@v1")) << "a version";
  EXPECT_FALSE(covers("pkg:maven/org.a/B", "pkg:maven/org.a/b@1"));
  EXPECT_EQ(Purl::Parse("pkg:pypi/a_b@1.0_1")->version, "1.0_1");
}

TEST(Purl, APatternWithoutVersionFitsEachVersionAlsoWithQualifiers) {
  const char* found = "pkg:deb/debian/curl@8.1?arch=amd64&distro=debian-12";
  EXPECT_TRUE(FitsPackage("pkg:deb/debian/curl?arch=amd64", "curl", found));
  EXPECT_TRUE(FitsPackage("pkg:deb/*/curl?distro=debian-*&arch=AMD64", "curl", found));
  EXPECT_TRUE(FitsPackage("pkg:deb/debian/curl@8.1?distro=debian-12", "curl", found));
  EXPECT_FALSE(FitsPackage("pkg:deb/debian/curl?arch=arm64", "curl", found));
  EXPECT_FALSE(FitsPackage("pkg:deb/debian/curl@8.2?arch=amd64", "curl", found));
  EXPECT_FALSE(FitsPackage("pkg:deb/debian/curl?epoch=1", "curl", found));
  EXPECT_FALSE(FitsPackage("pkg:deb/debian/wget?arch=amd64", "curl", found));
}

}  // namespace
}  // namespace runward
