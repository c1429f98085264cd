// Severity steps, confirmation by independent devices, chatter, and warnings before a shelving ends.
#include "book_support.h"

namespace firegate::alarms {
namespace {

class BookSteps : public Book {
 protected:
  Raise heat(Instant at, AlarmClass alarm_class, Where where = {}) {
    Raise made = fire(at, std::move(where), "overheat");
    made.alarm_class = alarm_class;
    made.evidence = {{Point::temperature_c, kNoPort, 61.0, 60.0, at}};
    return made;
  }
  Batch raises(Raise raise) {
    return written([&](Batch& into) { book.raise(std::move(raise), into); });
  }
};

TEST_F(BookSteps, UpAnnouncesAnewAndAsksForAnAcknowledgementAgain) {
  const AlarmId id = raised(heat(kStart, AlarmClass::supervisory));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  const Batch batch = raises(heat(kStart + 2s, AlarmClass::pre_alarm));
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
  EXPECT_THAT(journal(batch), ElementsAre("step_up acknowledged>unacknowledged"));
  EXPECT_EQ(batch.journal[0].why, "supervisory to pre_alarm: temperature_c 61 °C (limit 60)");
  EXPECT_EQ(batch.notices[0].alarm.alarm_class, AlarmClass::pre_alarm);
  EXPECT_EQ(book.find(id)->alarm_class, AlarmClass::pre_alarm);
  EXPECT_FALSE(book.find(id)->acknowledged_at);
  EXPECT_EQ(book.find(id)->occurrences, 1u) << "a step is no new occurrence";
}

TEST_F(BookSteps, AnotherClassOfTheSameUrgencyIsAStepUp) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  EXPECT_THAT(journal(raises(heat(kStart + 2s, AlarmClass::electrical_fire))),
              ElementsAre("step_up unacknowledged>unacknowledged"));
  EXPECT_EQ(book.find(id)->alarm_class, AlarmClass::electrical_fire);
}

TEST_F(BookSteps, DownKeepsTheAcknowledgementAndTells) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  const Batch batch = raises(heat(kStart + 2s, AlarmClass::supervisory));
  EXPECT_THAT(notices(batch), ElementsAre("stepped_down smoke-e"));
  EXPECT_EQ(state(id), AlarmState::acknowledged);
  EXPECT_EQ(book.find(id)->acknowledged_by, "王芳");
  EXPECT_EQ(book.find(id)->alarm_class, AlarmClass::supervisory);
}

TEST_F(BookSteps, NeverDownOutOfALatchingClass) {
  const AlarmId id = raised(heat(kStart, AlarmClass::fire_alarm));
  EXPECT_TRUE(raises(heat(kStart + 2s, AlarmClass::pre_alarm)).empty());
  EXPECT_EQ(book.find(id)->alarm_class, AlarmClass::fire_alarm);
  EXPECT_EQ(book.find(id)->occurrences, 1u);
}

TEST_F(BookSteps, AFireThatHasGoneIsRaisedAgainAsAFire) {
  const AlarmId id = raised(heat(kStart, AlarmClass::fire_alarm));
  Batch ignored;
  book.clear("overheat", "smoke-e", kStart + 1s, "", ignored);
  EXPECT_THAT(notices(raises(heat(kStart + 2s, AlarmClass::pre_alarm))), ElementsAre("announced_again smoke-e"));
  EXPECT_EQ(book.find(id)->alarm_class, AlarmClass::fire_alarm);
}

TEST_F(BookSteps, AReturnedAlarmComesBackInTheOtherClassAndIsToldOnce) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  Batch ignored;
  book.clear("overheat", "smoke-e", kStart + 1s, "", ignored);
  const Batch batch = raises(heat(kStart + 2s, AlarmClass::fire_alarm));
  EXPECT_THAT(journal(batch), ElementsAre("step_up returned_unacknowledged>latched_unacknowledged",
                                          "raise latched_unacknowledged>unacknowledged"));
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
  EXPECT_EQ(book.find(id)->occurrences, 2u);
}

TEST_F(BookSteps, APreAlarmsVerdictDoesNotSpeakForTheFire) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  ASSERT_TRUE(done(ActKind::verdict, id, kStart + 1s, Verdict::cooking));
  raises(heat(kStart + 2s, AlarmClass::fire_alarm));
  EXPECT_FALSE(book.find(id)->verdict);
}

