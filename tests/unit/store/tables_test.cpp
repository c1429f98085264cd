#include <fmt/format.h>

#include <set>

#include "store/queries.h"
#include "store/retention.h"
#include "store/store.h"
#include "store/tables/alarms.h"
#include "store/tables/journal.h"
#include "store/tables/notices.h"
#include "store/tables/places.h"
#include "store/tables/raw_messages.h"
#include "store/tables/readings.h"
#include "store/tables/state.h"
#include "unit/store/support.h"

namespace firegate::store {
namespace {

using namespace store_test;

class Tables : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open(dir_.file());
    ASSERT_TRUE(opened) << opened.error().message;
    database_.emplace(std::move(*opened));
  }
  Database& db() { return *database_; }
  std::unique_ptr<Archive> archive() { return std::move(*SqliteArchive::open(dir_.file())); }

  TempDir dir_;
  std::optional<Database> database_;
};

TEST_F(Tables, AlarmKeepsEveryField) {
  const Alarm alarm = full_alarm(0xF0E1'D2C3'B4A5'9687);
  ASSERT_TRUE(alarms::save(db(), alarm));
  expect_same(*archive()->alarm(alarm.id), alarm);
}

TEST_F(Tables, AlarmWithoutOptionalFieldsComesBackWithoutThem) {
  Alarm alarm;
  alarm.id = AlarmId{7};
  alarm.subject.place = std::make_shared<Place>();
  ASSERT_TRUE(alarms::save(db(), alarm));
  expect_same(*alarms::load(db(), alarm.id), alarm);
}

template <typename Enum, typename Set>
void expect_all_values(Database& database, Set set) {
  for (std::size_t i = 0; i < label_count<Enum>(); ++i) {
    Alarm alarm = full_alarm(1);
    set(alarm, static_cast<Enum>(i));
    ASSERT_TRUE(alarms::save(database, alarm));
    expect_same(*alarms::load(database, alarm.id), alarm);
  }
}

TEST_F(Tables, AlarmKeepsEveryValueOfEveryEnum) {
  expect_all_values<AlarmClass>(db(), [](Alarm& alarm, AlarmClass value) { alarm.alarm_class = value; });
  expect_all_values<AlarmState>(db(), [](Alarm& alarm, AlarmState value) { alarm.state = value; });
  expect_all_values<Confirmation>(db(), [](Alarm& alarm, Confirmation value) { alarm.confirmation = value; });
  expect_all_values<Verdict>(db(), [](Alarm& alarm, Verdict value) { alarm.verdict = value; });
  expect_all_values<DeviceKind>(db(), [](Alarm& alarm, DeviceKind value) { alarm.subject.kind = value; });
  expect_all_values<Overlay>(db(), [](Alarm& alarm, Overlay value) {
    alarm.overlays = {};
    alarm.overlays.set(value);
  });
}

TEST_F(Tables, UnknownAlarmIsNotFound) { EXPECT_EQ(archive()->alarm(AlarmId{99}).error().code, ErrorCode::not_found); }

TEST_F(Tables, OnlyLiveAlarmsAreRestored) {
  ASSERT_TRUE(alarms::save(db(), full_alarm(1)));
  ASSERT_TRUE(alarms::save(db(), ended_alarm(2)));
  const auto restored = load(db());
  ASSERT_EQ(restored->alarms.size(), 1u);
  EXPECT_EQ(restored->alarms[0].id, AlarmId{1});
}

TEST_F(Tables, NormalAlarmIsRestoredWhileAnOverlayIsLeft) {
  Alarm alarm = full_alarm(1);
  alarm.state = AlarmState::normal;
  for (std::size_t i = 0; i < label_count<Overlay>(); ++i) {
    alarm.overlays = {};
    alarm.overlays.set(static_cast<Overlay>(i));
    ASSERT_TRUE(alarms::save(db(), alarm));
    const auto restored = load(db());
    ASSERT_EQ(restored->alarms.size(), 1u) << Labels<Overlay>::list[i];
    expect_same(restored->alarms[0], alarm);
  }
  alarm.overlays = {};
  ASSERT_TRUE(alarms::save(db(), alarm));
  EXPECT_TRUE(load(db())->alarms.empty());
}

TEST_F(Tables, LiveAlarmsAreFoundByTheirIndex) {
  auto plan = db().query(fmt::format("EXPLAIN QUERY PLAN SELECT id FROM alarms WHERE {}", alarms::kIsLive));
  ASSERT_TRUE(*plan.next());
  for (int column = 0; column < 3; ++column) plan.integer();
  EXPECT_NE(plan.text().find("alarms_live"), std::string::npos);
}

TEST_F(Tables, JournalKeepsEveryFieldInOrder) {
  JournalEntry first{at(1), "raise", AlarmId{5}, "garage-03/4", "normal", "unacknowledged", "system", "", "烟雾"};
  first.name = "网关";
  first.address = "local";
  JournalEntry second = first;
  second.kind = "acknowledge";
  second.who = "王芳";
  second.post = "desk-1";
  second.at = at(0);  // the order is that of writing, not of the clock
  ASSERT_TRUE(journal::append(db(), first));
  ASSERT_TRUE(journal::append(db(), second));
  const auto entries = archive()->timeline(AlarmId{5});
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].why, "烟雾");
  EXPECT_EQ((*entries)[0].name, "网关");
  EXPECT_EQ((*entries)[0].address, "local");
  EXPECT_EQ((*entries)[0].subject, "garage-03/4");
  EXPECT_EQ((*entries)[0].from, "normal");
  EXPECT_EQ((*entries)[0].to, "unacknowledged");
  EXPECT_EQ((*entries)[1].who, "王芳");
  EXPECT_EQ((*entries)[1].post, "desk-1");
  EXPECT_EQ((*entries)[1].at, at(0));
}

