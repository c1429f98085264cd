#include "alarms/alarm_book.h"

#include <array>
#include <cstdlib>
#include <random>

#include "book_support.h"

namespace firegate::alarms {
namespace {

TEST_F(Book, RaiseMakesAnAlarmWithAStableId) {
  const AlarmId id = raised(fire(kStart));
  EXPECT_EQ(id, alarm_id("smoke_alarm", "smoke-e", kStart));
  ASSERT_NE(book.find(id), nullptr);
  EXPECT_EQ(book.find("smoke_alarm", "smoke-e"), book.find(id));
  EXPECT_EQ(state(id), AlarmState::unacknowledged);
  EXPECT_EQ(book.find(id)->occurrences, 1u);
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single);
}

TEST_F(Book, RaiseWritesAlarmJournalAndNotice) {
  const Batch batch = written([this](Batch& into) { book.raise(fire(kStart), into); });
  EXPECT_TRUE(batch.urgent);
  ASSERT_EQ(batch.alarms.size(), 1u);
  EXPECT_EQ(batch.alarms[0].state, AlarmState::unacknowledged);
  EXPECT_EQ(batch.alarms[0].revision, 1u);
  EXPECT_THAT(journal(batch), ElementsAre("raise normal>unacknowledged"));
  EXPECT_EQ(batch.journal[0].why, "smoke true");
  EXPECT_EQ(batch.journal[0].who, "system");
  EXPECT_THAT(notices(batch), ElementsAre("raised smoke-e"));
}

TEST_F(Book, RaiseTellsValueUnitAndLimit) {
  Raise raise = fire(kStart, {"cs-1", "shed", 3}, "port_too_hot");
  raise.evidence = {{Point::port_temperature_c, 3, 82.5, 80.0, kStart}};
  const Batch batch = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_EQ(batch.journal[0].why, "port_temperature_c 82.5 °C (limit 80)");
  EXPECT_EQ(batch.journal[0].subject, "cs-1/3");
}

TEST_F(Book, LateRaiseTellsBothTimes) {
  Raise raise = fire(kStart);
  raise.late = true;
  raise.evidence[0].at = kStart - 1h;
  const Batch batch = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_TRUE(batch.alarms[0].late);
  EXPECT_EQ(batch.journal[0].at, kStart);
  EXPECT_EQ(batch.journal[0].why, "smoke true, measured 2026-11-22T02:00:00.000Z");
}

TEST_F(Book, SecondRaiseIsAnOccurrenceAndTellsNobody) {
  const AlarmId id = raised(fire(kStart));
  const Batch batch = written([this](Batch& into) { book.raise(fire(kStart + 5s), into); });
  EXPECT_THAT(notices(batch), IsEmpty());
  EXPECT_EQ(book.find(id)->occurrences, 2u);
  EXPECT_EQ(book.find(id)->first_raised_at, kStart);
  EXPECT_EQ(book.find(id)->last_raised_at, kStart + 5s);
}

TEST_F(Book, ClearLatchesAFire) {
  const AlarmId id = raised(fire(kStart));
  const Batch batch = written(
      [this](Batch& into) { EXPECT_TRUE(book.clear("smoke_alarm", "smoke-e", kStart + 1min, "smoke false", into)); });
  EXPECT_EQ(state(id), AlarmState::latched_unacknowledged);
  EXPECT_EQ(book.find(id)->returned_at, kStart + 1min);
  EXPECT_THAT(notices(batch), ElementsAre("returned smoke-e"));
}

TEST_F(Book, ClearEndsAnAcknowledgedFault) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  const Batch batch =
      written([this](Batch& into) { book.clear("device_fault", "smoke-e", kStart + 1min, "fault false", into); });
  EXPECT_EQ(book.find(id), nullptr);
  EXPECT_EQ(book.find("device_fault", "smoke-e"), nullptr);
  EXPECT_EQ(batch.alarms.back().state, AlarmState::normal);
  EXPECT_THAT(notices(batch), ElementsAre("returned smoke-e", "ended smoke-e"));
}

TEST_F(Book, ClearOfNothingWritesNothing) {
  const Batch batch =
      written([this](Batch& into) { EXPECT_FALSE(book.clear("smoke_alarm", "smoke-e", kStart, "", into)); });
  EXPECT_TRUE(batch.empty());
}

