// Rules that look at the devices around: who is asked, who is judged again, and when.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/partition/rig.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using enum DeviceKind;

constexpr std::string_view kTwoOfZone = R"(
rules:
  - {id: warm, kinds: [heat_detector], class: pre_alarm, text: {zh: 热, en: warm}, source: our choice,
     when: {in_zone: {at_least: 2, of: {point: temperature_c, at_least: 40, clears_below: 35}}}}
)";

Street three_in_a_zone() {
  return Street(kTwoOfZone,
                {device_in(1, "a", heat_detector, "z1", 10min), device_in(2, "b", heat_detector, "z1", 10min),
                 device_in(3, "c", heat_detector, "z1", 10min)});
}

void all_speak(Street& street) {
  for (std::size_t who = 0; who < 3; ++who) street.say(who, Point::temperature_c, 20.0, 1s);
}

TEST(InZone, NeedsSoManyAndThenRaisesThemAll) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  EXPECT_THAT(street.present(), IsEmpty());
  street.say(1, Point::temperature_c, 41.0, 20s);
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm", "b warm pre_alarm"));
}

TEST(InZone, ClearsForAllWhenTooFewAreLeft) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.say(1, Point::temperature_c, 41.0, 20s);
  street.say(1, Point::temperature_c, 36.0, 30s);
  EXPECT_EQ(street.present().size(), 2u) << "within the band it counts on";
  street.say(1, Point::temperature_c, 30.0, 40s);
  EXPECT_THAT(street.present(), IsEmpty());
}

TEST(InZone, NamesWhoElseSpoke) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.say(1, Point::temperature_c, 41.0, 20s);
  for (const Alarm& alarm : street.live()) {
    ASSERT_EQ(alarm.evidence.size(), 2u);
    EXPECT_EQ(alarm.evidence[0].device, "");
    EXPECT_EQ(alarm.evidence[1].device, alarm.subject.device == "a" ? "b" : "a");
  }
}

TEST(InZone, ADisabledMemberTakesNoPart) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.disable(1, 20s);
  EXPECT_THAT(street.present(), IsEmpty()) << "two of two that are left";
  street.disable(2, 30s);
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm")) << "a zone of one still works";
}

TEST(InZone, ALostMemberTakesNoPartFromItsDeadlineOn) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 20min);
  EXPECT_THAT(street.present(), IsEmpty());
  street.advance(29min);  // 2.5 intervals of ten minutes and a jitter of at most one
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm"));
  street.say(1, Point::temperature_c, 20.0, 30min);
  EXPECT_THAT(street.present(), IsEmpty()) << "it is back and says no";
}

TEST(InZone, AMemberThatNeverSaidThePointTakesNoPart) {
  Street street = three_in_a_zone();
  street.say(1, Point::battery_pct, 80.0, 1s);
  street.say(2, Point::battery_pct, 80.0, 1s);
  street.say(0, Point::temperature_c, 45.0, 10s);
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm"));
}

TEST(InZone, AMemberThatWasNotHeardYetIsCountedOutOnlyWhenItIsLost) {
  Street street = three_in_a_zone();
  street.say(0, Point::temperature_c, 45.0, 1s);
  EXPECT_THAT(street.present(), IsEmpty()) << "the others may say yes or no";
  street.say(0, Point::temperature_c, 46.0, 9min);
  street.advance(12min);  // an interval and its jitter after the start
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm"));
}

TEST(InZone, ARemovedMemberTakesNoPart) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.remove(2, 20s);
  street.remove(1, 30s);
  EXPECT_THAT(street.present(), ElementsAre("a warm pre_alarm"));
}

TEST(InZone, OtherZonesAndDevicesWithoutAZoneAreApart) {
  Street street(kTwoOfZone,
                {device_in(1, "a", heat_detector, "z1", 10min), device_in(2, "b", heat_detector, "z1", 10min),
                 device_in(3, "c", heat_detector, "z2", 10min), device_in(4, "d", heat_detector, "", 10min)});
  for (std::size_t who = 0; who < 4; ++who) street.say(who, Point::temperature_c, 20.0, 1s);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.say(2, Point::temperature_c, 45.0, 11s);
  street.say(3, Point::temperature_c, 45.0, 12s);
  EXPECT_THAT(street.present(), ElementsAre("c warm pre_alarm", "d warm pre_alarm")) << "each is alone";
}

