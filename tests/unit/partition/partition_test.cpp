// One partition: a message's way through it, timers, restarts, people. Time is explicit; nothing waits.
#include "partition/partition.h"

#include <gtest/gtest.h>

#include "settings/yaml.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

constexpr std::string_view kRules = R"(
rules:
  - {id: smoke_alarm, kinds: [smoke_detector], class: fire_alarm, text: {zh: 烟雾报警, en: Smoke}, source: our choice,
     when: {any: [{point: smoke, is: true}]}}
  - {id: port_hot, kinds: [charging_station], class: pre_alarm, text: {zh: 端口过热, en: Port hot}, source: our choice,
     when: {any: [{point: port_temperature_c, at_least: 65, clears_below: 60}]}, on_delay: 10s}
  - {id: smoke_stop, kinds: [charging_station], class: fire_alarm, text: {zh: 烟雾停充, en: Smoke stop}, source: our choice,
     when: {any: [{point: stop_reason, is: smoke}]}}
  - {id: lost, kinds: [smoke_detector, charging_station], class: fault, text: {zh: 失联, en: Lost}, source: our choice,
     when: {not_heard: {offline_delay: 60s}}}
)";

rules::RuleSetPtr rules_from(std::string_view text) {
  Problems problems;
  auto rules = rules::parse({settings::parse_yaml(text, "rules.yaml", problems)}, problems);
  for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
  return rules;
}

PlacePtr place(std::string zone) {
  Place made;
  made.estate = {"jx", "锦绣苑"};
  made.building = {"b1", "1号楼"};
  made.zone = {std::move(zone), "zone"};
  return std::make_shared<const Place>(std::move(made));
}

DevicePtr device(DeviceNo no, std::string id, DeviceKind kind, Millis interval = 60s, std::string zone = "z1") {
  Device made;
  made.no = no;
  made.id = id;
  made.address = std::move(id);
  made.source = made.format = "native";
  made.kind = kind;
  made.interval = interval;
  made.place = place(std::move(zone));
  return std::make_shared<const Device>(std::move(made));
}

struct Rig {
  DevicePtr smoke_1 = device(1, "smoke-1", DeviceKind::smoke_detector);
  DevicePtr smoke_2 = device(2, "smoke-2", DeviceKind::smoke_detector);
  DevicePtr charger = device(3, "charger", DeviceKind::charging_station);
  DeviceMapPtr map = std::make_shared<const DeviceMap>(std::vector<DevicePtr>{smoke_1, smoke_2, charger});
  rules::RuleSetPtr rules = rules_from(kRules);
  Restored restored;
  std::unique_ptr<Partition> partition;
  InboxSeq last_seq = 0;
  Batch all;  // everything the partition has said so far

  Rig() { start(kStart); }
  void start(Instant now) {
    partition = std::make_unique<Partition>([](std::string_view) { return true; }, rules, map, restored, now);
  }