TEST_F(Book, ClearTwiceWritesOnce) {
  raised(fault(kStart));
  Batch batch;
  EXPECT_TRUE(book.clear("device_fault", "smoke-e", kStart + 1s, "", batch));
  EXPECT_FALSE(book.clear("device_fault", "smoke-e", kStart + 2s, "", batch));
  EXPECT_EQ(batch.journal.size(), 1u);
}

TEST_F(Book, PulseLeavesALatchingAlarmLatched) {
  Raise raise = fire(kStart, {"call-1", "f3-corridor"}, "manual_call");
  raise.pulse = true;
  const Batch batch = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_EQ(state(alarm_id("manual_call", "call-1", kStart)), AlarmState::latched_unacknowledged);
  EXPECT_THAT(journal(batch),
              ElementsAre("raise normal>unacknowledged", "clear unacknowledged>latched_unacknowledged"));
  ASSERT_EQ(batch.alarms.size(), 1u) << "only the alarm as it is now";
  EXPECT_EQ(batch.alarms[0].state, AlarmState::latched_unacknowledged);
}

TEST_F(Book, AcknowledgeSaysWhoAndWhen) {
  const AlarmId id = raised(fire(kStart));
  const Result<Alarm> alarm = done(ActKind::acknowledge, id, kStart + 30s);
  ASSERT_TRUE(alarm);
  EXPECT_EQ(alarm->state, AlarmState::acknowledged);
  EXPECT_EQ(alarm->acknowledged_by, "王芳");
  EXPECT_EQ(alarm->acknowledged_at, kStart + 30s);
  EXPECT_EQ(last.journal[0].who, "user:wangfang");
  EXPECT_EQ(last.journal[0].name, "王芳");
  EXPECT_EQ(last.journal[0].address, "192.168.1.7");
  EXPECT_EQ(last.journal[0].post, "desk-1");
  EXPECT_THAT(notices(last), ElementsAre("acknowledged smoke-e"));
}

TEST_F(Book, AcknowledgeTwiceIsAcceptedAndWritesNothing) {
  const AlarmId id = raised(fire(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 30s));
  const Result<Alarm> again = done(ActKind::acknowledge, id, kStart + 40s);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->acknowledged_at, kStart + 30s);
  EXPECT_TRUE(last.empty());
}

TEST_F(Book, AcknowledgeOfAReturnedAlarmGivesItsLastForm) {
  const AlarmId id = raised(fault(kStart));
  Batch ignored;
  book.clear("device_fault", "smoke-e", kStart + 1s, "", ignored);
  const Result<Alarm> alarm = done(ActKind::acknowledge, id, kStart + 2s);
  ASSERT_TRUE(alarm);
  EXPECT_EQ(alarm->state, AlarmState::normal);
  EXPECT_EQ(book.find(id), nullptr);
  EXPECT_THAT(notices(last), ElementsAre("acknowledged smoke-e", "ended smoke-e"));
}

TEST_F(Book, UnacknowledgeForgetsWhoAcknowledged) {
  const AlarmId id = raised(fire(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 30s));
  const Result<Alarm> alarm = done(ActKind::unacknowledge, id, kStart + 40s);
  ASSERT_TRUE(alarm);
  EXPECT_FALSE(alarm->acknowledged_at);
  EXPECT_EQ(alarm->acknowledged_by, "");
  EXPECT_THAT(notices(last), ElementsAre("announced_again smoke-e"));
}

TEST_F(Book, ResetOfAFireNeedsClearAcknowledgeAndVerdictInThisOrder) {
  const AlarmId id = raised(fire(kStart));
  const auto why_not = [&] { return done(ActKind::reset, id, kStart + 1min).error().message; };
  EXPECT_THAT(why_not(), HasSubstr("state is unacknowledged, the condition is still present"));
  Batch ignored;
  book.clear("smoke_alarm", "smoke-e", kStart + 10s, "", ignored);
  EXPECT_THAT(why_not(), HasSubstr("state is latched_unacknowledged, it has not been acknowledged"));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 30s));
  EXPECT_THAT(why_not(), HasSubstr("state is latched_acknowledged, a fire is reset only after a verdict"));
  ASSERT_TRUE(done(ActKind::verdict, id, kStart + 40s, Verdict::cooking));
  const Result<Alarm> alarm = done(ActKind::reset, id, kStart + 1min);
  ASSERT_TRUE(alarm);
  EXPECT_EQ(alarm->state, AlarmState::normal);
  EXPECT_EQ(alarm->verdict, Verdict::cooking);
  EXPECT_TRUE(book.live().empty());
}

