// Devices in test and out of service: nobody is told, and no fire is lost by it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "unit/partition/rig.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRules = R"(
rules:
  - {id: smoke_alarm, kinds: [smoke_detector], class: fire_alarm, text: {zh: 烟雾报警, en: Smoke}, source: our choice,
     when: {point: smoke, is: true}}
  - {id: hot, kinds: [smoke_detector], class: pre_alarm, text: {zh: 过热, en: Hot}, source: our choice,
     when: {point: temperature_c, at_least: 50}, on_delay: 10s}
  - {id: battery, kinds: [smoke_detector], class: fault, text: {zh: 电池, en: Battery}, source: our choice,
     when: {point: battery_low, is: true}}
  - id: gas
    kinds: [smoke_detector]
    text: {zh: 燃气, en: Gas}
    source: our choice
    steps: [{class: pre_alarm, when: {point: gas_lel_pct, at_least: 25}}, {class: gas_alarm, when: {point: gas_lel_pct, at_least: 50}}]
)";

Device detector(DeviceNo no, std::string id) {
  return device_in(no, std::move(id), DeviceKind::smoke_detector, "z1", 1h * 24);
}

std::shared_ptr<const TestWindow> window(Millis until, std::uint32_t no = 1, Millis from = 0ms) {
  return std::make_shared<const TestWindow>(TestWindow{no, kStart + from, kStart + until, "王芳", false, false});
}

Batch begin_test(Street& street, std::size_t who, Millis at, Millis until, std::uint32_t no = 1) {
  return street.change(who, at, [&](Device& device) { device.test = window(until, no, at); });
}
Batch end_test(Street& street, std::size_t who, Millis at) {
  return street.change(who, at, [](Device& device) { device.test.reset(); });
}

std::vector<std::string> notices(const Batch& batch) {
  std::vector<std::string> list;
  for (const Notice& notice : batch.notices) {
    list.push_back(notice.alarm.subject.text() + " " + std::string(label(notice.kind)) + " " +
                   std::string(label(notice.alarm.alarm_class)));
  }
  return list;
}

using Texts = std::vector<std::string>;

TEST(InTest, AnAlarmIsOfClassTestAndNobodyIsTold) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  const Batch said = street.say(0, Point::smoke, true, 1s);
  EXPECT_EQ(street.present(), Texts{"a smoke_alarm test"});
  EXPECT_TRUE(said.notices.empty());
  const Batch gone = street.say(0, Point::smoke, false, 2s);
  EXPECT_TRUE(gone.notices.empty());
  EXPECT_TRUE(street.live().empty()) << "nothing is left to acknowledge";
  EXPECT_TRUE(street.advance(31min).notices.empty());
}

TEST(InTest, TheEndMakesARealAlarmOfAConditionThatIsStillThere) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  street.say(0, Point::smoke, true, 1s);
  EXPECT_EQ(street.partition().next_deadline(), kStart + 30min);
  const Batch ended = street.advance(30min);
  EXPECT_EQ(street.present(), Texts{"a smoke_alarm fire_alarm"});
  EXPECT_EQ(notices(ended), Texts{"a raised fire_alarm"});
  const Alarm fire = street.live().front();
  EXPECT_EQ(fire.state, AlarmState::unacknowledged);
  EXPECT_EQ(fire.first_raised_at, kStart + 30min) << "response is measured from when people could know";
  EXPECT_EQ(fire.occurrences, 1u);
  EXPECT_TRUE(fire.acknowledged_by.empty());
}

TEST(InTest, APersonMayEndItBefore) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  street.say(0, Point::smoke, true, 1s);
  EXPECT_EQ(notices(end_test(street, 0, 5s)), Texts{"a raised fire_alarm"});
}

TEST(InTest, ALaterEndHoldsLonger) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 10min);
  street.say(0, Point::smoke, true, 1s);
  street.change(0, 5min, [](Device& device) { device.test = window(20min); });
  EXPECT_TRUE(street.advance(10min).notices.empty());
  EXPECT_EQ(notices(street.advance(20min)), Texts{"a raised fire_alarm"});
}

TEST(InTest, AFireOfAnotherDeviceOfTheZoneIsAFire) {
  Street street(kRules, {detector(1, "a"), detector(2, "b")});
  begin_test(street, 0, 0s, 30min);
  street.say(0, Point::smoke, true, 1s);
  const Batch fire = street.say(1, Point::smoke, true, 2s);
  EXPECT_EQ(notices(fire), Texts{"b raised fire_alarm"});
  EXPECT_EQ(street.present(), (Texts{"a smoke_alarm test", "b smoke_alarm fire_alarm"}));
  const auto live = street.live();
  const auto b = std::ranges::find(live, "b", [](const Alarm& alarm) { return alarm.subject.device; });
  EXPECT_EQ(b->confirmation, Confirmation::single) << "a test confirms nobody";
  street.advance(30min);
  for (const Alarm& alarm : street.live())
    EXPECT_EQ(alarm.confirmation, Confirmation::confirmed) << alarm.subject.device;
}