  ToPartition message(const DevicePtr& from, std::vector<Reading> readings, Instant at,
                      MessageKind kind = MessageKind::snapshot) {
    ToPartition item;
    item.device = from;
    item.message.address = from->address;
    item.message.kind = kind;
    item.message.readings = std::move(readings);
    item.arrived_at = at;
    item.seq = ++last_seq;
    return item;
  }
  Batch say(const DevicePtr& from, Point point, Value value, Instant at, Port port = kNoPort,
            MessageKind kind = MessageKind::snapshot) {
    return receive(message(from, {Reading{point, port, Quality::good, std::move(value)}}, at, kind));
  }
  Batch receive(const ToPartition& item) {
    Batch batch;
    partition->receive(item, batch);
    partition->close(batch);
    remember(batch);
    return batch;
  }
  Batch advance(Instant now) {
    Batch batch;
    partition->advance(now, batch);
    partition->close(batch);
    remember(batch);
    return batch;
  }
  Result<Alarm> act(ActKind kind, AlarmId alarm, Instant now, std::optional<Verdict> verdict = std::nullopt) {
    Batch batch;
    Act made{kind, alarm, "王芳", "desk", "", verdict, std::nullopt};
    auto result = partition->act(made, now, batch);
    partition->close(batch);
    remember(batch);
    return result;
  }
  // What the store would give back after everything said so far was committed.
  void commit() {
    restored = Restored{};
    std::map<AlarmId, Alarm> alarms;
    for (const Alarm& alarm : all.alarms) alarms[alarm.id] = alarm;
    for (const auto& [id, alarm] : alarms) {
      if (alarm.state != AlarmState::normal) restored.alarms.push_back(alarm);
    }
    restored.devices = all.devices;
    restored.values = all.readings;
    std::map<std::string, RuleStateRow> states;
    for (const RuleStateRow& row : all.rule_states) states[row.device + "/" + row.rule + std::to_string(row.port)] = row;
    for (const auto& [key, row] : states) restored.rule_states.push_back(row);
    restored.positions = all.positions;
    for (const RetainedFireRow& row : all.retained_fires) {
      if (row.forget) {
        std::erase_if(restored.retained_fires, [&](const auto& known) { return known.subject == row.subject; });
      } else {
        restored.retained_fires.push_back(row);
      }
    }
  }
  std::vector<Alarm> live() const {
    std::vector<Alarm> alarms;
    partition->live_alarms(alarms);
    return alarms;
  }

 private:
  void remember(Batch batch) { all.append(std::move(batch)); }
};

TEST(Partition, RaisesAFireFromADetectorsOwnWord) {
  Rig rig;
  const Batch batch = rig.say(rig.smoke_1, Point::smoke, true, kStart + 1s);
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_TRUE(batch.urgent);
  const Alarm& alarm = batch.alarms[0];
  EXPECT_EQ(alarm.alarm_class, AlarmClass::fire_alarm);
  EXPECT_EQ(alarm.state, AlarmState::unacknowledged);
  EXPECT_EQ(alarm.subject.text(), "smoke-1");
  EXPECT_EQ(alarm.first_raised_at, kStart + 1s);
  EXPECT_EQ(alarm.id, alarm_id("smoke_alarm", "smoke-1", kStart + 1s));
  ASSERT_EQ(batch.notices.size(), 1u);
  EXPECT_EQ(batch.notices[0].kind, NoticeKind::raised);
}

TEST(Partition, ARepeatedValueIsASignOfLifeOnly) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, true, kStart + 1s);
  const Batch again = rig.say(rig.smoke_1, Point::smoke, true, kStart + 5s);
  EXPECT_TRUE(again.alarms.empty());
  EXPECT_FALSE(again.urgent);
  ASSERT_EQ(again.devices.size(), 1u);
  EXPECT_EQ(again.devices[0].last_heard, kStart + 5s);
}

TEST(Partition, AFireStaysUntilAcknowledgedJudgedAndReset) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, true, kStart + 1s);
  const AlarmId id = rig.live().at(0).id;
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 20s);
  EXPECT_EQ(rig.live().at(0).state, AlarmState::latched_unacknowledged);
  EXPECT_EQ(rig.act(ActKind::reset, id, kStart + 21s).error().code, ErrorCode::refused);
  EXPECT_EQ(rig.act(ActKind::acknowledge, id, kStart + 62s)->state, AlarmState::latched_acknowledged);
  EXPECT_EQ(rig.act(ActKind::reset, id, kStart + 63s).error().code, ErrorCode::refused);
  EXPECT_TRUE(rig.act(ActKind::verdict, id, kStart + 64s, Verdict::cooking));
  EXPECT_EQ(rig.act(ActKind::reset, id, kStart + 65s)->state, AlarmState::normal);
  for (const Alarm& alarm : rig.live()) EXPECT_NE(alarm.id, id);
}

