#include "api/bodies.h"

#include <gtest/gtest.h>

namespace firegate::api {
namespace {

Result<Act> acknowledge(std::string_view body) { return read_act(ActKind::acknowledge, AlarmId{1}, body, Instant{}); }

TEST(Bodies, AMemberThatStandsTwiceIsRefusedByItsName) {
  const auto twice = acknowledge(R"({"post": "desk-1", "by": "wang", "post": "desk-2"})");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::bad_input);
  EXPECT_EQ(twice.error().message, "reading the body: found \"post\" twice, expected each member once");
}

TEST(Bodies, AnotherSpellingOfTheSameNameIsTheSame) {
  EXPECT_FALSE(acknowledge(R"({"by": "wang", "post": "desk-1", "p\u006Fst": "desk-2"})"));
}

TEST(Bodies, AMemberThatNobodyReadsMayNotStandTwiceEither) {
  EXPECT_FALSE(acknowledge(R"({"by": "wang", "post": "desk-1", "x": [{"y": 1, "y": 1}]})"));
  EXPECT_FALSE(acknowledge(R"({"by": "wang", "post": "desk-1", "x": 1, "x": 1})"));
}

TEST(Bodies, OneNameInTwoObjectsDoesNotStandTwice) {
  const auto act = acknowledge(R"({"by": "wang", "post": "desk-1", "x": {"by": 1}, "z": [{"by": 1}, {"by": 2}]})");
  ASSERT_TRUE(act) << act.error().message;
  EXPECT_EQ(act->post, "desk-1");
}

}  // namespace
}  // namespace firegate::api
