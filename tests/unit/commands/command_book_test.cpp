// What becomes of a command: forward only, by its own device's word, by what is measured, or by the end of its time.
#include "commands/command_book.h"

#include <gtest/gtest.h>

#include "commands/effect.h"

namespace firegate::commands {
namespace {

constexpr Instant kNow{Millis{1'700'000'000'000}};

class Book : public testing::Test {
 protected:
  Book() { add(CommandKind::cut_off, 3); }
  void add(CommandKind kind, Port port = kNoPort) {
    CommandRecord record;
    record.command.id = "c1";
    record.command.kind = kind;
    record.command.port = port;
    record.device = "charger";
    record.source = "site";
    record.address = "unit/1.1";
    record.at = record.changed_at = kNow;
    book.add(record);
  }
  std::optional<CommandRecord> answer(std::string result, std::string address = "unit/1.1",
                                      std::string source = "site") {
    return book.answered({"c1", std::move(source), std::move(address), std::move(result), "why"}, kNow + Millis{10});
  }
  std::optional<CommandRecord> sent() { return book.advance("c1", CommandState::sent, "", kNow + Millis{5}); }
  DeviceSnapshot saying(Point point, Value value, Port port, Instant at) {
    Current current;
    current.point = point;
    current.port = port;
    current.value = std::move(value);
    current.updated_at = current.measured_at = current.changed_at = at;
    DeviceSnapshot device;
    device.last_heard = at;
    device.values.push_back(std::move(current));
    return device;
  }

  CommandBook book;
};

TEST_F(Book, GoesFromSentToAcceptedToDone) {
  EXPECT_EQ(sent()->state, CommandState::sent);
  EXPECT_EQ(answer("accepted")->state, CommandState::accepted);
  const auto done = answer("done");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->state, CommandState::done);
  EXPECT_EQ(done->why, "why");
}

TEST_F(Book, AnAnswerThatOvertakesTheReceiptCounts) {
  EXPECT_EQ(answer("done")->state, CommandState::done);
  EXPECT_FALSE(sent());
}

TEST_F(Book, TheSecondAnswerChangesNothing) {
  EXPECT_TRUE(answer("failed"));
  EXPECT_FALSE(answer("done"));
  EXPECT_FALSE(answer("failed"));
}

TEST_F(Book, OnlyItsOwnDeviceAnswers) {
  EXPECT_FALSE(answer("done", "another"));
  EXPECT_FALSE(answer("done", "unit/1"));
  EXPECT_FALSE(answer("done", "unit/1.1", "elsewhere"));
  EXPECT_FALSE(answer("exploded"));
}

TEST_F(Book, AUnitAnswersForWhatIsBelowIt) { EXPECT_TRUE(answer("done", "unit")); }

TEST_F(Book, TimesOutWithoutAWord) {
  sent();
  EXPECT_TRUE(book.tick(kNow + kAnswerWithin - Millis{1}).empty());
  const auto late = book.tick(kNow + kAnswerWithin);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].state, CommandState::timed_out);
  EXPECT_TRUE(book.tick(kNow + kAnswerWithin + Millis{1}).empty());
}

TEST_F(Book, ADutyCheckWaitsForItsPerson) {
  add(CommandKind::duty_check);
  sent();
  ASSERT_TRUE(answer("accepted"));
  EXPECT_TRUE(book.tick(kNow + kDoneWithin + std::chrono::minutes{1}).empty());
  EXPECT_EQ(book.tick(kNow + kDutyWithin + Millis{10}).size(), 1u);
}

TEST_F(Book, ALateAnswerIsTheTruth) {
  sent();
  ASSERT_EQ(book.tick(kNow + kAnswerWithin).size(), 1u);
  EXPECT_EQ(answer("done")->state, CommandState::done);
}

TEST_F(Book, WhatIsOverIsForgotten) {
  ASSERT_TRUE(answer("failed"));
  book.tick(kNow + kWatched + Millis{10});
  EXPECT_FALSE(book.advance("c1", CommandState::timed_out, "", kNow));
}

TEST_F(Book, ThePortThatIsIdleVerifiesACutOff) {
  sent();
  ASSERT_EQ(book.to_measure().size(), 1u);
  const Value idle = choice_value(Point::port_state, "idle"), charging = choice_value(Point::port_state, "charging");
  const Instant later = kNow + Millis{100};
  EXPECT_FALSE(book.measured("c1", saying(Point::port_state, charging, 3, later), later));
  EXPECT_FALSE(book.measured("c1", saying(Point::port_state, idle, 4, later), later));
  EXPECT_FALSE(book.measured("c1", saying(Point::port_state, idle, 3, kNow), later)) << "as it was before";
  EXPECT_EQ(book.measured("c1", saying(Point::port_state, idle, 3, later), later)->state, CommandState::verified);
  EXPECT_TRUE(book.to_measure().empty());
}

TEST_F(Book, AStaleReadingVerifiesNothing) {
  sent();
  const Instant later = kNow + Millis{100};
  DeviceSnapshot device = saying(Point::port_state, choice_value(Point::port_state, "idle"), 3, later);
  device.values.front().quality = Quality::stale;
  EXPECT_FALSE(book.measured("c1", device, later));
}

TEST_F(Book, KnowsMoreThanAStoreThatLags) {
  CommandRecord stored;
  stored.seq = 7;
  stored.command.id = "c1";
  ASSERT_TRUE(answer("done"));
  const CommandRecord newest = book.newest(stored);
  EXPECT_EQ(newest.state, CommandState::done);
  EXPECT_EQ(newest.seq, 7u);
  stored.command.id = "another";
  EXPECT_EQ(book.newest(stored).state, CommandState::requested);
}

TEST_F(Book, WhatHasNotLeftIsNotMeasured) { EXPECT_TRUE(book.to_measure().empty()); }

}  // namespace
}  // namespace firegate::commands