TEST_F(BookSteps, AShelvedAlarmThatBecomesAFireIsToldAtOnce) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  ASSERT_TRUE(shelved(id, kStart + 1s, kStart + 1h));
  const Batch batch = raises(heat(kStart + 2s, AlarmClass::fire_alarm));
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
  EXPECT_FALSE(book.find(id)->overlays.any());
  EXPECT_EQ(book.find(id)->shelved_by, "");
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST_F(BookSteps, AShelvedAlarmThatWasNormalBecomesANewFire) {
  const AlarmId id = raised(heat(kStart, AlarmClass::pre_alarm));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  ASSERT_TRUE(shelved(id, kStart + 1s, kStart + 1h));
  Batch ignored;
  book.clear("overheat", "smoke-e", kStart + 2s, "", ignored);
  const Batch batch = raises(heat(kStart + 3s, AlarmClass::fire_alarm));
  EXPECT_THAT(notices(batch), ElementsAre("ended smoke-e", "raised smoke-e"));
  EXPECT_EQ(book.find(id), nullptr);
}

TEST_F(BookSteps, TheZoneFollowsTheClass) {
  raised(fire(kStart, {"other"}));
  const AlarmId id = raised(heat(kStart + 1s, AlarmClass::pre_alarm));
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::single) << "a pre-alarm confirms no fire";
  const Batch batch = raises(heat(kStart + 2s, AlarmClass::fire_alarm));
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e", "confirmed other", "confirmed smoke-e"));
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::confirmed);
}

// ---- who confirms whom ----

TEST_F(BookSteps, AZonesAlarmAndTheDeviceItSawAreOneTrigger) {
  Raise house = fire(kStart, {"zone:f3-corridor"}, "two_values");
  house.evidence[0].device = "smoke-e";
  const AlarmId zone_alarm = raised(house);
  const AlarmId device_alarm = raised(fire(kStart + 1s));
  EXPECT_EQ(book.find(zone_alarm)->confirmation, Confirmation::single);
  EXPECT_EQ(book.find(device_alarm)->confirmation, Confirmation::single);
  raised(fire(kStart + 2s, {"smoke-w"}));
  EXPECT_EQ(book.find(zone_alarm)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(book.find(device_alarm)->confirmation, Confirmation::confirmed);
}

TEST_F(BookSteps, StrongerEvidenceOfTwoDevicesConfirmsAndAnnouncesAnew) {
  const AlarmId id = raised(fire(kStart, {"zone:f3-corridor"}, "two_values"));
  ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + 1s));
  Raise both = fire(kStart + 2s, {"zone:f3-corridor"}, "two_values");
  both.confirmation = Confirmation::confirmed;
  EXPECT_THAT(notices(raises(both)), ElementsAre("confirmed zone:f3-corridor", "announced_again zone:f3-corridor"));
  EXPECT_EQ(book.find(id)->confirmation, Confirmation::confirmed);
}

TEST_F(BookSteps, AVerdictOfDeviceFaultTakesTheConfirmationBack) {
  const AlarmId one = raised(fire(kStart, {"a"})), two = raised(fire(kStart, {"b"}));
  ASSERT_EQ(book.find(one)->confirmation, Confirmation::confirmed);
  const auto judged = done(ActKind::verdict, two, kStart + 1min, Verdict::device_fault);
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->confirmation, Confirmation::single);
  EXPECT_EQ(book.find(one)->confirmation, Confirmation::single);
  EXPECT_THAT(notices(last), ElementsAre("verdict b")) << "less proof is no news to be told";
  EXPECT_THAT(journal(last), ElementsAre("verdict unacknowledged>unacknowledged", "confirmation confirmed>single",
                                         "confirmation confirmed>single"));
  EXPECT_EQ(last.alarms.back().id, one);
}

