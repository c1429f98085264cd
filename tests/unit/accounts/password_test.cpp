#include "accounts/password.h"

#include <gtest/gtest.h>

#include <string>

namespace firegate::accounts {
namespace {

std::string hash(std::string_view password, Cost cost) {
  const auto made = hash_password(password, cost);
  EXPECT_TRUE(made);
  return made.value_or("");
}

std::string parameters(std::string_view hash) { return std::string(hash.substr(0, hash.find("p=1$"))); }

TEST(Password, MatchesItsHashAlone) {
  const std::string stored = hash("correct horse battery", Cost::password);
  EXPECT_TRUE(matches(stored, "correct horse battery"));
  EXPECT_FALSE(matches(stored, "correct horse batterY"));
  EXPECT_FALSE(matches(stored, ""));
}

TEST(Password, IsSaltedArgon2id) {
  const std::string one = hash("the same", Cost::password), other = hash("the same", Cost::password);
  EXPECT_NE(one, other);
  EXPECT_EQ(parameters(one), "$argon2id$v=19$m=65536,t=2,");
}

TEST(Password, PinIsCheaper) { EXPECT_EQ(parameters(hash("271828", Cost::pin)), "$argon2id$v=19$m=8192,t=1,"); }

TEST(Password, NothingMatchesCostsAsMuchAsAPassword) {
  EXPECT_EQ(parameters(matches_nothing()), parameters(hash("x", Cost::password)));
  EXPECT_EQ(matches_nothing().size(), hash("x", Cost::password).size());
  EXPECT_FALSE(matches(matches_nothing(), ""));
  EXPECT_FALSE(matches(matches_nothing(), "password"));
}

TEST(Password, NothingMatchesWhatIsNoHash) {
  for (const std::string& stored :
       {std::string(), std::string("plain"), std::string("$argon2id$"), std::string(500, 'x')}) {
    EXPECT_FALSE(matches(stored, stored)) << stored;
  }
}

TEST(Password, LongerThanAllowedNeverMatches) {
  const std::string longest(kLongestPassword + 1, 'x');
  EXPECT_FALSE(matches(hash(longest, Cost::pin), longest));
}

struct Choice {
  std::string text;
  bool good;
};

TEST(Password, NewOneFollowsTheRules) {
  const Choice choices[] = {
      {"", false},
      {"1234567", false},
      {"tr0ub4do", true},
      {"plain words without digits", true},
      {std::string(200, 'a') + "b", false},
      {std::string(199, 'a') + "b", true},
      {"消防站值班密码甲", true},          // eight characters
      {"消防站", false},                   // nine bytes, three characters
      {"caf\xE9 caf\xE9 caf\xE9", false},  // Latin-1
      {"wangfang", false},
      {"WangFang", false},
      {"Wang Fang 王芳", false},
      {"wangfang 7", true},
      {"password", false},
      {"PassWord1", false},
      {"Admin@123", false},
      {"hik12345", false},
      {"12345678", false},
      {"88888888", false},
      {"zzzzzzzzzzzz", false},
      {"woaini1314", false},
  };
  for (const Choice& choice : choices) {
    EXPECT_EQ(check_new_password(choice.text, "wangfang", "wang fang 王芳").has_value(), choice.good) << choice.text;
  }
}

TEST(Password, RefusalSaysWhatWasExpected) {
  const auto refused = check_new_password("short", "a", "b");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
  EXPECT_EQ(refused.error().message, "choosing a password: found 5 characters, expected at least 8");
}

TEST(Pin, NewOneIsSixDigitsThatAreNotTriedFirst) {
  const Choice choices[] = {{"271828", true},  {"112233", true},  {"121212", true},   {"012346", true},
                            {"", false},       {"27182", false},  {"2718281", false}, {"27182a", false},
                            {"٢٧١٨٢٨", false}, {"000000", false}, {"999999", false},  {"123456", false},
                            {"012345", false}, {"987654", false}, {"543210", false}};
  for (const Choice& choice : choices) EXPECT_EQ(check_new_pin(choice.text).has_value(), choice.good) << choice.text;
}

}  // namespace
}  // namespace firegate::accounts