TEST(Partition, ASecondDetectorOfTheZoneConfirms) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, true, kStart + 1s);
  rig.act(ActKind::acknowledge, rig.live().at(0).id, kStart + 2s);
  rig.say(rig.smoke_2, Point::smoke, true, kStart + 3s);
  for (const Alarm& alarm : rig.live()) {
    EXPECT_EQ(alarm.state, AlarmState::unacknowledged) << alarm.subject.text();
    EXPECT_EQ(alarm.confirmation, Confirmation::confirmed) << alarm.subject.text();
  }
}

TEST(Partition, AnOnDelayFiresAtItsDeadlineNotWhenSomebodyLooks) {
  Rig rig;
  EXPECT_TRUE(rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 4).alarms.empty());
  EXPECT_EQ(rig.partition->next_deadline(), kStart + 11s);
  EXPECT_TRUE(rig.advance(kStart + 10s).alarms.empty());
  const Batch batch = rig.advance(kStart + 30s);
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_EQ(batch.alarms[0].first_raised_at, kStart + 11s);
  EXPECT_EQ(batch.alarms[0].subject.text(), "charger/4");
}

TEST(Partition, ATimerDueFiresBeforeAMessageOfALaterTime) {
  Rig rig;
  rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 4);
  // The message says that it is cool again, but only after the delay had run out.
  const Batch batch = rig.say(rig.charger, Point::port_temperature_c, 40.0, kStart + 12s, 4);
  ASSERT_EQ(batch.journal.size(), 2u);
  EXPECT_EQ(batch.journal[0].to, label(AlarmState::unacknowledged));
  EXPECT_EQ(batch.journal[0].at, kStart + 11s);
  EXPECT_EQ(batch.journal[1].to, label(AlarmState::returned_unacknowledged));
  EXPECT_EQ(batch.journal[1].at, kStart + 12s);
}

TEST(Partition, ADelayThatCameDueWhileTheDeviceWasSilentIsDecidedWhenItSpeaks) {
  Rig rig;
  rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 4);
  rig.commit();
  rig.start(kStart + 1h);  // we were away: the value is an hour old
  EXPECT_TRUE(rig.advance(kStart + 1h + 1s).alarms.empty());
  const Batch batch = rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1h + 2s, 4);
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_EQ(batch.alarms[0].rule, "port_hot");
}

TEST(Partition, PortsAreJudgedOneByOne) {
  Rig rig;
  rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 1);
  rig.say(rig.charger, Point::port_temperature_c, 30.0, kStart + 2s, 2);
  rig.advance(kStart + 20s);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].subject.text(), "charger/1");
}

TEST(Partition, APulseRaisesAndClearsAtOnce) {
  Rig rig;
  const Batch batch = rig.say(rig.charger, Point::stop_reason, choice_value(Point::stop_reason, "smoke"), kStart + 1s, 2,
                              MessageKind::event);
  ASSERT_FALSE(batch.alarms.empty());
  EXPECT_EQ(rig.live().at(0).state, AlarmState::latched_unacknowledged);
  EXPECT_EQ(rig.live().at(0).alarm_class, AlarmClass::fire_alarm);
}

TEST(Partition, ADeviceThatFallsSilentIsLostAndComesBack) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 1s);
  rig.say(rig.smoke_2, Point::smoke, false, kStart + 1s);
  rig.say(rig.charger, Point::power_w, 5.0, kStart + 1s, 1);
  EXPECT_EQ(rig.partition->online_count(), 3u);
  rig.say(rig.smoke_2, Point::smoke, false, kStart + 120s);
  rig.say(rig.charger, Point::power_w, 5.0, kStart + 120s, 1);
  rig.advance(kStart + 200s);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].rule, "lost");
  EXPECT_EQ(rig.live()[0].subject.text(), "smoke-1");
  EXPECT_EQ(rig.partition->online_count(), 2u);
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 210s);
  EXPECT_EQ(rig.live().at(0).state, AlarmState::returned_unacknowledged);
  EXPECT_EQ(rig.partition->online_count(), 3u);
}