TEST(InTest, AFireFromBeforeStaysAFire) {
  Street street(kRules, {detector(1, "a")});
  street.say(0, Point::smoke, true, 0s);
  begin_test(street, 0, 1s, 30min);
  EXPECT_EQ(street.present(), Texts{"a smoke_alarm fire_alarm"});
  EXPECT_TRUE(street.advance(30min).notices.empty()) << "it is known";
  EXPECT_EQ(street.live().front().occurrences, 1u);
}

TEST(InTest, WhatIsHeldSinceBeforeIsRaisedAgainOnlyAfterTheTest) {
  Street street(kRules, {detector(1, "a")});
  street.say(0, Point::smoke, true, 0s);
  street.say(0, Point::smoke, false, 1s);
  begin_test(street, 0, 2s, 30min);
  EXPECT_TRUE(street.say(0, Point::smoke, true, 3s).notices.empty());
  EXPECT_EQ(street.live().front().state, AlarmState::latched_unacknowledged);
  EXPECT_EQ(notices(street.advance(30min)), Texts{"a announced_again fire_alarm"});
}

TEST(InTest, TheClassAtTheEndIsThatOfTheStepThen) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  street.say(0, Point::gas_lel_pct, 30.0, 1s);
  street.say(0, Point::gas_lel_pct, 60.0, 2s);
  EXPECT_EQ(street.present(), Texts{"a gas test"});
  EXPECT_EQ(notices(street.advance(30min)), Texts{"a raised gas_alarm"});
}

TEST(InTest, ADelayThatEndsAfterTheTestRaises) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 10s);
  street.say(0, Point::temperature_c, 60.0, 5s);
  EXPECT_TRUE(street.advance(10s).notices.empty());
  EXPECT_EQ(notices(street.advance(15s)), Texts{"a raised pre_alarm"});
}

TEST(InTest, TheFirstMessageThatCountsPassesItOnce) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 1s, 30min, 7);
  const Batch first = street.say(0, Point::signal_dbm, -71.0, 2s);
  ASSERT_EQ(first.tests.size(), 1u);
  EXPECT_EQ(first.tests[0].no, 7u);
  EXPECT_EQ(first.tests[0].at, kStart + 2s);
  EXPECT_EQ(first.tests[0].signal_dbm, -71.0);
  EXPECT_TRUE(first.urgent);
  EXPECT_TRUE(street.say(0, Point::smoke, true, 3s).tests.empty());
  end_test(street, 0, 4s);
  begin_test(street, 0, 5s, 30min, 8);
  EXPECT_EQ(street.say(0, Point::smoke, false, 6s).tests.size(), 1u);
}

TEST(InTest, WhereTheModelHasAFlagOnlyItOrAFireCounts) {
  Street street(kRules, {detector(1, "a")});
  street.change(0, 1s, [](Device& device) {
    device.test = std::make_shared<const TestWindow>(TestWindow{1, kStart + 1s, kStart + 1h, "王芳", true, false});
  });
  EXPECT_TRUE(street.say(0, Point::temperature_c, 20.0, 2s).tests.empty());
  EXPECT_TRUE(street.say(0, Point::test, false, 3s).tests.empty());
  EXPECT_EQ(street.say(0, Point::test, true, 4s).tests.size(), 1u);
}

TEST(InTest, AWordOfTheNetworkIsNoMessageOfTheDevice) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 1s, 30min);
  EXPECT_TRUE(street.say(0, Point::online, true, 2s, kNoPort, MessageKind::will).tests.empty());
}

TEST(InTest, ItGoesOnAfterARestartAndEndsAsItWould) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  Batch batch = street.say(0, Point::smoke, true, 1s);
  street.partition().close(batch);
  Device device = detector(1, "a");
  device.test = window(30min);
  Restored restored;
  restored.alarms = street.live();
  restored.rule_states = batch.rule_states;
  for (const ReadingRow& row : batch.readings) restored.values.push_back(row);
  const auto map = std::make_shared<const DeviceMap>(std::vector<DevicePtr>{std::make_shared<const Device>(device)});
  for (const Millis stopped_until : {Millis{5min}, Millis{40min}}) {
    Partition again([](std::string_view) { return true; }, rules_from(kRules), map, restored, kStart + stopped_until);
    Batch then;
    again.advance(kStart + 41min, then);
    EXPECT_EQ(notices(then), Texts{"a raised fire_alarm"}) << stopped_until.count();
  }
}

