// Early: firegate's alarms beside the first photoelectric alarm on recorded fires, default constants.
#include "fires.h"

namespace firegate::rules::detection::testing {
namespace {

constexpr double kNoAlarm_s = -1000;  // the lead of a station at which we said nothing

double seconds(Instant at) { return static_cast<double>(at.time_since_epoch().count()) / 1000; }

// When the device first decided so; none: never.
template <typename Says>
std::optional<double> first(const std::vector<Sample>& samples, Says says) {
  const Settings settings = Settings::room();
  State state;
  for (const Sample& sample : samples) {
    if (says(judge(settings, state, sample))) return seconds(sample.at);
  }
  return std::nullopt;
}

bool in_alarm(const Decision& decision) { return decision.level == Level::alarm; }

class RecordedFires : public ::testing::Test {
 protected:
  void SetUp() override {
    if (stations_.empty()) GTEST_SKIP() << "no recorded fires beside the checkout: " << fires_folder();
  }

  Figures station_leads(std::optional<Millis> interval, Millis phase = Millis{0}) const {
    std::vector<double> leads;
    for (const Station& station : stations_) {
      if (!station.photoelectric_s) continue;
      const auto at = first(interval ? thinned(station.samples, *interval, phase) : station.samples, in_alarm);
      leads.push_back(at ? *station.photoelectric_s - *at : kNoAlarm_s);
    }
    return figures(leads);
  }

  // Any device in alarm, or two that suspect at the same time, against the first photoelectric alarm of the house.
  Figures house_leads(std::optional<Millis> interval, Millis phase = Millis{0}) const {
    std::map<std::string, std::vector<const Station*>> houses;
    for (const Station& station : stations_) houses[station.test].push_back(&station);
    std::vector<double> leads;
    for (const auto& [test, members] : houses) leads.push_back(house_lead(members, interval, phase));
    return figures(leads);
  }

 private:
  static double house_lead(const std::vector<const Station*>& members, std::optional<Millis> interval, Millis phase) {
    double photoelectric = std::numeric_limits<double>::max();
    std::vector<State> states(members.size());
    std::vector<Member> levels(members.size());
    std::multimap<Instant, std::pair<std::size_t, Sample>> messages;
    for (std::size_t i = 0; i < members.size(); ++i) {
      photoelectric = std::min(photoelectric, members[i]->photoelectric_s.value_or(photoelectric));
      const auto samples = interval ? thinned(members[i]->samples, *interval, phase) : members[i]->samples;
      for (const Sample& sample : samples) messages.emplace(sample.at, std::pair(i, sample));
    }
    for (const auto& [at, message] : messages) {
      const auto& [i, sample] = message;
      const Decision decision = judge(Settings::room(), states[i], sample);
      levels[i] = {decision.level, decision.suspects};
      if (judge_house(levels) != HouseLevel::none) return photoelectric - seconds(at);
    }
    return kNoAlarm_s;
  }

  const std::vector<Station> stations_ = recorded_fires();
};

TEST_F(RecordedFires, AlarmThirtySecondsBeforeThePhotoelectricOnesAsRecorded) {
  const Figures found = station_leads(std::nullopt);
  EXPECT_EQ(found.of, 20u);
  EXPECT_GE(found.median_s, 30);
  EXPECT_LE(found.later, 2);
  EXPECT_GE(found.worst_s, -15);
}

TEST_F(RecordedFires, AlarmTwentyFiveSecondsBeforeAtTenSecondReportsInEveryPhase) {
  for (int phase = 0; phase < 10; phase += 2) {
    SCOPED_TRACE(phase);
    const Figures found = station_leads(Millis{10'000}, Millis{phase * 1000});
    EXPECT_GE(found.median_s, 25);
    EXPECT_LE(found.later, 4);
    EXPECT_GE(found.worst_s, -20);
  }
}

TEST_F(RecordedFires, WarnTheHouseFortyFiveSecondsBeforeAndNeverLater) {
  const Figures as_recorded = house_leads(std::nullopt);
  EXPECT_EQ(as_recorded.of, 4u);
  EXPECT_GE(as_recorded.median_s, 45);
  EXPECT_EQ(as_recorded.later, 0);
  for (int phase = 0; phase < 10; phase += 2) {
    SCOPED_TRACE(phase);
    const Figures thinned_out = house_leads(Millis{10'000}, Millis{phase * 1000});
    EXPECT_GE(thinned_out.median_s, 45);
    EXPECT_EQ(thinned_out.later, 0);
  }
}

}  // namespace
}  // namespace firegate::rules::detection::testing
