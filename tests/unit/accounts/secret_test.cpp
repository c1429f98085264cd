#include "accounts/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace firegate::accounts {
namespace {

TEST(Secret, Holds256BitsAsBase64UrlWithoutPadding) {
  const std::string secret = random_secret();
  EXPECT_EQ(secret.size(), kSecretLength);
  EXPECT_TRUE(std::ranges::all_of(secret, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; }))
      << secret;
}

TEST(Secret, IsNeverTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_secret());
  EXPECT_EQ(seen.size(), 1000u);
}

// The digest of "abc" with 32 bytes, by `b2sum -l 256`.
TEST(Secret, IsHashedByBlake2b256) {
  EXPECT_EQ(hash_of("abc"), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Secret, DerivesAnotherByPurposeThatIsNotItsHash) {
  const std::string secret = random_secret();
  EXPECT_EQ(derive(secret, "csrf"), derive(secret, "csrf"));
  EXPECT_NE(derive(secret, "csrf"), derive(secret, "other"));
  EXPECT_NE(derive(secret, "csrf"), derive(random_secret(), "csrf"));
  EXPECT_NE(derive(secret, "csrf"), derive(hash_of(secret), "csrf"));
  EXPECT_EQ(derive("", "csrf").size(), kSecretLength);
}

TEST(Secret, ComparesWholeTexts) {
  EXPECT_TRUE(same("abc", "abc"));
  EXPECT_FALSE(same("abc", "abd"));
  EXPECT_FALSE(same("abc", "ab"));
  EXPECT_TRUE(same("", ""));
}

TEST(Token, CarriesItsId) {
  const TokenText token = random_token();
  EXPECT_EQ(token.id.size(), 8u);
  EXPECT_EQ(token.text.substr(0, 12), "fg_" + token.id + "_");
  EXPECT_EQ(id_of_token(token.text), token.id);
}

TEST(Token, IsNotReadFromAnythingElse) {
  const std::string text = random_token().text;
  for (const std::string& wrong :
       {std::string(), std::string("fg_"), text + "x", text.substr(1), "FG" + text.substr(2)}) {
    EXPECT_FALSE(id_of_token(wrong)) << wrong;
  }
}

TEST(OneTimeCode, IsSixteenSymbolsInGroupsOfFour) {
  for (int i = 0; i < 100; ++i) {
    const std::string code = one_time_code();
    ASSERT_EQ(code.size(), 19u) << code;
    for (std::size_t at = 0; at < code.size(); ++at) {
      if (at % 5 == 4) EXPECT_EQ(code[at], '-') << code;
      else
        EXPECT_NE(std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ").find(code[at]), std::string_view::npos) << code;
    }
    EXPECT_TRUE(read_code(code)) << code;
  }
}

TEST(OneTimeCode, UsesEverySymbol) {
  std::set<char> seen;
  for (int i = 0; i < 200; ++i) {
    for (const char c : one_time_code()) seen.insert(c);
  }
  EXPECT_EQ(seen.size(), 33u);  // and the dash
}

TEST(OneTimeCode, ForgivesHowItIsTyped) {
  const auto meant = read_code("0101-9ABC-DEFG-HJKM");
  ASSERT_TRUE(meant);
  EXPECT_EQ(*meant, "01019ABCDEFGHJKM");
  for (const std::string_view typed : {"01019abcdefghjkm", " 0101 9abc defg hjkm ", "OIol-9ABC-DEFG-HJKM",
                                       "oLOi9abcdefghjkm", "0-1-0-1-9-A-B-C-D-E-F-G-H-J-K-M"}) {
    EXPECT_EQ(read_code(typed), meant) << typed;
  }
}

TEST(OneTimeCode, RefusesWhatCannotBeOne) {
  for (const std::string_view typed : {"", "0101", "0101-9ABC-DEFG-HJK", "0101-9ABC-DEFG-HJKM-0", "U101-9ABC-DEFG-HJKM",
                                       "0101_9ABC_DEFG_HJKM", "0101-9ABC-DEFG-HJK\xC3\xA9"}) {
    EXPECT_FALSE(read_code(typed)) << typed;
  }
  EXPECT_FALSE(read_code(std::string(100000, '-')));
}

}  // namespace
}  // namespace firegate::accounts
