#include <gtest/gtest.h>

#include "rules/detection/fire_pattern.h"
#include "simulate/nuisance.h"

namespace firegate::rules::detection {
namespace {

using simulate::NuisanceReport;
using simulate::NuisanceYear;

// A lively stretch, with values left out at random.
std::vector<Sample> lively(std::uint64_t seed, int reports, Millis interval) {
  NuisanceYear year({.seed = seed, .interval = interval, .longest_quiet = std::chrono::minutes{2}});
  simulate::Random random(seed);
  std::vector<Sample> samples;
  NuisanceReport report;
  while (static_cast<int>(samples.size()) < reports && year.next(report)) {
    Sample sample{Instant{std::chrono::hours{400'000}} + report.at, {}, {}, {}, {}};
    if (!random.chance(0.2)) sample.temperature_c = report.temperature_c + (random.chance(0.01) ? 40 : 0);
    if (!random.chance(0.2)) sample.smoke_od_m = report.smoke_od_m;
    if (!random.chance(0.5)) sample.co_ppm = report.co_ppm;
    if (!random.chance(0.5)) sample.humidity_pct = report.humidity_pct;
    samples.push_back(sample);
  }
  return samples;
}

TEST(FireState, OfANewDeviceIsNoText) {
  EXPECT_EQ(State{}.to_text(), "");
  EXPECT_EQ(State::from_text(""), State{});
}

TEST(FireState, ReadBackAtRandomCutsDecidesTheSame) {
  simulate::Random random(11);
  int levels = 0;
  for (const int interval_s : {2, 10, 60}) {
    State whole, cut;
    for (const Sample& sample : lively(static_cast<std::uint64_t>(interval_s), 20'000, Millis{interval_s * 1000})) {
      if (random.chance(0.1)) {
        const auto read = State::from_text(cut.to_text());
        ASSERT_TRUE(read.has_value()) << cut.to_text();
        ASSERT_EQ(read->to_text(), cut.to_text());
        cut = *read;
      }
      const Decision expected = judge(Settings::room(), whole, sample);
      ASSERT_EQ(judge(Settings::room(), cut, sample), expected);
      levels += expected.level != Level::none;
    }
    ASSERT_EQ(whole.to_text(), cut.to_text());
  }
  EXPECT_GT(levels, 0);
}

TEST(FireState, ShiftedWithItsReportsDecidesTheSame) {
  State straight, shifted;
  Millis moved{0};
  int count = 0;
  for (const Sample& sample : lively(21, 20'000, Millis{10'000})) {
    if (++count % 1000 == 0) {
      const Millis step{count % 2000 == 0 ? 3'600'123 : -7'200'456};
      shifted.shift(step);
      moved += step;
    }
    Sample later = sample;
    later.at += moved;
    ASSERT_EQ(judge(Settings::room(), shifted, later), judge(Settings::room(), straight, sample));
  }
}

TEST(FireState, ShiftLeavesANewDeviceNew) {
  State state;
  state.shift(Millis{5000});
  EXPECT_EQ(state, State{});
}

TEST(FireState, IsShort) {
  State state;
  std::size_t longest = 0;
  for (const Sample& sample : lively(31, 20'000, Millis{2'000})) {
    judge(Settings::room(), state, sample);
    longest = std::max(longest, state.to_text().size());
  }
  EXPECT_LE(longest, 320u);
}

TEST(FireState, RefusesWhatIsNotOurs) {
  State state;
  for (const Sample& sample : lively(41, 500, Millis{10'000})) judge(Settings::room(), state, sample);
  const std::string good = state.to_text();
  ASSERT_TRUE(State::from_text(good).has_value());
  EXPECT_FALSE(State::from_text(good + " 1").has_value());
  EXPECT_FALSE(State::from_text(good + " ").has_value());
  for (std::size_t length = 1; length + 1 < good.size(); ++length) {
    const std::string part = good.substr(0, length);
    const auto read = State::from_text(part);
    if (read) {
      EXPECT_EQ(read->to_text(), part);
    }
  }
  for (const char* text : {"x", " ", "1 9 0", "1 0 9", "-", "1 0 0 nan", "9999999999999999999999"}) {
    EXPECT_FALSE(State::from_text(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace firegate::rules::detection
