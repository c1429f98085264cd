#include "decode/topic_filter.h"

#include <gtest/gtest.h>

namespace firegate::decode {
namespace {

using namespace std::string_view_literals;

TEST(TopicFilter, MatchesAsTheStandardSays) {  // MQTT 5.0, 4.7
  struct Case {
    std::string_view filter, topic;
    bool expected;
  };
  for (const Case& c : {Case{"a/b", "a/b", true},
                        {"a/b", "a/b/", false},
                        {"a/b", "/a/b", false},
                        {"a/b", "A/b", false},
                        {"a/+", "a/b", true},
                        {"a/+", "a/", true},
                        {"a/+", "a", false},
                        {"a/+", "a/b/c", false},
                        {"+/+", "/finance", true},
                        {"+", "/finance", false},
                        {"/+", "/finance", true},
                        {"a/#", "a", true},
                        {"a/#", "a/", true},
                        {"a/#", "a/b/c/d", true},
                        {"a/#", "ab", false},
                        {"#", "a/b", true},
                        {"#", "$SYS/broker", false},
                        {"+/broker", "$SYS/broker", false},
                        {"a/+/c", "a/$SYS/c", true},
                        {"a/+/c", "a/b/d", false},
                        {"a//b", "a//b", true},
                        {"a/+/b", "a//b", true},
                        {"a/b", "a/b\xEF\xBB\xBF", false},
                        {"fg/v1/+/+/up", "fg/v1/e/d/up", true},
                        {"fg/v1/+/+/up", "fg/v1/e/d/up/up", false},
                        {"fg/v1/+/+/up", "fg/v1/e/d/UP", false},
                        {"a/b",
                         "\xEF\xBB\xBF"
                         "a/b",
                         false},
                        {"d\xC3\xA9", "de\xCC\x81", false},
                        {"a/b", "\xD0\xB0/b", false},
                        {"a/b", "a\xE2\x80\xAE/b", false}}) {
    EXPECT_EQ(matches(c.filter, c.topic), c.expected) << c.filter << " on " << c.topic;
  }
}

TEST(TopicFilter, AcceptsOnlyWhatABrokerMayDeliver) {
  const std::string longest(65'535, 'a');
  std::string deep = "a";
  for (int i = 0; i < 200; ++i) deep += "/a";
  for (const std::string_view topic : {"a"sv, "a/b"sv, "/"sv, "a//b"sv, "$SYS/x"sv, "厨房/烟感"sv, "a\xEF\xBB\xBF"sv,
                                       "a\xE2\x80\xAE"sv, "a b"sv, std::string_view(deep), std::string_view(longest)}) {
    EXPECT_TRUE(is_topic(topic)) << topic.substr(0, 40);
  }
  for (const std::string_view topic :
       {""sv, "a/+"sv, "a/#"sv, "#"sv, "+"sv, "a+b"sv, "a#"sv, "a\0b"sv, "\xC0\xAF"sv, "\xE0\x80\xAF"sv,
        "\xED\xA0\x80"sv, "\xF5\x80\x80\x80"sv, "a\xFF"sv, "\x80"sv, "a\xC3"sv}) {
    EXPECT_FALSE(is_topic(topic)) << topic;
  }
  EXPECT_FALSE(is_topic(longest + "a"));
}

TEST(TopicFilter, RefusesFiltersThatCannotBeUsed) {
  for (const std::string_view filter :
       {""sv, "$share/g/a/#"sv, "$SYS/#"sv, "a/#/b"sv, "a#"sv, "a+/b"sv, "a/b+"sv, "##"sv, "a\0"sv, "\xFF"sv}) {
    EXPECT_TRUE(filter_problem(filter)) << filter;
  }
  for (const std::string_view filter : {"#"sv, "+"sv, "a/+/b/#"sv, "/"sv, "share/a"sv, "厨房/#"sv})
    EXPECT_FALSE(filter_problem(filter)) << filter;
}

TEST(TopicFilter, FindsOverlapsBothWays) {
  struct Case {
    std::string_view one, other;
    bool expected;
  };
  for (const Case& c : {Case{"a/#", "a/b", true},
                        {"a/#", "a", true},
                        {"a/+", "a/b", true},
                        {"a/+", "+/b", true},
                        {"a/b", "a/c", false},
                        {"a/+", "a/b/c", false},
                        {"a/+/c", "a/b/+", true},
                        {"a/+/c", "a/b/d", false},
                        {"#", "x/y", true},
                        {"+/tele/#", "tele/#", true},
                        {"+/status/+", "+/stat/#", false},
                        {"a/b/#", "a/b", true},
                        {"a/+", "a", false}}) {
    EXPECT_EQ(overlap(c.one, c.other), c.expected) << c.one << " " << c.other;
    EXPECT_EQ(overlap(c.other, c.one), c.expected) << c.other << " " << c.one;
  }
}

TEST(TopicFilter, AWordSaysMoreThanAWildcard) {
  EXPECT_TRUE(more_specific("a/b", "a/+"));
  EXPECT_TRUE(more_specific("a/+", "a/#"));
  EXPECT_TRUE(more_specific("a/+/c", "+/b/c"));
  EXPECT_TRUE(more_specific("a", "a/#"));
  EXPECT_FALSE(more_specific("a/+", "a/+"));
}

}  // namespace
}  // namespace firegate::decode