TEST(InTest, AMessageThatStillCarriesTheTestDoesNotBringItBack) {
  Street street(kRules, {detector(1, "a")});
  begin_test(street, 0, 0s, 30min);
  ToPartition late;
  Device in_test = detector(1, "a");
  in_test.test = window(30min);
  late.device = std::make_shared<const Device>(std::move(in_test));
  late.message.readings = {Reading{Point::smoke, kNoPort, Quality::good, true}};
  late.arrived_at = kStart + 6s;
  late.seq = 100;
  end_test(street, 0, 5s);
  Batch batch;
  street.partition().receive(late, batch);
  EXPECT_EQ(notices(batch), Texts{"a raised fire_alarm"});
}

TEST(OutOfService, EndsAtItsTimeAndWhatIsThereIsTold) {
  Street street(kRules, {detector(1, "a")});
  street.change(0, 0s, [](Device& device) {
    device.disablement = std::make_shared<Disablement>(Disablement{kStart + 1h, "王芳", "刷漆"});
  });
  EXPECT_TRUE(street.say(0, Point::smoke, true, 1s).notices.empty());
  EXPECT_EQ(notices(street.advance(1h)), Texts{"a announced_again fire_alarm"});
}

TEST(Adopted, WhatWasUnmappedLeavesAndItsAlarmStaysToBeReset) {
  Device unmapped = detector(0x8000'0001u, "?native/x");
  unmapped.address = "x";
  unmapped.mapped = false;
  Street street(kRules, {});
  ToPartition item;
  item.device = std::make_shared<const Device>(unmapped);
  item.message.readings = {Reading{Point::smoke, kNoPort, Quality::good, true}};
  item.arrived_at = kStart + 1s;
  item.seq = 1;
  Batch batch;
  street.partition().receive(item, batch);
  ASSERT_EQ(street.live().size(), 1u);
  Device adopted = detector(1, "hall");
  adopted.address = "x";
  Batch then;
  street.partition().use(
      std::make_shared<const DeviceMap>(std::vector<DevicePtr>{std::make_shared<const Device>(adopted)}), kStart + 2s,
      then);
  ASSERT_EQ(street.live().size(), 1u);
  EXPECT_EQ(street.live().front().state, AlarmState::latched_unacknowledged);
  EXPECT_EQ(street.partition().device_count(), 1u);
}

// Two streets hear the same; in one of them devices are tested now and then. Whenever a device is not in test, its
// conditions are present in both in the same class: no window lost anything, and none touched another device.
TEST(InTest, NoWindowLosesAnAlarm) {
  constexpr std::size_t kDevices = 3;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](unsigned n) { return random() % n; };
    const std::vector<Device> devices{detector(1, "a"), detector(2, "b"), detector(3, "c")};
    Street tested(kRules, devices), plain(kRules, devices);
    std::array<Millis, kDevices> until{};
    Millis now{};
    std::uint32_t no = 0;
    for (int step = 0; step < 150; ++step) {
      now += Millis{1 + below(40'000)};
      const std::size_t who = below(kDevices);
      switch (below(6)) {
        case 0:
          until[who] = now + Millis{1 + below(120'000)};
          begin_test(tested, who, now, until[who], ++no);
          break;
        case 1:
          until[who] = now;
          end_test(tested, who, now);
          break;
        case 2: {
          const double heat = 40.0 + static_cast<double>(below(20));
          tested.say(who, Point::temperature_c, heat, now);
          plain.say(who, Point::temperature_c, heat, now);
          break;
        }
        case 3: {
          const double gas = static_cast<double>(below(80));
          tested.say(who, Point::gas_lel_pct, gas, now);
          plain.say(who, Point::gas_lel_pct, gas, now);
          break;
        }
        default: {
          const bool smoke = below(2) == 0;
          const Point point = below(4) == 0 ? Point::battery_low : Point::smoke;
          tested.say(who, point, smoke, now);
          plain.say(who, point, smoke, now);
        }
      }
      tested.advance(now);
      plain.advance(now);
      for (std::size_t i = 0; i < kDevices; ++i) {
        if (until[i] > now) continue;
        const auto of = [&](const Street& street) {
          Texts list = street.present();
          std::erase_if(list, [&](const std::string& line) { return !line.starts_with(devices[i].id + " "); });
          return list;
        };
        ASSERT_EQ(of(tested), of(plain)) << "seed " << seed << ", step " << step << ", device " << devices[i].id;
      }
    }
  }
}

}  // namespace
}  // namespace firegate::partition