TEST_F(Book, ResetOfGasNeedsNoVerdict) {
  Raise raise = fire(kStart, {}, "gas_alarm");
  raise.alarm_class = AlarmClass::gas_alarm;
  raise.pulse = true;
  const AlarmId id = raised(raise);
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  EXPECT_TRUE(done(ActKind::reset, id, kStart + 2s));
}

TEST_F(Book, RefusalIsARefusalAndChangesNothing) {
  const AlarmId id = raised(fire(kStart));
  const Alarm before = *book.find(id);
  const Result<Alarm> reset = done(ActKind::reset, id, kStart + 1s);
  ASSERT_FALSE(reset);
  EXPECT_EQ(reset.error().code, ErrorCode::refused);
  EXPECT_TRUE(last.empty());
  EXPECT_EQ(book.find(id)->revision, before.revision);
}

TEST_F(Book, ActOnAnUnknownAlarmIsNotFound) {
  const Result<Alarm> alarm = done(ActKind::acknowledge, AlarmId{7}, kStart);
  ASSERT_FALSE(alarm);
  EXPECT_EQ(alarm.error().code, ErrorCode::not_found);
  EXPECT_EQ(book.suppress(AlarmId{7}, kStart, "", last).error().code, ErrorCode::not_found);
}

TEST_F(Book, VerdictRealVerifiesAndAnotherTakesItBack) {
  const AlarmId id = raised(fire(kStart));
  EXPECT_EQ(done(ActKind::verdict, id, kStart + 1s, Verdict::real)->confirmation, Confirmation::verified);
  EXPECT_THAT(notices(last), ElementsAre("verdict smoke-e"));
  EXPECT_EQ(last.journal[0].why, "real");
  EXPECT_EQ(done(ActKind::verdict, id, kStart + 2s, Verdict::cooking)->confirmation, Confirmation::single);
}

TEST_F(Book, VerdictWithoutAWordIsBadInput) {
  const AlarmId id = raised(fire(kStart));
  EXPECT_EQ(done(ActKind::verdict, id, kStart + 1s).error().code, ErrorCode::bad_input);
}

TEST_F(Book, NewOccurrenceAfterReturnNeedsItsOwnVerdict) {
  Raise raise = fire(kStart);
  raise.pulse = true;
  const AlarmId id = raised(raise);
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  ASSERT_TRUE(done(ActKind::verdict, id, kStart + 2s, Verdict::real));
  raise.at = kStart + 1min;
  const Batch batch = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_EQ(batch.notices.front().kind, NoticeKind::announced_again);
  EXPECT_FALSE(book.find(id)->verdict);
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single);
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 2min));
  EXPECT_FALSE(done(ActKind::reset, id, kStart + 2min));
}

TEST_F(Book, ShelvedAlarmIsAnnouncedAnewWhenItsTimeIsOver) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  ASSERT_TRUE(shelved(id, kStart + 2s, kStart + 1h));
  EXPECT_EQ(book.next_deadline(), kStart + 1h - kWarnBefore);
  const Batch early = written([this](Batch& into) { book.advance(kStart + 1h - kWarnBefore - 1ms, into); });
  EXPECT_TRUE(early.empty());
  const Batch due = written([this](Batch& into) { book.advance(kStart + 2h, into); });
  EXPECT_THAT(notices(due), ElementsAre("announced_again smoke-e"));
  EXPECT_EQ(due.journal[0].at, kStart + 1h) << "the record bears the deadline";
  EXPECT_EQ(state(id), AlarmState::unacknowledged);
  EXPECT_FALSE(book.find(id)->shelved_until);
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST_F(Book, UnshelvingByHandKeepsTheAcknowledgement) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  ASSERT_TRUE(shelved(id, kStart + 2s, kStart + 1h));
  ASSERT_TRUE(done(ActKind::unshelve, id, kStart + 3s));
  EXPECT_EQ(state(id), AlarmState::acknowledged);
  EXPECT_THAT(notices(last), IsEmpty());
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST_F(Book, ShelvingAgainMovesItsEnd) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  ASSERT_TRUE(shelved(id, kStart + 1s, kStart + 3h));
  EXPECT_EQ(book.next_deadline(), kStart + 3h - kWarnBefore);
  const Batch batch = written([this](Batch& into) { book.advance(kStart + 2h, into); });
  EXPECT_TRUE(batch.empty());
}