TEST(Partition, ADeviceThatNeverSpokeIsNoticedToo) {
  Rig rig;
  rig.advance(kStart + 10min);
  EXPECT_EQ(rig.live().size(), 3u);
  for (const Alarm& alarm : rig.live()) EXPECT_EQ(alarm.rule, "lost");
  EXPECT_EQ(rig.partition->one("smoke-1")->presence, Presence::never_heard);
}

TEST(Partition, ARestartKeepsAlarmsAndDoesNotApplyCommittedMessagesAgain) {
  Rig rig;
  const ToPartition raise = rig.message(rig.smoke_1, {{Point::smoke, kNoPort, Quality::good, true}}, kStart + 1s);
  rig.receive(raise);
  const ToPartition clear = rig.message(rig.smoke_1, {{Point::smoke, kNoPort, Quality::good, false}}, kStart + 5s);
  rig.receive(clear);
  rig.act(ActKind::acknowledge, rig.live().at(0).id, kStart + 6s);
  rig.commit();
  const Alarm before = rig.live().at(0);

  rig.start(kStart + 20s);
  ASSERT_EQ(rig.live().size(), 1u);
  rig.receive(raise);  // the inbox is replayed from the last position
  rig.receive(clear);
  const Alarm after = rig.live().at(0);
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(after.state, AlarmState::latched_acknowledged);
  EXPECT_EQ(after.occurrences, before.occurrences);
  EXPECT_EQ(after.acknowledged_by, "王芳");
}

ToPartition with_raw(ToPartition item, std::string payload) {
  RawCopy raw{item.arrived_at, item.device->source, "t/x", std::move(payload), 0, false};
  raw.bytes = raw.payload.size();
  item.raw = std::make_shared<const RawCopy>(std::move(raw));
  return item;
}

TEST(Partition, AMessageThatIsKeptAsItCameIsRecordedWithItsDevice) {
  Rig rig;
  const std::vector<Reading> quiet{{Point::smoke, kNoPort, Quality::good, false}};
  const ToPartition item = with_raw(rig.message(rig.smoke_1, quiet, kStart + 1s), "{}");
  const Batch batch = rig.receive(item);
  ASSERT_EQ(batch.raws.size(), 1u);
  EXPECT_EQ(batch.raws[0].device, "smoke-1");
  EXPECT_EQ(batch.raws[0].raw, item.raw) << "handed on, not copied";
  EXPECT_FALSE(batch.urgent);
  EXPECT_TRUE(rig.receive(rig.message(rig.smoke_1, quiet, kStart + 2s)).raws.empty());
}

TEST(Partition, ARestartRecordsNoMessageTwice) {
  Rig rig;
  const std::vector<Reading> quiet{{Point::smoke, kNoPort, Quality::good, false}};
  const ToPartition before = with_raw(rig.message(rig.smoke_1, quiet, kStart + 1s), "before");
  rig.receive(before);
  rig.commit();
  rig.start(kStart + 20s);
  EXPECT_TRUE(rig.receive(before).raws.empty());
  EXPECT_EQ(rig.receive(with_raw(rig.message(rig.smoke_1, quiet, kStart + 21s), "after")).raws.size(), 1u);
}

TEST(Partition, ARestartKeepsARunningDelay) {
  Rig rig;
  rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 4);
  rig.commit();
  rig.start(kStart + 5s);
  rig.say(rig.charger, Point::port_temperature_c, 71.0, kStart + 6s, 4);
  const Batch batch = rig.advance(kStart + 12s);
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_EQ(batch.alarms[0].first_raised_at, kStart + 11s);
}

TEST(Partition, ARestartAfterALongAbsenceLosesNobodyAtOnce) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 1s);
  rig.commit();
  rig.start(kStart + 24h);
  rig.advance(kStart + 24h + 30s);
  EXPECT_TRUE(rig.live().empty());
  rig.advance(kStart + 24h + 10min);
  EXPECT_EQ(rig.live().size(), 3u);
}

