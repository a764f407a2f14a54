#include "base/encoding.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/base/hex.h"

namespace runward {
namespace {

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(Hex, EveryByteHasItsTwoDigits) {
  EXPECT_EQ(HexEncode(std::string_view("\0\x0f\xff", 3)), "000fff");
  EXPECT_EQ(fixtures::Unhex(HexEncode(AllBytes())), AllBytes());
  EXPECT_EQ(HexEncode(""), "");
}

// RFC 4648, section 10.
struct Vector {
  std::string_view bytes;
  std::string_view text;
};
constexpr Vector kRfcVectors[] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"}};

TEST(Base64, MeetsTheVectorsOfTheRfc) {
  for (const auto& [bytes, text] : kRfcVectors) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
}

TEST(Base64, ReadsBothAlphabetsPaddedOrNot) {
  for (std::string_view text : {"+/+/", "-_-_"}) {
    EXPECT_EQ(Base64Decode(text), "\xfb\xff\xbf") << text;
  }
  EXPECT_EQ(Base64Decode("Zg"), "f");
  EXPECT_EQ(Base64Decode("Zm8"), "fo");
}

TEST(Base64, EveryByteComesBackAtEveryLength) {
  const std::string all = AllBytes();
  for (size_t size = 0; size <= all.size(); ++size) {
    const std::string bytes = all.substr(all.size() - size);
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes) << size;
  }
}

TEST(Base64, RefusesWhatWouldMakeTwoTextsMeanTheSameBytes) {
  for (std::string_view bad : {"Zh==", "Zm9=",       // stray bits
                               "Z", "Zg=", "Zg===",  // lengths
                               "=", "==", "====",    // nothing but padding
                               "+_+_", "Zm\n9v",     // mixed alphabets, white space
                               "Zm9v ", "Z=g=", "Zm9v====", "Zm9\xff", "Zm9*"}) {
    EXPECT_EQ(Base64Decode(bad), std::nullopt) << bad;
  }
}

// FIPS 180-2, appendix B.
TEST(Sha256, MeetsTheVectorsOfTheStandard) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HexEncode(Sha256("abc")), Sha256Hex("abc"));
}

}  // namespace
}  // namespace runward
