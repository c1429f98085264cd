#include "ingest/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace firegate::ingest {
namespace {

// RFC 3720, B.4
TEST(Crc32c, GivesThePublishedValues) {
  EXPECT_EQ(crc32c(0, "123456789", 9), 0xE3069283U);
  EXPECT_EQ(crc32c(0, std::string(32, '\0').data(), 32), 0x8A9136AAU);
  EXPECT_EQ(crc32c(0, std::string(32, '\xFF').data(), 32), 0x62A8AB43U);
}

TEST(Crc32c, TableAndInstructionAgreeForAllLengthsAndSplits) {
  std::string text;
  for (int i = 0; i < 100; ++i) text.push_back(static_cast<char>(i * 37));
  for (std::size_t length = 0; length <= text.size(); ++length) {
    EXPECT_EQ(crc32c(7, text.data(), length), crc32c_by_table(7, text.data(), length));
    const auto whole = crc32c(7, text.data(), text.size());
    EXPECT_EQ(crc32c(crc32c(7, text.data(), length), text.data() + length, text.size() - length), whole);
  }
}

}  // namespace
}  // namespace firegate::ingest