TEST_F(Tables, JournalCannotBeChanged) {
  ASSERT_TRUE(journal::append(db(), {at(1), "raise", AlarmId{5}, "d", "", "", "", "", ""}));
  EXPECT_FALSE(db().execute("UPDATE journal SET who = 'somebody'"));
}

TEST_F(Tables, NoticeIsUndeliveredUntilRoutedAndSent) {
  const Notice notice{NoticeKind::confirmed, at(20), full_alarm(3)};
  ASSERT_TRUE(notices::append(db(), notice));
  auto undelivered = notices::undelivered(db());
  ASSERT_EQ(undelivered->unrouted.size(), 1u);
  EXPECT_EQ(undelivered->unrouted[0].kind, NoticeKind::confirmed);
  EXPECT_EQ(undelivered->unrouted[0].at, at(20));
  expect_same(undelivered->unrouted[0].alarm, notice.alarm);

  const std::vector<std::string> channels{"station", "phone"};
  ASSERT_TRUE(notices::route(db(), notice.key(), channels, at(21)));
  ASSERT_TRUE(notices::record(db(), {notice.key(), "phone", "sent", 2, at(22), "好"}));
  undelivered = notices::undelivered(db());
  EXPECT_TRUE(undelivered->unrouted.empty());
  ASSERT_EQ(undelivered->waiting.size(), 1u);
  EXPECT_EQ(undelivered->waiting[0].channel, "station");
  expect_same(undelivered->waiting[0].notice.alarm, notice.alarm);

  const auto rows = archive()->deliveries(AlarmId{3});
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].channel, "phone");
  EXPECT_EQ((*rows)[0].state, "sent");
  EXPECT_EQ((*rows)[0].attempts, 2u);
  EXPECT_EQ((*rows)[0].at, at(22));
  EXPECT_EQ((*rows)[0].detail, "好");
}

TEST_F(Tables, NoticeOfTheSameKeyIsKeptOnce) {
  const Notice notice{NoticeKind::raised, at(20), full_alarm(3)};
  ASSERT_TRUE(notices::append(db(), notice));
  ASSERT_TRUE(notices::append(db(), notice));
  EXPECT_EQ(notices::undelivered(db())->unrouted.size(), 1u);
}