TEST_F(BookSteps, AThirdDeviceKeepsTheConfirmation) {
  const AlarmId one = raised(fire(kStart, {"a"})), two = raised(fire(kStart, {"b"})),
                three = raised(fire(kStart, {"c"}));
  ASSERT_TRUE(done(ActKind::verdict, two, kStart + 1min, Verdict::test));
  EXPECT_EQ(book.find(one)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(book.find(three)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(book.find(two)->confirmation, Confirmation::single);
}

TEST_F(BookSteps, AVerdictThatIsTakenBackConfirmsAgain) {
  const AlarmId one = raised(fire(kStart, {"a"})), two = raised(fire(kStart, {"b"}));
  ASSERT_TRUE(done(ActKind::verdict, two, kStart + 1min, Verdict::test));
  ASSERT_TRUE(done(ActKind::verdict, two, kStart + 2min, Verdict::unknown));
  EXPECT_EQ(book.find(one)->confirmation, Confirmation::confirmed);
  EXPECT_EQ(book.find(two)->confirmation, Confirmation::confirmed);
}

TEST_F(BookSteps, EvidenceOfTwoDevicesStaysConfirmed) {
  Raise house = fire(kStart, {"zone:f3-corridor"}, "two_values");
  house.confirmation = Confirmation::confirmed;
  house.evidence = {{Point::smoke, kNoPort, true, std::nullopt, kStart, "a"},
                    {Point::smoke, kNoPort, true, std::nullopt, kStart, "b"}};
  const AlarmId zone_alarm = raised(house);
  const AlarmId other = raised(fire(kStart, {"c"}));
  ASSERT_TRUE(done(ActKind::verdict, other, kStart + 1min, Verdict::test));
  EXPECT_EQ(book.find(zone_alarm)->confirmation, Confirmation::confirmed);
}

TEST_F(BookSteps, EvidenceTellsWhoSaidItAndItsShare) {
  Raise house = fire(kStart, {"zone:f3-corridor"}, "two_values");
  house.evidence = {{Point::temperature_c, kNoPort, 40.0, 57.0, kStart, "a", 70.0},
                    {Point::smoke, kNoPort, true, std::nullopt, kStart, "", 35.2}};
  EXPECT_EQ(raises(house).journal[0].why, "a temperature_c 40 °C (limit 57) (70 %), smoke true (35 %)");
}

// ---- chatter ----

class BookChatter : public BookSteps {
 protected:
  // Comes and goes `times` times, every 5 s; the notices of it all.
  std::vector<std::string> chatters(int times, const std::function<Raise(Instant)>& made) {
    std::vector<std::string> told;
    for (int i = 0; i < times; ++i, now += 5s) {
      const Raise raise = made(now);
      const Batch batch = written([&](Batch& into) {
        book.advance(now, into);
        book.raise(raise, into);
        book.clear(raise.rule, raise.subject.text(), now + 1s, "", into);
      });
      for (const std::string& one : notices(batch)) told.push_back(one);
    }
    return told;
  }
  const Alarm& only() { return book.live().begin()->second; }
  Instant now = kStart;
};

TEST_F(BookChatter, TheThirdRaiseWithinAMinuteIsMarkedAndHeldBack) {
  EXPECT_THAT(chatters(2, [](Instant at) { return fault(at); }),
              ElementsAre("raised smoke-e", "returned smoke-e", "announced_again smoke-e", "returned smoke-e"));
  EXPECT_FALSE(only().chattering);
  EXPECT_THAT(chatters(10, [](Instant at) { return fault(at); }), IsEmpty());
  EXPECT_TRUE(only().chattering);
  EXPECT_EQ(only().occurrences, 12u) << "every raise is counted";
}

TEST_F(BookChatter, IsJournalledOnce) {
  std::vector<std::string> rows;
  for (int i = 0; i < 6; ++i) {
    const Batch batch = written([&](Batch& into) {
      book.raise(fault(kStart + i * 2s), into);
      book.clear("device_fault", "smoke-e", kStart + i * 2s + 1s, "", into);
    });
    for (const JournalEntry& entry : batch.journal) {
      if (entry.kind == "chattering") rows.push_back(entry.why);
    }
  }
  EXPECT_THAT(rows, ElementsAre("3 raises within 60 s"));
}

TEST_F(BookChatter, IsToldWhenItIsQuiet) {
  chatters(5, [](Instant at) { return fault(at); });
  const Instant last_raise = only().last_raised_at;
  EXPECT_EQ(book.next_deadline(), last_raise + 1min);
  const Batch batch = written([&](Batch& into) { book.advance(last_raise + 1min, into); });
  EXPECT_THAT(notices(batch), ElementsAre("announced_again smoke-e"));
  EXPECT_THAT(journal(batch), ElementsAre("quiet returned_unacknowledged>returned_unacknowledged"));
  EXPECT_FALSE(only().chattering);
  EXPECT_EQ(batch.alarms.back().revision, only().revision);
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST_F(BookChatter, WhoHasAcknowledgedIsNotToldOfTheQuiet) {
  chatters(2, [](Instant at) { return fault(at); });
  Batch ignored;
  book.raise(fault(now), ignored);
  ASSERT_TRUE(done(ActKind::acknowledge, only().id, now + 1s));
  const Batch batch = written([&](Batch& into) { book.advance(now + 1min, into); });
  EXPECT_THAT(notices(batch), IsEmpty());
  EXPECT_FALSE(batch.alarms.empty());
}

TEST_F(BookChatter, AFireIsToldEachTime) {
  const auto told = chatters(4, [](Instant at) { return fire(at); });
  EXPECT_EQ(std::count(told.begin(), told.end(), "announced_again smoke-e"), 3);
  EXPECT_TRUE(only().chattering) << "marked all the same";
  EXPECT_THAT(notices(written([&](Batch& into) { book.advance(now + 1h, into); })), IsEmpty()) << "nothing is owed";
}

TEST_F(BookChatter, RaisesAMinuteApartAreNone) {
  for (int i = 0; i < 5; ++i) {
    Batch ignored;
    book.raise(fault(kStart + i * 30s), ignored);
    book.clear("device_fault", "smoke-e", kStart + i * 30s + 1s, "", ignored);
    EXPECT_FALSE(only().chattering) << i;
  }
}

TEST_F(BookChatter, AStepUpIsToldWhileItChatters) {
  chatters(3, [this](Instant at) { return heat(at, AlarmClass::supervisory); });
  Batch ignored;
  book.raise(heat(now, AlarmClass::supervisory), ignored);
  EXPECT_THAT(notices(raises(heat(now + 1s, AlarmClass::pre_alarm))), ElementsAre("announced_again smoke-e"));
}

TEST_F(BookChatter, ChattersOnUnderANewIdAfterEachAcknowledgement) {
  for (int i = 0; i < 3; ++i) {
    const AlarmId id = raised(fault(kStart + i * 10s));
    ASSERT_TRUE(done(ActKind::acknowledge, id, kStart + i * 10s + 1s));
    Batch ignored;
    if (i < 2) {
      book.clear("device_fault", "smoke-e", kStart + i * 10s + 2s, "", ignored);
    }
  }
  EXPECT_TRUE(only().chattering);
}

TEST_F(BookChatter, EndsAfterARestart) {
  chatters(4, [](Instant at) { return fault(at); });
  AlarmBook restored;
  restored.restore({only()});
  EXPECT_EQ(restored.next_deadline(), only().last_raised_at + 1min);
}

TEST_F(BookChatter, AnAlarmThatEndsOwesNothing) {
  chatters(3, [](Instant at) { return fault(at); });
  ASSERT_TRUE(done(ActKind::acknowledge, only().id, now));
  EXPECT_TRUE(book.live().empty());
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST(Chatter, ForgetsWhatIsOlderThanItsWindow) {
  Chatter chatter;
  for (int i = 0; i < 1000; ++i) chatter.raised("a", kStart + i * 1s);
  EXPECT_EQ(chatter.size(), 60u);
  EXPECT_FALSE(chatter.raised("a", kStart + 1h));
  EXPECT_EQ(chatter.size(), 1u);
}

TEST(Chatter, MovesAlongWithTheClock) {
  Chatter chatter;
  chatter.raised("a", kStart);
  chatter.raised("a", kStart + 1s);
  chatter.clock_stepped(-1h);
  EXPECT_TRUE(chatter.raised("a", kStart + 2s - 1h));
  EXPECT_FALSE(chatter.raised("a", kStart + 62s - 1h));
}

// ---- shelving ----

TEST_F(BookSteps, ShelvingKeepsWhoAndWhy) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  EXPECT_EQ(book.find(id)->shelved_by, "王芳");
  EXPECT_EQ(book.find(id)->shelved_why, "检修");
  ASSERT_TRUE(done(ActKind::unshelve, id, kStart + 1min));
  EXPECT_EQ(book.find(id)->shelved_by, "");
  EXPECT_EQ(book.find(id)->shelved_why, "");
}

TEST_F(BookSteps, ShelvingNeedsAReason) {
  const AlarmId id = raised(fault(kStart));
  Act made = act(ActKind::shelve, id);
  made.until = kStart + 1h;
  const auto refused = book.act(made, kStart, last);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_input);
  EXPECT_THAT(refused.error().message, HasSubstr("found no reason"));
}

TEST_F(BookSteps, TheEndOfAShelvingIsAnnouncedTenMinutesBefore) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  EXPECT_TRUE(written([&](Batch& into) { book.advance(kStart + 50min - 1ms, into); }).empty());
  const Batch batch = written([&](Batch& into) { book.advance(kStart + 50min, into); });
  EXPECT_THAT(notices(batch), ElementsAre("overlay_ending smoke-e"));
  EXPECT_EQ(batch.notices[0].at, kStart + 50min);
  EXPECT_TRUE(book.find(id)->end_announced);
  EXPECT_TRUE(written([&](Batch& into) { book.advance(kStart + 55min, into); }).empty());
}

TEST_F(BookSteps, AShortShelvingIsNotWarnedOf) {
  ASSERT_TRUE(shelved(raised(fault(kStart)), kStart, kStart + 10min));
  EXPECT_EQ(book.next_deadline(), kStart + 10min);
}

TEST_F(BookSteps, ALongerShelvingIsWarnedOfAgain) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  Batch ignored;
  book.advance(kStart + 50min, ignored);
  ASSERT_TRUE(shelved(id, kStart + 51min, kStart + 2h));
  EXPECT_EQ(book.next_deadline(), kStart + 110min);
}

TEST_F(BookSteps, AWarningIsNotRepeatedAfterARestart) {
  const AlarmId id = raised(fault(kStart));
  ASSERT_TRUE(shelved(id, kStart, kStart + 1h));
  Batch ignored;
  book.advance(kStart + 50min, ignored);
  AlarmBook restored;
  restored.restore({*book.find(id)});
  EXPECT_EQ(restored.next_deadline(), kStart + 1h);
}

}  // namespace
}  // namespace firegate::alarms