TEST(InZone, ADeviceThatMovesLeavesItsZone) {
  Street street = three_in_a_zone();
  all_speak(street);
  street.say(0, Point::temperature_c, 45.0, 10s);
  street.say(1, Point::temperature_c, 45.0, 20s);
  street.change(1, 30s, [](Device& device) {
    Place place = *device.place;
    place.zone = {"z9", ""};
    device.place = std::make_shared<const Place>(std::move(place));
  });
  EXPECT_THAT(street.present(), ElementsAre("b warm pre_alarm")) << "alone in its new zone; its old one has one of two";
}

constexpr std::string_view kHotAndSmoke = R"(
rules:
  - id: hot
    kinds: [charging_station]
    text: {zh: 热, en: hot}
    source: our choice
    steps:
      - {class: pre_alarm, when: {point: port_temperature_c, at_least: 65}}
      - class: fire_alarm
        when: {all: [{point: port_temperature_c, at_least: 65}, {nearby: {kinds: [smoke_detector], when: {point: smoke, is: true}}}]}
)";

TEST(Nearby, SmokeInTheGarageMakesAHotPortAFireWhicheverComesFirst) {
  for (const bool smoke_first : {true, false}) {
    Street street(kHotAndSmoke,
                  {device_in(1, "a", charging_station, "z1", 10min), device_in(2, "s", smoke_detector, "z1", 10min)});
    const auto smoke = [&street] { street.say(1, Point::smoke, true, 10s); };
    const auto heat = [&street] { street.say(0, Point::port_temperature_c, 70.0, 10s, 4); };
    smoke_first ? smoke() : heat();
    EXPECT_EQ(street.present().empty(), smoke_first);
    smoke_first ? heat() : smoke();
    EXPECT_THAT(street.present(), ElementsAre("a/4 hot fire_alarm"));
    ASSERT_EQ(street.live().size(), 1u) << "one alarm whose class moved";
    EXPECT_EQ(street.live()[0].confirmation, Confirmation::confirmed) << "two devices speak for it";
  }
}

TEST(Nearby, AFireDoesNotStepDownWhenTheSmokeGoes) {
  Street street(kHotAndSmoke,
                {device_in(1, "a", charging_station, "z1", 10min), device_in(2, "s", smoke_detector, "z1", 10min)});
  street.say(0, Point::port_temperature_c, 70.0, 10s, 4);
  street.say(1, Point::smoke, true, 20s);
  street.say(1, Point::smoke, false, 30s);
  EXPECT_THAT(street.present(), ElementsAre("a/4 hot fire_alarm"));
  street.say(0, Point::port_temperature_c, 30.0, 40s, 4);
  ASSERT_EQ(street.live().size(), 1u);
  EXPECT_EQ(street.live()[0].state, AlarmState::latched_unacknowledged);
}

TEST(Nearby, ASilentNeighbourIsFoundAtItsDeadline) {
  Street street(R"(
rules:
  - {id: ebike, kinds: [ebike_camera], class: ebike_intrusion, text: {zh: 车, en: bike}, source: our choice,
     when: {all: [{point: ebike_seen, is: true}, {nearby: {scope: building, kinds: [elevator_controller], when: {not_heard: {}}}}]}}
)",
                {device_in(1, "cam", ebike_camera, "z1", 1h), device_in(2, "lift", elevator_controller, "z2", 2min)});
  street.say(1, Point::lift_floor, 1.0, 1s);
  street.say(0, Point::ebike_seen, true, 10s);
  street.advance(4min);
  EXPECT_THAT(street.present(), IsEmpty());
  street.advance(6min);
  EXPECT_THAT(street.present(), ElementsAre("cam ebike ebike_intrusion"));
  street.say(1, Point::lift_floor, 2.0, 7min);
  EXPECT_THAT(street.present(), IsEmpty());
}

