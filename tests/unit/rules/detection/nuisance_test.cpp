// Calm: a year of ordinary life (simulate/nuisance.h) at 10 s reports. FIREGATE_LONG=1 runs a hundred years, not
// twelve.
#include "simulate/nuisance.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "rules/detection/fire_pattern.h"

namespace firegate::rules::detection {
namespace {

using simulate::Nuisance;
using simulate::NuisanceReport;
using simulate::NuisanceRoom;
using simulate::NuisanceYear;

constexpr Millis kQuiet = std::chrono::minutes{5};

Sample sample_of(const NuisanceReport& report) {
  return {Instant{} + report.at, report.temperature_c, report.smoke_od_m, report.co_ppm, report.humidity_pct};
}

struct Raised {
  int alarms = 0, pre_alarms = 0;
};

Raised live(const Settings& settings, const NuisanceYear::Plan& plan, std::string& why) {
  NuisanceYear year(plan);
  State state;
  Raised raised;
  Level before = Level::none;
  for (NuisanceReport report; year.next(report);) {
    const Decision decision = judge(settings, state, sample_of(report));
    if (decision.level == Level::alarm && before != Level::alarm) {
      ++raised.alarms;
      for (const Nuisance kind : year.going_on()) {
        why += std::string(Labels<Nuisance>::list[static_cast<std::size_t>(kind)]) + " ";
      }
      why += "(" + to_text(decision.shares) + ")\n";
    }
    if (decision.level != Level::none && before == Level::none) ++raised.pre_alarms;
    before = decision.level;
  }
  return raised;
}

void expect_calm(const Settings& settings, NuisanceRoom room) {
  const int years = std::getenv("FIREGATE_LONG") ? 100 : 12;
  Raised all;
  std::string why;
  for (int year = 0; year < years; ++year) {
    const Raised raised =
        live(settings, {.room = room, .seed = 1000u + static_cast<unsigned>(year), .longest_quiet = kQuiet}, why);
    all.alarms += raised.alarms;
    all.pre_alarms += raised.pre_alarms;
  }
  EXPECT_LE(all.alarms, years) << why;
  ::testing::Test::RecordProperty("alarms", all.alarms);
  ::testing::Test::RecordProperty("pre_alarms", all.pre_alarms);
  ::testing::Test::RecordProperty("years", years);
}

TEST(NuisanceLife, GivesARoomAtMostOneAlarmAYear) { expect_calm(Settings::room(), NuisanceRoom::room); }

TEST(NuisanceLife, GivesAKitchenAtMostOneAlarmAYear) { expect_calm(Settings::kitchen(), NuisanceRoom::kitchen); }

TEST(NuisanceLife, GivesNothingInItsQuietParts) {
  NuisanceYear year({.seed = 5, .interval = Millis{60'000}, .busy = false});
  State state;
  int reports = 0;
  for (NuisanceReport report; year.next(report); ++reports) {
    const Decision decision = judge(Settings::room(), state, sample_of(report));
    ASSERT_EQ(decision.level, Level::none) << report.at.count();
    ASSERT_FALSE(decision.suspects) << report.at.count();
  }
  EXPECT_EQ(reports, 365 * 24 * 60);
}

TEST(NuisanceLife, IsTheSameFromTheSameSeed) {
  const NuisanceYear::Plan plan{.seed = 3, .longest_quiet = kQuiet};
  NuisanceYear one(plan), other(plan), third({.seed = 4, .longest_quiet = kQuiet});
  NuisanceReport a, b, c;
  bool differs = false;
  for (int i = 0; i < 5000; ++i) {
    ASSERT_TRUE(one.next(a) && other.next(b) && third.next(c));
    ASSERT_EQ(a.temperature_c, b.temperature_c);
    ASSERT_EQ(a.smoke_od_m, b.smoke_od_m);
    differs = differs || a.smoke_od_m != c.smoke_od_m;
  }
  EXPECT_TRUE(differs);
}

TEST(NuisanceLife, HasEveryKindOfEvent) {
  NuisanceYear year({.seed = 1, .interval = Millis{10'000}, .longest_quiet = kQuiet});
  std::array<bool, simulate::kNuisances> seen{};
  for (NuisanceReport report; year.next(report);) {
    for (const Nuisance kind : year.going_on()) seen[static_cast<std::size_t>(kind)] = true;
  }
  for (std::size_t kind = 0; kind < seen.size(); ++kind) EXPECT_TRUE(seen[kind]) << Labels<Nuisance>::list[kind];
}

}  // namespace
}  // namespace firegate::rules::detection