TEST(Partition, ARetainedFireIsRaisedOnceAsUnverified) {
  Rig rig;
  ToPartition item = rig.message(rig.smoke_1, {{Point::smoke, kNoPort, Quality::good, true}}, kStart + 1s);
  item.retained = true;
  rig.receive(item);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].confirmation, Confirmation::unverified);
  const AlarmId id = rig.live()[0].id;
  rig.act(ActKind::acknowledge, id, kStart + 2s);
  rig.commit();

  for (int restart = 1; restart <= 10; ++restart) {
    rig.start(kStart + std::chrono::minutes(restart));
    ToPartition again = item;
    again.seq = ++rig.last_seq;
    again.arrived_at = kStart + std::chrono::minutes(restart) + 1s;
    rig.receive(again);
    ASSERT_EQ(rig.live().size(), 1u) << restart;
    EXPECT_EQ(rig.live()[0].id, id);
    EXPECT_EQ(rig.live()[0].state, AlarmState::acknowledged);
  }
  rig.say(rig.smoke_1, Point::smoke, true, kStart + 20min);
  EXPECT_EQ(rig.live()[0].state, AlarmState::unacknowledged) << "a live fire on the same subject still alarms";
}

TEST(Partition, ARetainedFireCountsAgainAfterALiveAllClear) {
  Rig rig;
  ToPartition item = rig.message(rig.smoke_1, {{Point::smoke, kNoPort, Quality::good, true}}, kStart + 1s);
  item.retained = true;
  rig.receive(item);
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 60s);
  EXPECT_EQ(rig.live().at(0).state, AlarmState::latched_unacknowledged);
  EXPECT_TRUE(rig.all.retained_fires.back().forget);
  rig.commit();
  rig.start(kStart + 1h);
  item.seq = ++rig.last_seq;
  item.arrived_at = kStart + 1h + 1s;
  rig.receive(item);
  EXPECT_EQ(rig.live().at(0).state, AlarmState::unacknowledged);
}

TEST(Partition, AnUnmappedDeviceAlarmsOnlyWhenLivesAreInDanger) {
  Rig rig;
  Device stranger = *rig.smoke_1;
  stranger.no = 0x80000001;
  stranger.id = "?native/stranger";
  stranger.mapped = false;
  Place pseudo;
  pseudo.building = {"unmapped:native", "unmapped:native"};
  stranger.place = std::make_shared<const Place>(pseudo);
  const auto unmapped = std::make_shared<const Device>(stranger);
  rig.say(unmapped, Point::smoke, true, kStart + 1s);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].confirmation, Confirmation::unverified);
  EXPECT_FALSE(rig.live()[0].subject.mapped);
  rig.say(rig.smoke_1, Point::smoke, false, kStart + 5s);
  rig.say(rig.smoke_2, Point::smoke, false, kStart + 5s);
  rig.say(rig.charger, Point::power_w, 5.0, kStart + 5s, 1);
  rig.advance(kStart + 2min);
  EXPECT_EQ(rig.live().size(), 1u) << "nobody expects an unmapped device to speak again";
}

TEST(Partition, HistoricalAndSimulatedValuesRaiseNothing) {
  Rig rig;
  for (const Quality quality : {Quality::historical, Quality::simulated, Quality::bad}) {
    rig.receive(rig.message(rig.smoke_1, {{Point::smoke, kNoPort, quality, true}}, kStart + 1s));
  }
  EXPECT_TRUE(rig.live().empty());
}