TEST_F(Tables, StateRowsComeBackAndTheLastOneWins) {
  const std::string bytes("a\0b\xFF", 4);
  ASSERT_TRUE(state::save(db(), DeviceRow{"烟感-1", at(1), "a1b2", 1}));
  ASSERT_TRUE(state::save(db(), DeviceRow{"烟感-1", at(2), "c3", ~std::uint64_t{0}}));
  ASSERT_TRUE(state::save(db(), RuleStateRow{"d", 3, "r", "old"}));
  ASSERT_TRUE(state::save(db(), RuleStateRow{"d", 3, "r", "since=12"}));
  ASSERT_TRUE(state::save(db(), RuleStateRow{"d", 4, "r", "x"}));
  ASSERT_TRUE(state::save(db(), RuleStateRow{"d", 4, "r", ""}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"d/1", Point::smoke}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"d/1", Point::smoke}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"d/2", Point::smoke}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"d/2", Point::heat}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"d/2", Point::smoke, true}));
  ASSERT_TRUE(state::save(db(), RetainedFireRow{"never-raised", Point::smoke, true}));
  ASSERT_TRUE(state::save(db(), LinkRow{"z2m", {"model", bytes}}));
  ASSERT_TRUE(state::save(db(), LinkRow{"z2m", {"gone", "x"}}));
  ASSERT_TRUE(state::save(db(), LinkRow{"z2m", {"gone", ""}}));
  ASSERT_TRUE(state::save(db(), Position{"b1", "native", 41}));
  ASSERT_TRUE(state::save(db(), Position{"b1", "native", 42}));
  ASSERT_TRUE(state::set_fact(db(), state::kInboxPosition, 40));

  const auto restored = load(db());
  ASSERT_EQ(restored->devices.size(), 1u);
  EXPECT_EQ(restored->devices[0].device, "烟感-1");
  EXPECT_EQ(restored->devices[0].last_heard, at(2));
  EXPECT_EQ(restored->devices[0].boot, "c3");
  EXPECT_EQ(restored->devices[0].seq, ~std::uint64_t{0});
  ASSERT_EQ(restored->rule_states.size(), 1u);
  EXPECT_EQ(restored->rule_states[0].port, 3);
  EXPECT_EQ(restored->rule_states[0].state, "since=12");
  ASSERT_EQ(restored->retained_fires.size(), 2u);
  EXPECT_EQ(restored->retained_fires[0].subject, "d/1");
  EXPECT_EQ(restored->retained_fires[0].point, Point::smoke);
  EXPECT_EQ(restored->retained_fires[1].subject, "d/2");
  EXPECT_EQ(restored->retained_fires[1].point, Point::heat);
  ASSERT_EQ(restored->links.size(), 1u);
  EXPECT_EQ(restored->links[0].learned.bytes, bytes);
  ASSERT_EQ(restored->positions.size(), 1u);
  EXPECT_EQ(restored->positions[0].seq, 42u);
  EXPECT_EQ(restored->inbox_position, 40u);
}

TEST_F(Tables, PlacesAndDevicesComeBackAndShareTheirPlace) {
  places::Places given;
  auto estate = std::make_shared<Place>();
  estate->estate = {"jinxiu", "锦绣苑"};
  auto building = std::make_shared<Place>(*estate);
  building->building = {"b1", "1号楼"};
  building->occupancy = 1;
  auto zone = std::make_shared<Place>(*building);
  zone->floor = {"f3", "3层"};
  zone->zone = {"z", "走廊"};
  given.places = {estate, building, zone};
  Device device;
  device.id = "b1-301-smoke";
  device.kind = DeviceKind::multi_detector;
  device.source = "z2m";
  device.format = "zigbee2mqtt";
  device.address = "三楼 烟感";
  device.model = "heiman/hs1sa";
  device.name = "301室烟感";
  device.note = "注";
  device.interval = Millis{5000};
  device.place = zone;
  device.disablement = std::make_shared<Disablement>(Disablement{at(5), "王芳", "装修"});
  given.devices = {device};
  {
    auto transaction = Transaction::begin(db());
    ASSERT_TRUE(places::replace_all(*transaction, given));
    ASSERT_TRUE(transaction->commit());
  }
  const auto back = places::load(db());
  ASSERT_EQ(back->places.size(), 3u);
  EXPECT_EQ(back->places[1]->building.name, "1号楼");
  EXPECT_EQ(back->places[1]->occupancy, 1);
  EXPECT_EQ(back->places[2]->estate.name, "锦绣苑");
  EXPECT_EQ(back->places[2]->building.name, "1号楼");
  ASSERT_EQ(back->devices.size(), 1u);
  const Device& got = back->devices[0];
  EXPECT_EQ(got.place, back->places[2]);
  EXPECT_EQ(got.id, device.id);
  EXPECT_EQ(got.kind, device.kind);
  EXPECT_EQ(got.source, device.source);
  EXPECT_EQ(got.format, device.format);
  EXPECT_EQ(got.address, device.address);
  EXPECT_EQ(got.model, device.model);
  EXPECT_EQ(got.name, device.name);
  EXPECT_EQ(got.note, device.note);
  EXPECT_EQ(got.interval, device.interval);
  ASSERT_TRUE(got.disablement);
  EXPECT_EQ(got.disablement->until, at(5));
  EXPECT_EQ(got.disablement->reason, "装修");
}

