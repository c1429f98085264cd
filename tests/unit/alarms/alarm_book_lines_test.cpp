// Many losses, one cause: a line, its hub or its power.
#include "book_support.h"

namespace firegate::alarms {
namespace {

class BookLines : public Book {
 protected:
  Raise loss(Instant at, const std::string& device, DeviceKind kind = DeviceKind::charging_station) {
    Raise made = fault(at, {device});
    made.rule = "lost";
    made.subject.kind = kind;
    made.evidence.clear();
    made.why = "silent";
    made.line = "main/native";
    return made;
  }
  Raise hub(Instant at) { return loss(at, "gw-1", DeviceKind::gateway); }
  Batch lose(Instant at, int from, int to) {
    return written([&](Batch& into) {
      for (int i = from; i <= to; ++i) book.raise(loss(at, fmt::format("d{}", i)), into);
    });
  }
  Batch back(Instant at, const std::string& device) {
    return written([&](Batch& into) { EXPECT_TRUE(book.clear("lost", device, at, "speaks", into)); });
  }
  const Alarm& lost(const std::string& device) { return *book.find("lost", device); }
  const Alarm* down() { return book.find(kLineDown, "line:jinxiu/b1/main/native"); }
  static bool suppressed(const Alarm& alarm) { return alarm.overlays.has(Overlay::suppressed_by_design); }
};

TEST_F(BookLines, FourLossesAreFourFaults) {
  const Batch batch = lose(kStart, 1, 4);
  EXPECT_EQ(notices(batch).size(), 4u);
  EXPECT_EQ(down(), nullptr);
}

TEST_F(BookLines, TheFifthMakesOneFaultOfThemAll) {
  lose(kStart, 1, 4);
  const Batch batch = lose(kStart + 1min, 5, 5);
  EXPECT_THAT(notices(batch), ElementsAre("raised line:jinxiu/b1/main/native"));
  ASSERT_NE(down(), nullptr);
  EXPECT_EQ(down()->consequences, 5u);
  EXPECT_EQ(down()->alarm_class, AlarmClass::fault);
  EXPECT_EQ(down()->subject.place->building.id, "b1");
  EXPECT_EQ(down()->subject.place->zone.id, "");
  EXPECT_THAT(batch.journal[0].why, HasSubstr("5 devices of main/native lost"));
  for (const char* device : {"d1", "d4", "d5"}) {
    EXPECT_TRUE(suppressed(lost(device))) << device;
    EXPECT_EQ(lost(device).cause, down()->id) << device;
    EXPECT_THAT(lost(device).suppressed_why, HasSubstr("line:jinxiu/b1/main/native"));
  }
}

TEST_F(BookLines, AThousandLossesTellFiveTimes) {
  const Batch batch = lose(kStart, 1, 1000);
  EXPECT_EQ(batch.notices.size(), 5u) << "four losses and the line";
  EXPECT_EQ(down()->consequences, 1000u);
  EXPECT_EQ(book.live().size(), 1001u) << "nothing is lost from the list";
}

TEST_F(BookLines, LossesSpreadWiderThanTheWindowHaveNoCommonCause) {
  for (int i = 1; i <= 12; ++i) lose(kStart + i * 150s, i, i);
  EXPECT_EQ(down(), nullptr);
}

TEST_F(BookLines, OneDeviceLostFiveTimesIsNoLine) {
  for (int i = 0; i < 6; ++i) {
    Raise one = loss(kStart + i * 1s, "d1");
    one.rule = fmt::format("lost_{}", i);
    raised(one);
  }
  EXPECT_EQ(down(), nullptr);
}

TEST_F(BookLines, LinesAndBuildingsAreKeptApart) {
  lose(kStart, 1, 4);
  Raise other_line = loss(kStart, "d5");
  other_line.line = "main/shelly";
  raised(other_line);
  Raise other_building = loss(kStart, "d6");
  auto place = std::make_shared<Place>(*other_building.subject.place);
  place->building.id = "b2";
  other_building.subject.place = place;
  raised(other_building);
  EXPECT_EQ(down(), nullptr);
}

TEST_F(BookLines, OneLineThatFailsInTwoBuildingsAtOnceIsTwoFaults) {
  lose(kStart, 1, 5);
  for (int i = 6; i <= 10; ++i) {
    Raise other_building = loss(kStart, fmt::format("d{}", i));
    auto place = std::make_shared<Place>(*other_building.subject.place);
    place->building.id = "b2";
    other_building.subject.place = place;
    raised(other_building);
  }
  const Alarm* other = book.find(kLineDown, "line:jinxiu/b2/main/native");
  ASSERT_NE(down(), nullptr);
  ASSERT_NE(other, nullptr);
  EXPECT_NE(other->id, down()->id);
  EXPECT_EQ(other->consequences, 5u);
  EXPECT_EQ(down()->consequences, 5u);
  EXPECT_EQ(lost("d10").cause, other->id);
}

TEST_F(BookLines, AFireIsNeverExplainedAway) {
  lose(kStart, 1, 5);
  Raise burning = fire(kStart + 1s, {"d6"});
  burning.line = "main/native";
  const Batch batch = written([&](Batch& into) { book.raise(burning, into); });
  EXPECT_THAT(notices(batch), ElementsAre("raised d6"));
  EXPECT_FALSE(book.find("smoke_alarm", "d6")->overlays.any());
}

TEST_F(BookLines, AHubExplainsWhatIsLostAfterIt) {
  const AlarmId by = raised(hub(kStart));
  const Batch batch = lose(kStart + 3h, 1, 2);
  EXPECT_THAT(notices(batch), IsEmpty());
  EXPECT_EQ(lost("d2").cause, by);
  EXPECT_EQ(book.find(by)->consequences, 2u);
}

TEST_F(BookLines, GatewaysTransmissionUnitsAndPanelsAreHubs) {
  for (std::size_t i = 0; i < label_count<DeviceKind>(); ++i) {
    const auto kind = static_cast<DeviceKind>(i);
    const bool expected =
        kind == DeviceKind::gateway || kind == DeviceKind::user_transmission_unit || kind == DeviceKind::fire_panel;
    AlarmBook fresh;
    Batch batch;
    fresh.raise(loss(kStart, "hub", kind), batch);
    fresh.raise(loss(kStart + 1s, "d1"), batch);
    EXPECT_EQ(suppressed(*fresh.find("lost", "d1")), expected) << label(kind);
  }
}

TEST_F(BookLines, AHubExplainsWhatWasLostJustBefore) {
  lose(kStart, 1, 1);
  lose(kStart + 8min, 2, 3);
  const AlarmId by = raised(hub(kStart + 11min));
  EXPECT_EQ(book.find(by)->consequences, 2u);
  EXPECT_FALSE(suppressed(lost("d1"))) << "too long before";
  EXPECT_TRUE(suppressed(lost("d3")));
}

TEST_F(BookLines, AHubThatIsKeptQuietExplainsNothing) {
  const AlarmId by = raised(hub(kStart));
  ASSERT_TRUE(shelved(by, kStart, kStart + 1h));
  EXPECT_THAT(notices(lose(kStart + 1min, 1, 1)), ElementsAre("raised d1"));
}

TEST_F(BookLines, WhatReturnsEndsWithoutAWord) {
  lose(kStart, 1, 6);
  const Batch batch = back(kStart + 1min, "d1");
  EXPECT_THAT(notices(batch), ElementsAre("ended d1"));
  EXPECT_EQ(book.find("lost", "d1"), nullptr);
  EXPECT_EQ(down()->consequences, 5u);
  EXPECT_EQ(book.next_deadline(), kStart + 11min) << "the line has ten minutes to be heard whole";
}

TEST_F(BookLines, WhatIsStillLostIsAnnouncedWhenTheLineHasSettled) {
  lose(kStart, 1, 6);
  back(kStart + 1min, "d1");
  back(kStart + 2min, "d2");
  const Batch batch = written([&](Batch& into) { book.advance(kStart + 11min, into); });
  EXPECT_THAT(notices(batch),
              testing::UnorderedElementsAre("announced_again d3", "announced_again d4", "announced_again d5",
                                            "announced_again d6", "returned line:jinxiu/b1/main/native"));
  EXPECT_FALSE(suppressed(lost("d3")));
  EXPECT_EQ(lost("d3").cause, AlarmId{});
  EXPECT_EQ(down()->state, AlarmState::returned_unacknowledged);
  EXPECT_EQ(down()->consequences, 0u);
  EXPECT_EQ(book.next_deadline(), kNever);
}

TEST_F(BookLines, TheLineIsUpWhenTheLastIsBack) {
  lose(kStart, 1, 5);
  for (int i = 1; i <= 5; ++i) back(kStart + i * 1min, fmt::format("d{}", i));
  EXPECT_EQ(down()->state, AlarmState::returned_unacknowledged);
  EXPECT_EQ(down()->returned_at, kStart + 5min);
  EXPECT_EQ(book.next_deadline(), kNever);
  EXPECT_EQ(book.live().size(), 1u);
}

TEST_F(BookLines, AHubThatIsBackGivesItsDevicesTimeToBeHeard) {
  raised(hub(kStart));
  lose(kStart + 1min, 1, 2);
  back(kStart + 1h, "d1");
  EXPECT_EQ(book.next_deadline(), kNever) << "the hub is still lost";
  back(kStart + 2h, "gw-1");
  EXPECT_EQ(book.next_deadline(), kStart + 2h + 10min);
  const Batch batch = written([&](Batch& into) { book.advance(kStart + 3h, into); });
  EXPECT_THAT(notices(batch), ElementsAre("announced_again d2"));
}

TEST_F(BookLines, AHubThatIsLostAgainExplainsOn) {
  raised(hub(kStart));
  lose(kStart + 1min, 1, 1);
  back(kStart + 2h, "gw-1");
  raised(hub(kStart + 2h + 1min));
  EXPECT_EQ(book.next_deadline(), kNever);
  EXPECT_TRUE(suppressed(lost("d1")));
}

TEST_F(BookLines, ASecondOutageIsANewOne) {
  lose(kStart, 1, 5);
  for (int i = 1; i <= 5; ++i) back(kStart + 1min, fmt::format("d{}", i));
  ASSERT_TRUE(done(ActKind::acknowledge, down()->id, kStart + 2min));
  const Batch batch = lose(kStart + 1h, 1, 5);
  EXPECT_EQ(notices(batch).back(), "raised line:jinxiu/b1/main/native");
  EXPECT_EQ(down()->consequences, 5u);
}

TEST_F(BookLines, ARestartKnowsTheCauseAndWhoIsUnderIt) {
  lose(kStart, 1, 6);
  std::vector<Alarm> stored;
  for (const auto& [id, alarm] : book.live()) stored.push_back(alarm);
  AlarmBook restored;
  restored.restore(stored);
  Batch batch;
  restored.raise(loss(kStart + 1h, "d7"), batch);
  EXPECT_THAT(notices(batch), IsEmpty());
  for (int i = 1; i <= 7; ++i) restored.clear("lost", fmt::format("d{}", i), kStart + 2h, "", batch);
  EXPECT_EQ(restored.find(kLineDown, "line:jinxiu/b1/main/native")->state, AlarmState::returned_unacknowledged);
}

TEST_F(BookLines, ARestartAfterTheHubIsBackAnnouncesWhatIsStillLost) {
  raised(hub(kStart));
  lose(kStart + 1min, 1, 1);
  back(kStart + 2h, "gw-1");
  std::vector<Alarm> stored;
  for (const auto& [id, alarm] : book.live()) stored.push_back(alarm);
  AlarmBook restored;
  restored.restore(stored);
  EXPECT_EQ(restored.next_deadline(), kStart + 2h + 10min);
}

TEST_F(BookLines, SettlingMovesAlongWithTheClock) {
  lose(kStart, 1, 6);
  back(kStart + 1min, "d1");
  book.clock_stepped(-1h);
  EXPECT_EQ(book.next_deadline(), kStart + 11min - 1h);
}

TEST_F(BookLines, ADisabledDeviceIsNoSignOfAnOutage) {
  for (int i = 1; i <= 6; ++i) {
    Raise quiet = loss(kStart, fmt::format("d{}", i));
    quiet.out_of_service = true;
    raised(quiet);
  }
  EXPECT_EQ(down(), nullptr);
}

}  // namespace
}  // namespace firegate::alarms