TEST_F(Book, ShelvingNeedsAnEndWithinItsLongest) {
  const AlarmId id = raised(fault(kStart));
  EXPECT_EQ(done(ActKind::shelve, id, kStart).error().code, ErrorCode::bad_input);
  EXPECT_EQ(shelved(id, kStart, kStart).error().code, ErrorCode::bad_input);
  EXPECT_EQ(shelved(id, kStart, kStart + kLongestShelving + 1ms).error().code, ErrorCode::bad_input);
  EXPECT_TRUE(shelved(id, kStart, kStart + kLongestShelving));
}

TEST_F(Book, ShelvedAlarmThatWentAwayStaysShelvedWhenItComesBack) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  Batch ignored;
  book.clear("device_fault", "smoke-e", kStart + 1min, "", ignored);
  ASSERT_NE(book.find(id), nullptr);
  EXPECT_EQ(state(id), AlarmState::normal);
  const Batch again = written([this](Batch& into) { book.raise(fault(kStart + 2min), into); });
  EXPECT_THAT(notices(again), IsEmpty());
  EXPECT_EQ(again.alarms[0].id, id);
}

TEST_F(Book, ShelvedAlarmThatWentAwayEndsWithItsShelving) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  Batch ignored;
  book.clear("device_fault", "smoke-e", kStart + 1min, "", ignored);
  const Batch batch = written([this](Batch& into) { book.advance(kStart + 1h, into); });
  EXPECT_THAT(notices(batch), ElementsAre("ended smoke-e"));
  EXPECT_EQ(book.find(id), nullptr);
}

TEST_F(Book, LifeThreatsAreNeverShelvedOrSuppressed) {
  for (const AlarmClass alarm_class : {AlarmClass::fire_alarm, AlarmClass::gas_alarm, AlarmClass::co_alarm,
                                       AlarmClass::lift_entrapment, AlarmClass::one_key_alarm}) {
    Raise raise = fire(kStart, {}, std::string(label(alarm_class)));
    raise.alarm_class = alarm_class;
    const AlarmId id = raised(raise);
    EXPECT_EQ(shelved(id, kStart, kStart + 1h).error().code, ErrorCode::refused) << label(alarm_class);
    EXPECT_EQ(book.suppress(id, kStart, "maintenance", last).error().code, ErrorCode::refused) << label(alarm_class);
  }
}

TEST_F(Book, SuppressedAlarmIsSilentUntilItsSuppressionEnds) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(book.suppress(id, kStart, "the line is being worked on", last));
  Batch batch;
  book.clear("device_fault", "smoke-e", kStart + 1s, "", batch);
  book.raise(fault(kStart + 2s), batch);
  EXPECT_THAT(notices(batch), IsEmpty());
  const Result<Alarm> alarm = book.unsuppress(id, kStart + 3s, "done", batch);
  ASSERT_TRUE(alarm);
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
}

TEST_F(Book, FireOfADisabledDeviceIsKeptAndToldWhenTheDisablementEnds) {
  Raise raise = fire(kStart);
  raise.out_of_service = true;
  const Batch silent = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_THAT(notices(silent), IsEmpty());
  EXPECT_TRUE(silent.alarms[0].overlays.has(Overlay::out_of_service));
  const Batch told = written([this](Batch& into) { book.enable("smoke-e", kStart + 1h, "its end", into); });
  EXPECT_THAT(notices(told), ElementsAre("announced_again smoke-e"));
}

TEST_F(Book, RaiseOfADeviceDisabledMeanwhileIsSilent) {
  Raise raise = fire(kStart);
  raise.pulse = true;
  const AlarmId id = raised(raise);
  raise.out_of_service = true;
  const Batch batch = written([&](Batch& into) { book.raise(raise, into); });
  EXPECT_THAT(notices(batch), IsEmpty());
  EXPECT_TRUE(book.find(id)->overlays.has(Overlay::out_of_service));
}