TEST_F(Tables, ReplacingPlacesIsAllOrNothing) {
  Device device;
  device.id = "a";
  device.place = place();
  {
    auto transaction = Transaction::begin(db());
    ASSERT_TRUE(places::replace_all(*transaction, {{place()}, {device}}));
    ASSERT_TRUE(transaction->commit());
  }
  Device twin = device;
  twin.id = "b";  // the same address: refused
  {
    auto transaction = Transaction::begin(db());
    EXPECT_EQ(places::replace_all(*transaction, {{}, {device, twin}}).error().code, ErrorCode::bad_input);
  }
  EXPECT_EQ(places::load(db())->devices.size(), 1u);
  EXPECT_EQ(places::load(db())->places.size(), 1u);
}

TEST_F(Tables, SeriesRunsOverDaysAndKinds) {
  ReadingLog log;
  const auto day = std::chrono::hours{24};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(log.append(db(), reading("d1", Point::temperature_c, 20.0 + i, at(0) + i * day)));
    ASSERT_TRUE(log.append(db(), reading("d2", Point::temperature_c, 50.0 + i, at(1) + i * day)));
    ASSERT_TRUE(log.append(db(), reading("d1", Point::smoke, i % 2 == 0, at(2) + i * day)));
  }
  EXPECT_EQ(reading_days(db())->size(), 8u);
  const auto some = archive()->series("d1", Point::temperature_c, kNoPort, at(0) + day, at(0) + 2 * day);
  ASSERT_EQ(some->size(), 2u);
  EXPECT_EQ((*some)[0].value, Value{21.0});
  EXPECT_EQ((*some)[1].value, Value{22.0});
  EXPECT_EQ((*some)[1].at, at(0) + 2 * day);
  EXPECT_EQ(archive()->series("d1", Point::smoke, kNoPort, at(0), at(0) + 9 * day)->size(), 4u);
  EXPECT_TRUE(archive()->series("nobody", Point::smoke, kNoPort, at(0), at(9))->empty());
}

TEST_F(Tables, EachReadingComesByArrivalOverDaysKindsAndPages) {
  ReadingLog log;
  const auto day = std::chrono::hours{24};
  {
    auto transaction = Transaction::begin(db());
    for (int i = 0; i < kReadingPage + 5; ++i) {
      ASSERT_TRUE(log.append(db(), reading("d1", Point::temperature_c, 1.0 * i, at(2 * i))));
    }
    ASSERT_TRUE(log.append(db(), reading("d2", Point::smoke, true, at(5))));
    ASSERT_TRUE(log.append(db(), reading("d1", Point::temperature_c, -1.0, at(0) + day)));
    ASSERT_TRUE(transaction->commit());
  }
  std::vector<ReadingRow> all;
  const auto keep = [&all](const ReadingRow& row) {
    all.push_back(row);
    return true;
  };
  ASSERT_TRUE(archive()->each_reading(at(4), at(0) + 2 * day, keep));
  ASSERT_EQ(all.size(), static_cast<std::size_t>(kReadingPage) + 5 - 2 + 2);
  EXPECT_EQ(all[0].current.value, Value{2.0});
  EXPECT_EQ(all[0].current.updated_at, at(4));
  EXPECT_EQ(all[1].device, "d2") << "between two numbers";
  EXPECT_EQ(all[1].current.value, Value{true});
  EXPECT_EQ(all.back().current.value, Value{-1.0});

  all.clear();
  ASSERT_TRUE(archive()->each_reading(at(4), at(8), keep));
  EXPECT_EQ(all.size(), 3u) << "up to, not with, the end";
  all.clear();
  ASSERT_TRUE(
      archive()->each_reading(at(0), at(9), [&](const ReadingRow& row) { return keep(row) && all.size() < 2; }));
  EXPECT_EQ(all.size(), 2u) << "no more than was asked for";
}