TEST(Nearby, NothingIsKnownOfANeighbourWhoseValueIsUnknown) {
  Street street(R"(
rules:
  - {id: dry, kinds: [water_pressure_sensor], class: pre_alarm, text: {zh: 水, en: dry}, source: our choice,
     when: {all: [{point: water_pressure_kpa, below: 100}, {not: {nearby: {scope: building, kinds: any, when: {point: pump_running, is: true}}}}]}}
)",
                {device_in(1, "p", water_pressure_sensor, "z1", 10min), device_in(2, "pump", relay, "z2", 10min)});
  street.say(1, Point::pump_running, true, 1s);
  street.say(0, Point::water_pressure_kpa, 50.0, 10s);
  EXPECT_THAT(street.present(), IsEmpty()) << "the pump runs";
  street.say(1, Point::pump_running, Unknown{}, 20s);
  EXPECT_THAT(street.present(), IsEmpty()) << "nobody knows";
  street.say(1, Point::pump_running, false, 30s);
  EXPECT_THAT(street.present(), ElementsAre("p dry pre_alarm"));
}

TEST(Nearby, APulseIsJudgedWithWhatIsAround) {
  Street street(R"(
rules:
  - {id: panic, kinds: [sos_button], class: fire_alarm, text: {zh: 按, en: panic}, source: our choice,
     when: {all: [{point: sos, is: true}, {nearby: {kinds: [smoke_detector], when: {point: smoke, is: true}}}]}}
)",
                {device_in(1, "b", sos_button, "z1", 24h), device_in(2, "s", smoke_detector, "z1", 24h)});
  street.say(0, Point::sos, true, 10s, kNoPort, MessageKind::event);
  EXPECT_TRUE(street.live().empty());
  street.say(1, Point::smoke, true, 20s);
  street.say(0, Point::sos, true, 30s, kNoPort, MessageKind::event);
  ASSERT_EQ(street.live().size(), 1u);
  EXPECT_EQ(street.live()[0].state, AlarmState::latched_unacknowledged);
}

TEST(CountedPulses, RaiseAndClearByTime) {
  Street street(R"(
rules:
  - {id: pressed, kinds: [sos_button], class: supervisory, text: {zh: 按, en: pressed}, source: our choice,
     when: {count: {of: {point: sos, is: true}, at_least: 2, within: 1min}}}
)",
                {device_in(1, "b", sos_button, "z1", 24h)});
  street.say(0, Point::sos, true, 10s, kNoPort, MessageKind::event);
  EXPECT_THAT(street.present(), IsEmpty());
  street.say(0, Point::sos, true, 20s, kNoPort, MessageKind::event);
  EXPECT_THAT(street.present(), ElementsAre("b pressed supervisory"));
  street.advance(69s);
  EXPECT_EQ(street.present().size(), 1u);
  const Batch batch = street.advance(71s);
  EXPECT_THAT(street.present(), IsEmpty());
  ASSERT_FALSE(batch.journal.empty());
  EXPECT_EQ(batch.journal[0].at, kStart + 70s) << "at its own deadline";
}

TEST(Override, SwitchesARuleOffAndEndsItsAlarm) {
  constexpr std::string_view kSmoke = R"(
rules:
  - {id: smoke, kinds: any, class: pre_alarm, text: {zh: 烟, en: s}, source: our choice, when: {point: smoke, is: true}}
)";
  Street street(kSmoke, {device_in(1, "a", smoke_detector, "z1", 24h), device_in(2, "b", smoke_detector, "z1", 24h)});
  street.say(0, Point::smoke, true, 1s);
  street.say(1, Point::smoke, true, 1s);
  Batch batch;
  street.partition().use(
      rules_from(std::string(kSmoke) +
                 "overrides:\n  - {rule: smoke, where: {device: a}, set: {enabled: false}, source: our choice}\n"),
      kStart + 2s, batch);
  EXPECT_THAT(street.present(), ElementsAre("b smoke pre_alarm"));
  street.say(0, Point::smoke, false, 3s);
  street.say(0, Point::smoke, true, 4s);
  EXPECT_THAT(street.present(), ElementsAre("b smoke pre_alarm"));
}