TEST(Partition, AFaultOfOurOwnIsAnAlarmAndClears) {
  Rig rig;
  Batch batch;
  rig.partition->self_fault(SelfFaultCode::canary_late, "", "35 s", true, kStart + 1s, batch);
  rig.partition->self_fault(SelfFaultCode::canary_late, "", "36 s", true, kStart + 2s, batch);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].rule, "self_canary_late");
  EXPECT_EQ(rig.live()[0].alarm_class, AlarmClass::fault);
  EXPECT_EQ(rig.live()[0].occurrences, 1u);
  rig.partition->self_fault(SelfFaultCode::canary_late, "", "", false, kStart + 9s, batch);
  EXPECT_EQ(rig.live()[0].state, AlarmState::returned_unacknowledged);
}

TEST(Partition, ADisabledDeviceIsKeptQuietAndSpeaksUpAfterwards) {
  Rig rig;
  Device disabled = *rig.smoke_1;
  disabled.disablement = std::make_shared<Disablement>(Disablement{kStart + 4h, "李强", "装修"});
  const auto quiet = std::make_shared<const Device>(disabled);
  Batch batch;
  rig.partition->use(std::make_shared<const DeviceMap>(std::vector<DevicePtr>{quiet, rig.smoke_2, rig.charger}), kStart + 1s,
                     batch);
  const Batch raised = rig.say(quiet, Point::smoke, true, kStart + 2s);
  EXPECT_TRUE(raised.notices.empty());
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_TRUE(rig.live()[0].overlays.has(Overlay::out_of_service));
  Batch enabled;
  rig.partition->use(rig.map, kStart + 3s, enabled);
  ASSERT_EQ(enabled.notices.size(), 1u);
  EXPECT_FALSE(rig.live()[0].overlays.any());
}

TEST(Partition, ARemovedDevicesConditionsEnd) {
  Rig rig;
  rig.say(rig.charger, Point::port_temperature_c, 70.0, kStart + 1s, 4);
  rig.advance(kStart + 15s);
  ASSERT_EQ(rig.live().size(), 1u);
  Batch batch;
  rig.partition->use(std::make_shared<const DeviceMap>(std::vector<DevicePtr>{rig.smoke_1, rig.smoke_2}), kStart + 20s, batch);
  EXPECT_EQ(rig.live().at(0).state, AlarmState::returned_unacknowledged);
  EXPECT_EQ(rig.partition->device_count(), 2u);
}

TEST(Partition, NewRulesKeepAlarmsInProgress) {
  Rig rig;
  rig.say(rig.smoke_1, Point::smoke, true, kStart + 1s);
  const AlarmId id = rig.live().at(0).id;
  Batch batch;
  rig.partition->use(rules_from(kRules), kStart + 2s, batch);
  ASSERT_EQ(rig.live().size(), 1u);
  EXPECT_EQ(rig.live()[0].id, id);
  EXPECT_EQ(rig.live()[0].state, AlarmState::unacknowledged);
}

TEST(Partition, UnchangedValuesAreKeptOnceAQuarterHour) {
  Rig rig;
  std::size_t rows = 0;
  for (auto at = kStart; at < kStart + 1h; at += 30s) {
    rows += rig.say(rig.charger, Point::power_w, 100.0, at, 1).readings.size();
  }
  EXPECT_EQ(rows, 4u);
}

TEST(Partition, TheSameInputGivesTheSameBatches) {
  const auto run = [] {
    Rig rig;
    std::string said;
    for (int i = 0; i < 500; ++i) {
      const auto at = kStart + std::chrono::seconds(i * 7);
      const DevicePtr& from = i % 3 == 0 ? rig.smoke_1 : i % 3 == 1 ? rig.smoke_2 : rig.charger;
      const Batch batch = i % 3 == 2 ? rig.say(from, Point::port_temperature_c, 40.0 + (i * 31 % 50), at, static_cast<Port>(i % 4))
                                     : rig.say(from, Point::smoke, i * 7 % 11 == 0, at);
      for (const JournalEntry& entry : batch.journal) said += to_text(entry.at) + entry.kind + entry.subject + entry.to + to_text(entry.alarm);
    }
    return said;
  };
  const std::string first = run();
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, run());
}

}  // namespace
}  // namespace firegate::partition
