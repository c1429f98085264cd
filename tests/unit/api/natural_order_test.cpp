#include "api/natural_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace firegate::api {
namespace {

TEST(NaturalOrder, NumbersCountAsNumbers) {
  std::vector<std::string> ids{"b10-f1", "b2-f10-3", "b1-f1-10", "b1-f1-2", "b2-f9", "b1-f1", "b2-f10", "b1"};
  std::ranges::sort(ids, natural_less);
  EXPECT_EQ(ids,
            (std::vector<std::string>{"b1", "b1-f1", "b1-f1-2", "b1-f1-10", "b2-f9", "b2-f10", "b2-f10-3", "b10-f1"}));
}

TEST(NaturalOrder, NumbersOfAnyLength) {
  EXPECT_TRUE(natural_less("d99999999999999999999999999999998", "d99999999999999999999999999999999"));
  EXPECT_TRUE(natural_less("d99999999999999999999999999999999", "d100000000000000000000000000000000"));
  EXPECT_TRUE(natural_less("d0", "d1"));
  EXPECT_TRUE(natural_less("d000", "d1"));
}

TEST(NaturalOrder, WritingsOfOneNumberAreStillTwo) {
  EXPECT_NE(natural_less("b01", "b1"), natural_less("b1", "b01"));
  EXPECT_TRUE(natural_less("b01-2", "b1-3")) << "before how they are written what follows counts";
  EXPECT_FALSE(natural_less("b1", "b1"));
}

TEST(NaturalOrder, IsAStrictTotalOrder) {
  std::mt19937 random(20261122);
  const std::string letters = "0019ab-_\xff?";
  std::vector<std::string> ids(60);
  for (std::string& id : ids) {
    for (std::size_t length = random() % 7; length > 0; --length) id += letters[random() % letters.size()];
  }
  for (const std::string& a : ids) {
    for (const std::string& b : ids) {
      EXPECT_EQ(natural_less(a, b) + natural_less(b, a), a == b ? 0 : 1) << a << " " << b;
      for (const std::string& c : ids) {
        const bool in_order = natural_less(a, b) && natural_less(b, c);
        EXPECT_TRUE(!in_order || natural_less(a, c)) << a << " " << b << " " << c;
      }
    }
  }
}

}  // namespace
}  // namespace firegate::api