TEST(EveryReport, FeedsAWindowAlsoWhenTheValueIsTheSame) {
  Street street(R"(
rules:
  - {id: rise, kinds: any, class: pre_alarm, text: {zh: 升, en: r}, source: our choice,
     when: {point: temperature_c, rises_by: 8, within: 60s}}
)",
                {device_in(1, "a", heat_detector, "z1", 10s)});
  for (int i = 0; i < 30; ++i) street.say(0, Point::temperature_c, 20.0, i * 10s);
  street.say(0, Point::temperature_c, 24.0, 300s);
  EXPECT_THAT(street.present(), IsEmpty());
  street.say(0, Point::temperature_c, 28.0, 310s);
  EXPECT_THAT(street.present(), ElementsAre("a rise pre_alarm"));
  for (int i = 32; i < 40; ++i) street.say(0, Point::temperature_c, 28.0, i * 10s);
  EXPECT_THAT(street.present(), IsEmpty());
}

TEST(ChangedRule, KeepsItsAlarmAndBeginsItsWindowsAnew) {
  const auto rising = [](std::string_view by) {
    return fmt::format(
        "rules:\n  - {{id: rise, kinds: any, class: pre_alarm, text: {{zh: r, en: r}}, source: our choice, "
        "when: {{point: temperature_c, rises_by: {}, within: 60s}}}}\n",
        by);
  };
  Street street(rising("8"), {device_in(1, "a", heat_detector, "z1", 10s)});
  street.say(0, Point::temperature_c, 20.0, 0s);
  street.say(0, Point::temperature_c, 30.0, 10s);
  ASSERT_EQ(street.present().size(), 1u);
  Batch batch;
  street.partition().use(rules_from(rising("9")), kStart + 11s, batch);
  EXPECT_EQ(street.present().size(), 1u);
  for (int i = 2; i < 7; ++i) street.say(0, Point::temperature_c, 30.0, i * 10s);
  EXPECT_EQ(street.present().size(), 1u) << "not a whole minute is known yet";
  street.say(0, Point::temperature_c, 30.0, 70s);
  EXPECT_THAT(street.present(), IsEmpty());
}

// Each of 100,000 devices is found lost at its own deadline: 2.5 intervals after it was last heard, and its jitter.
TEST(AbsenceAtScale, EveryDeviceOfADistrictIsLostWithinASecondOfItsDeadline) {
  constexpr DeviceNo kDevices = 100'000;
  std::vector<Device> devices;
  for (DeviceNo no = 1; no <= kDevices; ++no) {
    devices.push_back(device_in(no, "d" + std::to_string(no), smoke_detector, "", 60min));
    devices.back().source = "s" + std::to_string(no);  // lines of their own: no loss explains another
  }
  const PlacePtr place = devices.front().place;
  for (Device& device : devices) device.place = place;
  Street street(R"(
rules:
  - {id: lost, kinds: any, class: fault, text: {zh: 失, en: lost}, source: our choice, when: {not_heard: {}}}
)",
                devices);
  for (std::size_t who = 0; who < kDevices; who += 2) street.say(who, Point::smoke, false, Millis{who});
  std::size_t lost = 0;
  while (street.partition().next_deadline() < kStart + 4h) {
    Batch batch;
    const Instant deadline = street.partition().next_deadline();
    street.partition().advance(deadline + 900ms, batch);  // as late as a timer may be
    for (const Alarm& alarm : batch.alarms) {
      const auto who = static_cast<DeviceNo>(std::stoul(alarm.subject.device.substr(1)));
      const Millis jitter = readings::jitter_of(alarm.subject.device, 60min);
      const bool spoke = (who - 1) % 2 == 0;
      const Instant due = kStart + (spoke ? Millis{who - 1} + 150min : Millis{60min}) + jitter;
      ASSERT_EQ(alarm.first_raised_at, due) << alarm.subject.device;
      ++lost;
    }
  }
  EXPECT_EQ(lost, kDevices);
}

}  // namespace
}  // namespace firegate::partition
