#include "vault/bytes.h"

#include <gtest/gtest.h>

namespace runward {
namespace {

TEST(Bytes, AreReadAsTheyWereWritten) {
  ByteWriter to;
  to.U8(7).U32(0x01020304).U64(0x1122334455667788).Text("hi").Raw("xy").Zeros(25);
  EXPECT_EQ(to.bytes(), std::string("\x07\x04\x03\x02\x01\x88\x77\x66\x55\x44\x33\x22\x11"
                                    "\x02\0\0\0hixy\0\0\0\0",
                                    25));
  ByteReader from(to.bytes());
  EXPECT_EQ(from.U8(), 7);
  EXPECT_EQ(from.U32(), 0x01020304U);
  EXPECT_EQ(from.U64(), 0x1122334455667788U);
  EXPECT_EQ(from.Text(2), "hi");
  EXPECT_EQ(from.Raw(2), "xy");
  EXPECT_FALSE(from.AtEnd());
  EXPECT_TRUE(from.Zeros(4));
  EXPECT_TRUE(from.AtEnd());
}

TEST(Bytes, PastTheEndNothingIsOkAnyMore) {
  ByteReader from(std::string_view("\x01\x02\x03", 3));
  EXPECT_EQ(from.U32(), 0U);
  EXPECT_FALSE(from.ok());
  EXPECT_EQ(from.U8(), 0);
  EXPECT_FALSE(from.AtEnd());
}

TEST(Bytes, ATextIsNoLongerThanAllowed) {
  const std::string text = ByteWriter().Text("abcd").Take();
  EXPECT_EQ(ByteReader(text).Text(4), "abcd");
  ByteReader from(text);
  from.Text(3);
  EXPECT_FALSE(from.ok());
  ByteReader huge(std::string_view("\xff\xff\xff\xff", 4));
  huge.Text(SIZE_MAX);
  EXPECT_FALSE(huge.ok());
}

}  // namespace
}  // namespace runward