TEST_F(Book, DisablementTakesEveryAlarmOfTheDeviceOutOfService) {
  const AlarmId first = raised(fire(kStart)), second = raised(fault(kStart));
  const AlarmId other = raised(fire(kStart, {"smoke-w", "f5"}));
  const Batch batch = written([this](Batch& into) { book.disable("smoke-e", kStart + 1s, "张伟: painting", into); });
  EXPECT_TRUE(book.find(first)->overlays.has(Overlay::out_of_service));
  EXPECT_TRUE(book.find(second)->overlays.has(Overlay::out_of_service));
  EXPECT_FALSE(book.find(other)->overlays.any());
  EXPECT_EQ(batch.journal[0].why, "张伟: painting");
}

TEST_F(Book, SecondDeviceOfTheZoneMakesAnAcknowledgedFireUnacknowledgedAgain) {
  const AlarmId first = raised(fire(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, first, kStart + 1s));
  const Batch batch = written([this](Batch& into) { book.raise(fire(kStart + 1min, {"smoke-w"}), into); });
  EXPECT_EQ(state(first), AlarmState::unacknowledged);
  EXPECT_FALSE(book.find(first)->acknowledged_at);
  EXPECT_THAT(notices(batch),
              ElementsAre("raised smoke-w", "confirmed smoke-e", "announced_again smoke-e", "confirmed smoke-w"));
}

TEST_F(Book, RepeatOfTheSecondDeviceDoesNotCallAgain) {
  const AlarmId first = raised(fire(kStart));
  raised(fire(kStart + 1s, {"smoke-w"}));
  ASSERT_TRUE(done(ActKind::acknowledge, first, kStart + 1min));
  raised(fire(kStart + 2min, {"smoke-w"}));
  EXPECT_EQ(state(first), AlarmState::acknowledged);
}

TEST_F(Book, TwoDevicesOfAZoneConfirmEachOther) {
  const AlarmId first = raised(fire(kStart));
  const AlarmId second = raised(fire(kStart + 1min, {"call-1"}, "manual_call"));
  EXPECT_EQ(book.find(first)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(book.find(second)->confirmation, Confirmation::confirmed);
}

TEST_F(Book, LatchedFireStillConfirms) {
  Raise raise = fire(kStart);
  raise.pulse = true;
  const AlarmId first = raised(raise);
  raised(fire(kStart + 1min, {"smoke-w"}));
  EXPECT_EQ(book.find(first)->confirmation, Confirmation::confirmed);
}

TEST_F(Book, ThirdDeviceConfirmsNobodyTwice) {
  raised(fire(kStart));
  raised(fire(kStart + 1s, {"smoke-w"}));
  const Batch batch = written([this](Batch& into) { book.raise(fire(kStart + 2s, {"smoke-n"}), into); });
  EXPECT_THAT(notices(batch), ElementsAre("raised smoke-n", "confirmed smoke-n"));
}

// One row: a second alarm that must not confirm the first.
struct NoPartner {
  const char* name;
  Raise raise;
};

TEST_F(Book, OnlyIndependentProvenDevicesOfTheZoneConfirm) {
  std::vector<NoPartner> rows{{"same device", fire(kStart, {}, "heat_alarm")},
                              {"another port of the same device", fire(kStart, {"smoke-e", "f3-corridor", 2})},
                              {"another zone", fire(kStart, {"smoke-w", "f5"})},
                              {"unverified", fire(kStart, {"smoke-w"})},
                              {"late", fire(kStart, {"smoke-w"})},
                              {"out of service", fire(kStart, {"smoke-w"})},
                              {"another class", fire(kStart, {"gas-1"})}};
  rows[3].raise.confirmation = Confirmation::unverified;
  rows[4].raise.late = true;
  rows[5].raise.out_of_service = true;
  rows[6].raise.alarm_class = AlarmClass::gas_alarm;
  for (NoPartner& row : rows) {
    book = {};
    const AlarmId first = raised(fire(kStart));
    const AlarmId second = raised(row.raise);
    EXPECT_EQ(book.find(first)->confirmation, Confirmation::single) << row.name;
    EXPECT_LE(book.find(second)->confirmation, Confirmation::single) << row.name;
  }
}

// Ids of zones are the installer's: every floor may have its "corridor".
TEST_F(Book, AZoneOfTheSameIdSomewhereElseIsAnotherZone) {
  const auto somewhere_else = [](PlaceName Place::*level) {
    auto place = std::make_shared<Place>(*zone("corridor"));
    ((*place).*level).id = "other";
    return place;
  };
  for (const auto level : {&Place::estate, &Place::building, &Place::floor}) {
    book = {};
    const AlarmId first = raised(fire(kStart, {"smoke-e", "corridor"}));
    ASSERT_TRUE(done(ActKind::acknowledge, first, kStart));
    Raise elsewhere = fire(kStart + 1s, {"smoke-w"});
    elsewhere.subject.place = somewhere_else(level);
    const AlarmId second = raised(std::move(elsewhere));
    EXPECT_EQ(state(first), AlarmState::acknowledged);
    EXPECT_EQ(book.find(first)->confirmation, Confirmation::single);
    EXPECT_EQ(book.find(second)->confirmation, Confirmation::single);
  }
}

TEST_F(Book, DevicesWithoutAZoneConfirmNobody) {
  const AlarmId first = raised(fire(kStart, {"smoke-e", ""}));
  raised(fire(kStart, {"smoke-w", ""}));
  EXPECT_EQ(book.find(first)->confirmation, Confirmation::single);
}

TEST_F(Book, AlarmJudgedATestConfirmsNobody) {
  const AlarmId first = raised(fire(kStart));
  ASSERT_TRUE(done(ActKind::verdict, first, kStart, Verdict::test));
  const AlarmId second = raised(fire(kStart + 1s, {"smoke-w"}));
  EXPECT_EQ(book.find(second)->confirmation, Confirmation::single);
}

TEST_F(Book, GasOfASecondDeviceCallsAgainButConfirmsNothing) {
  Raise first = fire(kStart, {}, "gas_alarm"), second = fire(kStart + 1s, {"gas-2"}, "gas_alarm");
  first.alarm_class = second.alarm_class = AlarmClass::gas_alarm;
  const AlarmId id = raised(first);
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart));
  raised(second);
  EXPECT_EQ(state(id), AlarmState::unacknowledged);
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single);
}