TEST_F(Tables, LateReadingStandsAtItsTimeOfMeasurement) {
  ReadingLog log;
  ASSERT_TRUE(log.append(db(), reading("d", Point::temperature_c, 1.0, at(1000))));
  ReadingRow late = reading("d", Point::temperature_c, 2.0, at(2000));
  late.current.measured_at = at(500);
  late.current.quality = Quality::late;
  ASSERT_TRUE(log.append(db(), late));
  const auto points = archive()->series("d", Point::temperature_c, kNoPort, at(0), at(5000));
  ASSERT_EQ(points->size(), 2u);
  EXPECT_EQ((*points)[0].at, at(500));
  EXPECT_EQ((*points)[0].quality, Quality::late);
  EXPECT_EQ((*points)[1].quality, Quality::good);
}

TEST_F(Tables, CurrentValueIsTheLastOneOfEachPort) {
  ReadingLog log;
  for (std::size_t i = 0; i < label_count<Quality>(); ++i) {
    ReadingRow row = reading("桩", Point::fault_code, std::string("E过") + std::to_string(i), at(3), 2);
    row.current.quality = static_cast<Quality>(i);
    row.current.changed_at = at(1);
    row.current.measured_at = at(2);
    ASSERT_TRUE(log.append(db(), row));
    const auto values = load_current_values(db());
    ASSERT_EQ(values->size(), 1u);
    EXPECT_EQ((*values)[0].device, "桩");
    EXPECT_EQ((*values)[0].current.port, 2);
    EXPECT_EQ((*values)[0].current.value, row.current.value);
    EXPECT_EQ((*values)[0].current.quality, row.current.quality);
    EXPECT_EQ((*values)[0].current.changed_at, at(1));
    EXPECT_EQ((*values)[0].current.updated_at, at(3));
    EXPECT_EQ((*values)[0].current.measured_at, at(2));
  }
}

TEST_F(Tables, EveryPointIsKept) {
  ReadingLog log;
  for (std::size_t i = 0; i < kPointCount; ++i) {
    ASSERT_TRUE(log.append(db(), reading("d", static_cast<Point>(i), Unknown{}, at(1))));
  }
  EXPECT_EQ(load_current_values(db())->size(), kPointCount);
}

TEST_F(Tables, RetentionDropsNumbersAfterTheirDaysAndStatesAfterTwoYears) {
  ReadingLog log;
  const auto day = std::chrono::days{1};
  ASSERT_TRUE(log.append(db(), reading("d", Point::temperature_c, 1.0, at(0))));
  ASSERT_TRUE(log.append(db(), reading("d", Point::smoke, true, at(0))));
  ASSERT_TRUE(log.append(db(), reading("d", Point::temperature_c, 2.0, at(0) + 80 * day)));
  const RetentionSettings settings;
  const auto now = at(0) + 91 * day;
  EXPECT_TRUE(*retain_step(db(), settings, now));
  EXPECT_FALSE(*retain_step(db(), settings, now));
  const auto numbers = archive()->series("d", Point::temperature_c, kNoPort, at(0), now);
  ASSERT_EQ(numbers->size(), 1u);
  EXPECT_EQ((*numbers)[0].value, Value{2.0});
  EXPECT_EQ(archive()->series("d", Point::smoke, kNoPort, at(0), now)->size(), 1u);
  EXPECT_EQ(load_current_values(db())->size(), 2u);
}

