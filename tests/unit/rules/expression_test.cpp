#include "rules/expression.h"

#include <gtest/gtest.h>

#include <map>

namespace firegate::rules {
namespace {

using Values = std::map<Point, double>;

const char* answer(std::string_view text, const Values& values = {}) {
  const auto made = Expression::parse(text);
  if (!made) return "mistake";
  const Truth truth = made->evaluate([&values](Point point) {
    const auto found = values.find(point);
    return found == values.end() ? Operand{} : Operand{found->second, true};
  });
  return truth == Truth::yes ? "yes" : truth == Truth::no ? "no" : "unknown";
}

TEST(Expression, ComparesWhatIsReckoned) {
  const Values hot{{Point::port_temperature_c, 61}, {Point::board_temperature_c, 40}};
  EXPECT_STREQ(answer("port_temperature_c - board_temperature_c > 20", hot), "yes");
  EXPECT_STREQ(answer("port_temperature_c - board_temperature_c > 21", hot), "no");
  EXPECT_STREQ(answer("port_temperature_c - board_temperature_c >= 21", hot), "yes");
}

TEST(Expression, BindsAsInArithmetic) {
  const std::pair<const char*, const char*> rows[] = {{"1 + 2 * 3 == 7", "yes"},
                                                      {"(1 + 2) * 3 == 9", "yes"},
                                                      {"8 - 4 - 2 == 2", "yes"},
                                                      {"8 / 4 / 2 == 1", "yes"},
                                                      {"-2 * 3 == -6", "yes"},
                                                      {"2 - -3 == 5", "yes"},
                                                      {"not 1 > 2 and 1 < 2", "yes"},
                                                      {"1 < 2 or 1 > 2 and 1 > 2", "yes"},
                                                      {"(1 < 2 or 1 > 2) and 1 > 2", "no"},
                                                      {"min(3, 1, 2) == 1", "yes"},
                                                      {"max(3, 1, 2) == 3", "yes"},
                                                      {"abs(2 - 5) == 3", "yes"},
                                                      {"1 != 2", "yes"},
                                                      {"2 <= 2 and 2 >= 2", "yes"},
                                                      {"true != false", "yes"},
                                                      {"not not true", "yes"},
                                                      {"1 < 1", "no"},
                                                      {"0.1 + 0.2 < 0.31", "yes"}};
  for (const auto& [text, wanted] : rows) EXPECT_STREQ(answer(text), wanted) << text;
}

TEST(Expression, IsUnknownOnlyWhereTheMissingMatters) {
  EXPECT_STREQ(answer("power_w > 5"), "unknown");
  EXPECT_STREQ(answer("not power_w > 5"), "unknown");
  EXPECT_STREQ(answer("abs(-power_w) > 5"), "unknown");
  EXPECT_STREQ(answer("power_w > 5 and 1 > 2"), "no");
  EXPECT_STREQ(answer("1 > 2 and power_w > 5"), "no");
  EXPECT_STREQ(answer("power_w > 5 and 1 < 2"), "unknown");
  EXPECT_STREQ(answer("power_w > 5 or 1 < 2"), "yes");
  EXPECT_STREQ(answer("1 > 2 or power_w > 5"), "unknown");
  EXPECT_STREQ(answer("min(power_w, 1) > 5"), "unknown");
}

TEST(Expression, DivisionByZeroAndOverflowAreUnknown) {
  EXPECT_STREQ(answer("1 / (power_w - 5) > 0", {{Point::power_w, 5}}), "unknown");
  EXPECT_STREQ(answer("power_w * power_w > 0", {{Point::power_w, 1e200}}), "unknown");
}

TEST(Expression, TakesTrueOrFalsePoints) {
  EXPECT_STREQ(answer("smoke and temperature_c > 40", {{Point::smoke, 1}, {Point::temperature_c, 41}}), "yes");
  EXPECT_STREQ(answer("not smoke", {{Point::smoke, 1}}), "no");
  EXPECT_STREQ(answer("smoke == true", {{Point::smoke, 1}}), "yes");
}

TEST(Expression, KnowsEachPointOnce) {
  const auto made = Expression::parse("power_w > 5 and power_w < current_a");
  ASSERT_TRUE(made);
  EXPECT_EQ(made->points(), (std::vector<Point>{Point::power_w, Point::current_a}));
}

TEST(Expression, SaysWhatIsWrongAndWhere) {
  struct Row {
    const char* text;
    std::size_t at;
    const char* says;
  };
  const Row rows[] = {{"power_w >", 9, "found the end"},
                      {"", 0, "found the end"},
                      {"power_w > 5 )", 12, "found \")\", expected an operator"},
                      {"(power_w > 5", 12, "expected \")\""},
                      {"powr_w > 5", 0, "did you mean \"power_w\""},
                      {"power_w", 0, "expected a comparison"},
                      {"power_w + 1", 0, "expected a comparison"},
                      {"smoke > 5", 0, "expected a number"},
                      {"smoke + 1 > 5", 0, "expected a number"},
                      {"1 + smoke > 5", 4, "expected a number"},
                      {"power_w and smoke", 0, "expected a comparison"},
                      {"smoke and power_w", 10, "expected a comparison"},
                      {"not power_w", 4, "expected a comparison"},
                      {"port_state > 1", 0, "write a test with \"is\""},
                      {"min 3 > 2", 4, "expected \"(\" after min"},
                      {"abs(1, 2) > 2", 5, "expected \")\""},
                      {"1 > 2 > 3", 6, "expected an operator"},
                      {"1e999 > 2", 0, "expected a number"},
                      {"% > 2", 0, "found \"%\""}};
  for (const Row& row : rows) {
    const auto made = Expression::parse(row.text);
    ASSERT_FALSE(made) << row.text;
    EXPECT_EQ(made.error().at, row.at) << row.text << ": " << made.error().message;
    EXPECT_NE(made.error().message.find(row.says), std::string::npos) << row.text << ": " << made.error().message;
  }
}

TEST(Expression, IsBounded) {
  std::string sum = "1";
  for (std::size_t i = 0; i < 30; ++i) sum += "+1";
  EXPECT_TRUE(Expression::parse(sum + ">1"));  // 32 numbers, 30 additions, a comparison
  EXPECT_FALSE(Expression::parse(sum + "+1>1"));
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "1" + std::string(depth, ')') + "<2"; };
  EXPECT_TRUE(Expression::parse(nested(Expression::kMaxDepth)));
  EXPECT_FALSE(Expression::parse(nested(Expression::kMaxDepth + 1)));
  EXPECT_FALSE(Expression::parse(std::string(Expression::kMaxText, ' ') + "1<2"));
  EXPECT_FALSE(Expression::parse(std::string(200, '-') + "1<2"));
}

}  // namespace
}  // namespace firegate::rules