TEST_F(Book, FaultsOfAZoneStandAlone) {
  const AlarmId first = raised(fault(kStart));
  ASSERT_TRUE(done(ActKind::acknowledge, first, kStart));
  raised(fault(kStart + 1s, {"smoke-w"}));
  EXPECT_EQ(state(first), AlarmState::acknowledged);
}

TEST_F(Book, UnverifiedFireBecomesSingleWhenItIsHeardLive) {
  Raise raise = fire(kStart);
  raise.confirmation = Confirmation::unverified;
  const AlarmId id = raised(raise);
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  const Batch batch = written([this](Batch& into) { book.raise(fire(kStart + 1min), into); });
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single);
  EXPECT_EQ(state(id), AlarmState::unacknowledged) << "the evidence is stronger than what was acknowledged";
  EXPECT_THAT(notices(batch), ElementsAre("confirmed smoke-e", "announced_again smoke-e"));
}

TEST_F(Book, LateFireHeardLiveJoinsItsZone) {
  raised(fire(kStart, {"smoke-w"}));
  Raise raise = fire(kStart);
  raise.late = true;
  const AlarmId id = raised(raise);
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single);
  raised(fire(kStart + 1s));
  EXPECT_FALSE(book.find(id)->late);
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::confirmed);
}

TEST_F(Book, NotRecordedIsAMarkOfTheAlarm) {
  const AlarmId id = raised(fire(kStart));
  book.mark_not_recorded(id, true);
  EXPECT_TRUE(book.find(id)->not_recorded);
  book.mark_not_recorded(id, false);
  EXPECT_FALSE(book.find(id)->not_recorded);
}

TEST_F(Book, RestoreGivesBackAlarmsZonesAndTimers) {
  const AlarmId first = raised(fire(kStart));
  const AlarmId second = raised(fault(kStart));
  ASSERT_TRUE(shelved(second, kStart, kStart + 1h));
  std::vector<Alarm> stored{*book.find(first), *book.find(second), Alarm{}};
  AlarmBook restored;
  restored.restore(stored);
  EXPECT_EQ(restored.live().size(), 2u) << "a normal alarm is not live";
  EXPECT_EQ(restored.next_deadline(), kStart + 1h - kWarnBefore);
  Batch batch;
  const AlarmId partner = restored.raise(fire(kStart + 1s, {"smoke-w"}), batch);
  EXPECT_EQ(restored.find(partner)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(restored.raise(fire(kStart + 2s), batch), first) << "the same occurrence goes on";
}

TEST_F(Book, ShelvingThatEndedWhileWeWereAwayEndsAtItsOwnTime) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  AlarmBook restored;
  restored.restore({*book.find(id)});
  Batch batch;
  restored.advance(kStart + 24h, batch);
  EXPECT_EQ(batch.journal.at(0).at, kStart + 1h);
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
}