TEST_F(Tables, RetentionKeepsTwoYearsOfRecordsAndAllLiveAlarms) {
  Alarm shelved = full_alarm(3);
  shelved.state = AlarmState::normal;
  ASSERT_TRUE(alarms::save(db(), full_alarm(1)));
  ASSERT_TRUE(alarms::save(db(), ended_alarm(2)));
  ASSERT_TRUE(alarms::save(db(), shelved));
  const auto step_until_done = [this](Instant now) {
    while (*retain_step(db(), RetentionSettings{}, now)) {
    }
  };
  step_until_done(at(0) + std::chrono::days{730});
  EXPECT_TRUE(alarms::load(db(), AlarmId{2}));
  step_until_done(at(0) + std::chrono::days{732});
  EXPECT_FALSE(alarms::load(db(), AlarmId{2}));
  EXPECT_TRUE(alarms::load(db(), AlarmId{1}));
  EXPECT_TRUE(alarms::load(db(), AlarmId{3}));
}

TEST_F(Tables, PagesGiveEveryAlarmOnceNewestFirst) {
  constexpr int kAlarms = 57;
  for (int i = 0; i < kAlarms; ++i) {
    Alarm alarm = full_alarm(0x9E37'79B9'7F4A'7C15ULL * static_cast<std::uint64_t>(i + 1));
    alarm.first_raised_at = at(i / 5);  // several at one time
    ASSERT_TRUE(alarms::save(db(), alarm));
  }
  const auto reader = archive();
  for (const std::size_t limit : {1u, 2u, 5u, 7u, 56u, 57u, 58u, 500u}) {
    std::vector<Alarm> all;
    AlarmQuery query;
    query.scope.every = true;
    query.limit = limit;
    do {
      auto page = reader->alarms(query);
      ASSERT_TRUE(page) << page.error().message;
      ASSERT_LE(page->alarms.size(), limit);
      all.insert(all.end(), page->alarms.begin(), page->alarms.end());
      query.cursor = page->next_cursor;
    } while (!query.cursor.empty());
    ASSERT_EQ(all.size(), static_cast<std::size_t>(kAlarms));
    std::vector<AlarmId> ids;
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_GE(all[i == 0 ? 0 : i - 1].first_raised_at, all[i].first_raised_at);
      ids.push_back(all[i].id);
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  }
}

TEST_F(Tables, FiltersTakeHostileTextLiterally) {
  ASSERT_TRUE(alarms::save(db(), full_alarm(1)));
  const auto reader = archive();
  for (const char* text : {"' OR 1=1 --", "\"; DROP TABLE alarms; --", "%", "jinxiu' --", "锦绣苑"}) {
    AlarmQuery query;
    query.scope.every = true;
    query.estate = text;
    EXPECT_TRUE(reader->alarms(query)->alarms.empty()) << text;
  }
  AlarmQuery query;
  query.scope.every = true;
  query.estate = "jinxiu";
  query.building = "b1";
  query.device = "garage-03";
  query.alarm_class = AlarmClass::charging_hazard;
  query.from = at(10);
  query.to = at(10);
  EXPECT_EQ(reader->alarms(query)->alarms.size(), 1u);
  query.to = at(9);
  EXPECT_TRUE(reader->alarms(query)->alarms.empty());
}

TEST_F(Tables, AlarmsAreThoseOfTheScope) {
  const std::vector<std::string> estates{"jinxiu", "jin", "", "sunny"};
  for (std::size_t i = 0; i < estates.size(); ++i) {
    Alarm alarm = full_alarm(i + 1);
    auto place = std::make_shared<Place>(*alarm.subject.place);
    place->estate.id = estates[i];
    alarm.subject.place = place;
    ASSERT_TRUE(alarms::save(db(), alarm));
  }
  const auto seen = [this](Scope scope) {
    AlarmQuery query;
    query.scope = std::move(scope);
    std::multiset<std::string> found;
    const auto page = archive()->alarms(query);
    for (const Alarm& alarm : page->alarms) found.insert(alarm.subject.place->estate.id);
    return found;
  };
  using Seen = std::multiset<std::string>;
  EXPECT_EQ(seen({true, {}}), (Seen{"", "jin", "jinxiu", "sunny"}));
  EXPECT_EQ(seen({false, {"jinxiu"}}), (Seen{"", "jinxiu"}));  // what belongs to no estate belongs to all
  EXPECT_EQ(seen({false, {"sunny", "jin"}}), (Seen{"", "jin", "sunny"}));
  EXPECT_EQ(seen({false, {"moon' OR 1=1 --"}}), Seen{""});
  EXPECT_EQ(seen({}), Seen{});
}

TEST_F(Tables, CursorThatNobodyGaveIsRefused) {
  AlarmQuery query;
  for (const char* cursor : {"x", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "0000"}) {
    query.cursor = cursor;
    EXPECT_EQ(archive()->alarms(query).error().code, ErrorCode::bad_input);
  }
}

RawRow raw_row(std::string device, std::string payload, Instant at) {
  const std::uint64_t bytes = payload.size();
  return {std::move(device),
          std::make_shared<const RawCopy>(RawCopy{at, "site", "烟感/up", std::move(payload), bytes, false})};
}

TEST_F(Tables, RawMessageKeepsEveryFieldAndEveryByte) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const RawCopy said{at(7), "site", "烟感/up", every_byte, 70'000, true};
  ASSERT_TRUE(raw_messages::append(db(), {"d1", std::make_shared<const RawCopy>(said)}));
  const auto messages = archive()->messages("d1");
  ASSERT_TRUE(messages);
  ASSERT_EQ(messages->size(), 1u);
  const RawCopy& kept = messages->front();
  EXPECT_EQ(kept.at, said.at);
  EXPECT_EQ(kept.source, said.source);
  EXPECT_EQ(kept.topic, said.topic);
  EXPECT_EQ(kept.payload, said.payload);
  EXPECT_EQ(kept.bytes, said.bytes);
  EXPECT_TRUE(kept.retained);
  EXPECT_TRUE(kept.cut());
}

TEST_F(Tables, RawMessageMayBeEmpty) {
  ASSERT_TRUE(raw_messages::append(db(), raw_row("d1", "", at(0))));
  EXPECT_EQ(archive()->messages("d1")->at(0).payload, "");
}

TEST_F(Tables, TheLastFiftyMessagesOfADeviceStayNewestFirst) {
  ASSERT_TRUE(raw_messages::append(db(), raw_row("d2", "only", at(0))));
  for (int i = 0; i < 120; ++i) {
    ASSERT_TRUE(raw_messages::append(db(), raw_row("d1", std::to_string(i), at(-i))));  // whatever the clock says
    const auto messages = archive()->messages("d1");
    ASSERT_EQ(messages->size(), std::min<std::size_t>(static_cast<std::size_t>(i) + 1, kRawMessages));
    EXPECT_EQ(messages->front().payload, std::to_string(i));
    EXPECT_EQ(messages->back().payload, std::to_string(std::max(0, i - 49)));
  }
  EXPECT_EQ(db().read_integer("SELECT count(*) FROM raw_messages"), 51);
  EXPECT_EQ(archive()->messages("d2")->size(), 1u);
  EXPECT_TRUE(archive()->messages("d")->empty());
}

TEST_F(Tables, RawMessagesGoOnAfterTheStoreWasOpenedAgain) {
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(raw_messages::append(db(), raw_row("d1", std::to_string(i), at(i))));
  database_.reset();
  SetUp();
  for (int i = 60; i < 65; ++i) ASSERT_TRUE(raw_messages::append(db(), raw_row("d1", std::to_string(i), at(i))));
  const auto messages = archive()->messages("d1");
  ASSERT_EQ(messages->size(), kRawMessages);
  EXPECT_EQ(messages->front().payload, "64");
  EXPECT_EQ(messages->back().payload, "15");
}

TEST_F(Tables, NewestAndOldestRawMessageAreFoundByTheKey) {
  for (const std::string_view sql : {"SELECT max(number) FROM raw_messages WHERE device = 'd'",
                                     "DELETE FROM raw_messages WHERE device = 'd' AND number <= 1"}) {
    auto plan = db().query(fmt::format("EXPLAIN QUERY PLAN {}", sql));
    ASSERT_TRUE(*plan.next());
    for (int column = 0; column < 3; ++column) plan.integer();
    EXPECT_NE(plan.text().find("SEARCH raw_messages USING PRIMARY KEY"), std::string::npos) << sql;
  }
}

TEST_F(Tables, ArchiveCannotWrite) {
  auto reader = Database::open(dir_.file(), Database::Mode::read_only);
  EXPECT_FALSE(journal::append(*reader, {}));
}

}  // namespace
}  // namespace firegate::store
