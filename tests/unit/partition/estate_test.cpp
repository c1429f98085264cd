#include "partition/estate.h"

#include <gtest/gtest.h>

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;

const Instant kStart = *instant_from_text("2026-11-22T03:00:00Z");

Notice fault(std::string estate, std::string building, Instant at) {
  auto place = std::make_shared<Place>();
  place->estate = {std::move(estate), ""};
  place->building = {std::move(building), ""};
  Notice notice;
  notice.at = at;
  notice.alarm.alarm_class = AlarmClass::fault;
  notice.alarm.subject.place = place;
  return notice;
}

// Eleven faults of one estate, each of a building of its own.
Batch eleven(const std::string& estate) {
  Batch batch;
  for (int i = 0; i < 11; ++i) batch.notices.push_back(fault(estate, std::to_string(i), kStart + i * 1s));
  return batch;
}

TEST(Estates, CountOverTheirBuildings) {
  Estates estates;
  Batch batch = eleven("jinxiu");
  estates.admit(batch);
  EXPECT_EQ(batch.notices.size(), 10u) << "the eleventh is held";
  ASSERT_EQ(batch.journal.size(), 1u);
  EXPECT_EQ(batch.journal[0].kind, "flood_started");
}

TEST(Estates, AreApart) {
  Estates estates;
  Batch batch = eleven("jinxiu");
  estates.admit(batch);
  Batch other;
  other.notices.push_back(fault("sunny", "b1", kStart + 12s));
  estates.admit(other);
  EXPECT_EQ(other.notices.size(), 1u);
}

TEST(Estates, OurOwnFaultsAreNeverHeld) {
  Estates estates;
  Batch batch = eleven("");
  estates.admit(batch);
  EXPECT_EQ(batch.notices.size(), 11u);
  EXPECT_TRUE(batch.journal.empty());
}

TEST(Estates, TellWhatIsDueAndNothingElse) {
  Estates estates;
  Batch batch = eleven("jinxiu");
  estates.admit(batch);
  Batch early;
  estates.advance(kStart + 30s, early);
  EXPECT_TRUE(early.empty());
  Batch due;
  estates.advance(kStart + 70s, due);
  ASSERT_EQ(due.notices.size(), 1u);
  EXPECT_EQ(due.notices[0].kind, NoticeKind::collected);
}

TEST(Estates, TellAllAtAStop) {
  Estates estates;
  Batch batch = eleven("jinxiu");
  estates.admit(batch);
  Batch last;
  estates.flush(kStart + 11s, last);
  EXPECT_EQ(last.notices.size(), 1u);
}

TEST(Estates, MoveAlongWithTheClock) {
  Estates estates;
  Batch batch = eleven("jinxiu");
  estates.admit(batch);
  estates.clock_stepped(1h);
  Batch due;
  estates.advance(kStart + 70s, due);
  EXPECT_TRUE(due.empty());
  estates.advance(kStart + 70s + 1h, due);
  EXPECT_EQ(due.notices.size(), 1u);
}

}  // namespace
}  // namespace firegate::partition