TEST_F(Book, ShelvingsEndInTheOrderOfTheirTimes) {
  const AlarmId late_one = raised(fault(kStart, {"a"})), early_one = raised(fault(kStart, {"b"}));
  ASSERT_TRUE(shelved(late_one, kStart, kStart + 2h));
  ASSERT_TRUE(shelved(early_one, kStart, kStart + 1h));
  const Batch batch = written([this](Batch& into) { book.advance(kStart + 3h, into); });
  EXPECT_THAT(notices(batch), ElementsAre("announced_again b", "announced_again a"));
}

// Random walks over a whole book.
class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {}

  // One random step. Its batch is checked and then returned as text.
  std::string step() {
    now_ += Millis{pick(90'000)};
    Batch batch;
    book_.advance(now_, batch);
    switch (pick(9)) {
      case 0: raise(batch); break;
      case 1: clear(batch); break;
      case 2: disable(batch); break;
      case 3: line(batch); break;
      default: act(batch); break;
    }
    check(batch);
    check_book();
    return text_of(batch);
  }
  int fires_ended() const { return fires_ended_; }

 private:
  struct Seen {
    bool acknowledged = false, judged = false, reset = false;
    std::uint32_t revision = 0;
  };

  unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }
  Where where() { return {fmt::format("d{}", pick(4)), fmt::format("z{}", pick(2)), kNoPort}; }
  bool disabled(const std::string& device) const { return disabled_.contains(device); }

  void raise(Batch& batch) {
    Raise made = pick(2) ? fire(now_, where()) : fault(now_, where());
    made.pulse = pick(3) == 0;
    made.late = pick(5) == 0;
    made.out_of_service = disabled(made.subject.device);
    if (pick(6) == 0) made.confirmation = Confirmation::unverified;
    book_.raise(std::move(made), batch);
  }
  // Losses and returns on one line, and now and then of its hub; a rule whose class moves.
  void line(Batch& batch) {
    const std::string device = fmt::format("d{}", pick(12));
    if (pick(3) == 0) {
      book_.clear("lost", device, now_, "", batch);
    } else if (pick(3) == 0) {
      raise_in_another_class(batch);
    } else {
      Raise made = fault(now_, {device});
      made.rule = "lost";
      made.line = "main/native";
      if (pick(12) == 0) made.subject.kind = DeviceKind::gateway;
      made.out_of_service = disabled(device);
      book_.raise(std::move(made), batch);
    }
  }
  void raise_in_another_class(Batch& batch) {
    Raise made = fire(now_, where(), "overheat");
    made.alarm_class = std::array{AlarmClass::fault, AlarmClass::pre_alarm, AlarmClass::fire_alarm}[pick(3)];
    made.out_of_service = disabled(made.subject.device);
    const Alarm* before = book_.find("overheat", made.subject.device);
    const bool was_fire = before && before->alarm_class == AlarmClass::fire_alarm;
    const AlarmId id = book_.raise(std::move(made), batch);
    if (was_fire) {
      EXPECT_EQ(book_.find(id)->alarm_class, AlarmClass::fire_alarm) << "a fire became less";
    }
  }
  void clear(Batch& batch) { book_.clear(pick(2) ? "smoke_alarm" : "device_fault", where().device, now_, "", batch); }
  void disable(Batch& batch) {
    const std::string device = where().device;
    if (disabled_.erase(device)) {
      book_.enable(device, now_, "", batch);
    } else if (pick(3) == 0) {
      disabled_.insert(device);
      book_.disable(device, now_, "", batch);
    }
  }
  void act(Batch& batch) {
    if (book_.live().empty()) return;
    auto at = book_.live().begin();
    std::advance(at, pick(static_cast<unsigned>(book_.live().size())));
    Act made;
    made.kind = static_cast<ActKind>(pick(label_count<ActKind>()));
    made.alarm = at->first;
    made.by = "x";
    made.verdict = static_cast<Verdict>(pick(label_count<Verdict>()));
    made.until = now_ + Millis{1 + pick(1'500'000)};
    made.why = "y";
    const Result<Alarm> alarm = book_.act(made, now_, batch);
    if (!alarm) return;
    Seen& seen = seen_[made.alarm];
    if (made.kind == ActKind::acknowledge) seen.acknowledged = true;
    if (made.kind == ActKind::verdict) seen.judged = true;
    if (made.kind == ActKind::reset) seen.reset = true;
  }

  void check(const Batch& batch) {
    for (const Notice& notice : batch.notices) {
      EXPECT_TRUE(keys_.insert(notice.key()).second) << "two notices with one key: " << notice.key();
      const bool tells = notice.kind == NoticeKind::raised || notice.kind == NoticeKind::announced_again ||
                         notice.kind == NoticeKind::confirmed;
      EXPECT_FALSE(tells && notice.alarm.overlays.any()) << "told while overlaid";
    }
    for (const Alarm& alarm : batch.alarms) check(alarm);
    EXPECT_TRUE(batch.empty() || batch.urgent);
  }
  void check(const Alarm& alarm) {
    Seen& seen = seen_[alarm.id];
    EXPECT_GT(alarm.revision, seen.revision);
    seen.revision = alarm.revision;
    EXPECT_EQ(needs_acknowledgement(alarm.state) && alarm.acknowledged_at.has_value(), false);
    EXPECT_EQ(alarm.shelved_until.has_value(), alarm.overlays.has(Overlay::shelved));
    if (alarm.alarm_class != AlarmClass::fire_alarm) return;
    EXPECT_FALSE(alarm.overlays.has(Overlay::shelved));
    if (alarm.state == AlarmState::normal && !alarm.overlays.any()) {
      EXPECT_TRUE(seen.acknowledged && seen.judged && seen.reset) << "a fire went away by itself";
      EXPECT_TRUE(alarm.verdict);
      ++fires_ended_;
      seen_.erase(alarm.id);
    }
  }

  // What holds for all live alarms together.
  void check_book() {
    std::map<AlarmId, std::uint32_t> under;
    for (const auto& [id, alarm] : book_.live()) {
      const bool suppressed = alarm.overlays.has(Overlay::suppressed_by_design);
      EXPECT_EQ(alarm.cause != AlarmId{}, suppressed) << "a cause without a suppression, or the other way round";
      EXPECT_EQ(alarm.suppressed_why.empty(), !suppressed);
      EXPECT_EQ(alarm.shelved_by.empty(), !alarm.overlays.has(Overlay::shelved));
      const bool held = alarm.overlays.has(Overlay::shelved) || suppressed;
      EXPECT_FALSE(held && info(alarm.alarm_class).latching) << "a latching alarm is held";
      if (alarm.cause != AlarmId{}) ++under[alarm.cause];
    }
    for (const auto& [id, alarm] : book_.live()) EXPECT_EQ(alarm.consequences, under[id]) << to_text(id);
  }

  static std::string text_of(const Batch& batch) {
    std::string text;
    for (const JournalEntry& entry : batch.journal) {
      text += fmt::format("{} {} {} {} {}>{} {}\n", to_text(entry.at), entry.kind, to_text(entry.alarm), entry.subject,
                          entry.from, entry.to, entry.why);
    }
    for (const Notice& notice : batch.notices) text += fmt::format("{} {}\n", label(notice.kind), notice.key());
    return text;
  }

  std::mt19937 random_;
  AlarmBook book_;
  Instant now_ = kStart;
  std::set<std::string> disabled_;
  std::set<std::string> keys_;
  std::map<AlarmId, Seen> seen_;
  int fires_ended_ = 0;
};

TEST(BookWalk, KeepsTheInvariantsAndIsDeterministic) {
  int fires_ended = 0;
  const unsigned walks = std::getenv("FIREGATE_LONG") ? 5'000 : 40;  // 10 million steps
  for (unsigned seed = 1; seed <= walks && !testing::Test::HasFailure(); ++seed) {
    Walk walk(seed), same(seed);
    const bool twice = seed <= 20;
    for (int i = 0; i < 2'000 && !testing::Test::HasFailure(); ++i) {
      const std::string written = walk.step();
      if (twice) {
        ASSERT_EQ(written, same.step());
      }
    }
    fires_ended += walk.fires_ended();
  }
  EXPECT_GT(fires_ended, 50) << "the walks hardly ever end a fire and prove little";
}

}  // namespace
}  // namespace firegate::alarms
