// Groups, what is held, and figures: what the routes answer. The sums themselves: tests/unit/duty.
#include "unit/api/rig.h"

namespace firegate::api {
namespace {

using namespace std::chrono_literals;
using fakes::make_alarm;

class AlarmOverview : public Rig {
 protected:
  static JournalRow row(std::string kind, AlarmId alarm, Instant at, std::string who) {
    JournalRow made;
    made.entry = {at, std::move(kind), alarm, "b1-301-smoke", "", "", std::move(who), "", ""};
    return made;
  }
};

TEST_F(AlarmOverview, GroupsCountWhatIsLive) {
  const auto groups = parse(get("/api/v1/alarms/groups")).at("groups").as_array();
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(word(groups[0], "id"), "sunny/b1");
  EXPECT_EQ(groups[0].at("count").as_int64(), 2);
  EXPECT_EQ(groups[0].at("unacknowledged").as_int64(), 1);
  EXPECT_EQ(word(groups[0], "worst_class"), "fire_alarm");
  EXPECT_EQ(word(groups[0], "worst_alarm"), "0000000000000001");
  EXPECT_EQ(word(groups[0].at("place").at("building"), "name"), "1 号楼");
}

TEST_F(AlarmOverview, GroupsOfAnotherEstateAreNone) {
  EXPECT_TRUE(parse(get("/api/v1/alarms/groups?estate=moon")).at("groups").as_array().empty());
}

TEST_F(AlarmOverview, HeldListsAlarmsAndDisablementsWithTheirEnds) {
  Alarm shelved = make_alarm(2, AlarmClass::fault, AlarmState::acknowledged, 5);
  shelved.overlays.set(Overlay::shelved);
  shelved.shelved_until = clock.now() + 1h;
  shelved.shelved_by = "王芳";
  shelved.shelved_why = "检修";
  feed.alarm_changed(shelved);
  Device disabled = *devices.devices[0].device;
  disabled.disablement = std::make_shared<Disablement>(Disablement{clock.now() + 2h, "李雷", "装修"});
  devices.devices[0].device = std::make_shared<const Device>(disabled);

  const auto held = parse(get("/api/v1/alarms/held"));
  ASSERT_EQ(held.at("alarms").as_array().size(), 1u);
  EXPECT_EQ(word(held.at("alarms").at(0), "shelved_by"), "王芳");
  EXPECT_EQ(word(held.at("alarms").at(0), "shelved_why"), "检修");
  ASSERT_EQ(held.at("disablements").as_array().size(), 1u);
  EXPECT_EQ(word(held.at("disablements").at(0), "device"), disabled.id);
  EXPECT_EQ(word(held.at("disablements").at(0), "why"), "装修");
  EXPECT_EQ(word(held.at("disablements").at(0), "until"), to_text(clock.now() + 2h));
  EXPECT_TRUE(parse(get("/api/v1/alarms/held?estate=moon")).at("disablements").as_array().empty());
}

TEST_F(AlarmOverview, FiguresCountTheJournalsRaisesAndAcknowledgements) {
  const Instant at = clock.now() - 1h;
  records.journal.rows = {row("acknowledge", AlarmId{9}, at + 30s, "user:wangfang"),
                          row("acknowledge", AlarmId{9}, at + 10s, "system"), row("raise", AlarmId{9}, at, "system"),
                          row("raise", AlarmId{77}, at, "system"), row("clear", AlarmId{9}, at + 5s, "system")};
  const auto figures = parse(get("/api/v1/alarms/figures"));
  EXPECT_EQ(figures.at("raises").as_int64(), 1) << "an alarm that is no longer in the record says nothing";
  EXPECT_EQ(figures.at("by_priority").at("fault").as_int64(), 1);
  EXPECT_EQ(figures.at("acknowledge_median_ms").as_int64(), 30'000)
      << "what the program acknowledged itself is no person's";
  EXPECT_EQ(figures.at("standing").as_int64(), 2);
  EXPECT_EQ(word(figures, "from"), to_text(clock.now() - 24h));
  EXPECT_EQ(word(figures.at("bad_actors").at(0), "subject"), "b1-301-smoke");
}

TEST_F(AlarmOverview, FiguresAskTheJournalForTheTime) {
  get("/api/v1/alarms/figures?from=2026-11-01T00:00:00Z&to=2026-11-22T00:00:00Z");
  EXPECT_EQ(records.asked_journal.from, instant_from_text("2026-11-01T00:00:00Z"));
  EXPECT_EQ(records.asked_journal.to, instant_from_text("2026-11-22T00:00:00Z"));
  EXPECT_TRUE(records.asked_journal.scope.every);
}

TEST_F(AlarmOverview, FiguresRefuseATimeThatIsTooLongOrTurned) {
  expect_problem(get("/api/v1/alarms/figures?from=2026-01-01T00:00:00Z&to=2026-11-22T00:00:00Z"), 400, "bad_input");
  expect_problem(get("/api/v1/alarms/figures?from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z"), 400, "bad_input");
  expect_problem(get("/api/v1/alarms/figures?form=x"), 400, "bad_input");
}

TEST_F(AlarmOverview, FiguresNeedTheArchive) {
  archive_broken = true;
  expect_problem(get("/api/v1/alarms/figures"), 503, "io_failed");
}

}  // namespace
}  // namespace firegate::api
