// What rules remember goes with the batch that is about to be written, as of its last message.
#include <gtest/gtest.h>

#include <map>

#include "unit/partition/rig.h"

namespace firegate::partition {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPattern = R"(
rules:
  - {id: pattern, kinds: [heat_detector], class: fire_alarm, text: {zh: 火情, en: Fire}, source: our choice,
     when: {fire_pattern: alarm}}
)";
constexpr std::string_view kDelay = R"(
rules:
  - {id: hot, kinds: [heat_detector], class: pre_alarm, text: {zh: 过热, en: Hot}, source: our choice,
     when: {point: temperature_c, at_least: 65}, on_delay: 10s}
)";

Device detector() { return device_in(1, "heat-1", DeviceKind::heat_detector, "z1", 60s); }

Batch close(Partition& partition) {
  Batch batch;
  partition.close(batch);
  return batch;
}

TEST(Saving, ManyReportsAreOneRowOfTheLastState) {
  Street street(kPattern, {detector()});
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(street.say(0, Point::temperature_c, 20.0 + 0.1 * i, i * 2s).rule_states.empty());
  }
  EXPECT_TRUE(street.partition().is_dirty());
  const Batch saved = close(street.partition());
  ASSERT_EQ(saved.rule_states.size(), 1u);
  EXPECT_EQ(saved.rule_states[0].device, "heat-1");
  EXPECT_EQ(saved.rule_states[0].rule, "pattern");
  EXPECT_EQ(rules::RuleState::from_text(saved.rule_states[0].state)->to_text(), saved.rule_states[0].state);
  EXPECT_FALSE(street.partition().is_dirty());
  EXPECT_TRUE(close(street.partition()).rule_states.empty()) << "nothing has changed since";
}

TEST(Saving, AStateThatOnlyTimeChangedIsSavedWithoutASignOfLife) {
  Street street(kDelay, {detector()});
  street.say(0, Point::temperature_c, 70.0, 1s);
  EXPECT_TRUE(close(street.partition()).rule_states.at(0).state.starts_with("d")) << "the delay runs";
  street.advance(30s);
  const Batch saved = close(street.partition());
  ASSERT_EQ(saved.rule_states.size(), 1u);
  EXPECT_EQ(saved.rule_states[0].state, "a");
  EXPECT_TRUE(saved.devices.empty()) << "nobody spoke";
}

TEST(Saving, AStateThatIsADefaultOneAgainIsTakenBack) {
  Street street(kDelay, {detector()});
  street.say(0, Point::temperature_c, 70.0, 1s);
  close(street.partition());
  Batch batch = street.say(0, Point::temperature_c, 20.0, 2s);
  street.partition().close(batch);
  ASSERT_EQ(batch.rule_states.size(), 1u);
  EXPECT_EQ(batch.rule_states[0].state, "");
}

// Reports to a partition that is killed after some of them, with what it had saved by then. Returns the last state.
std::string state_after(std::size_t reports, std::size_t killed_after) {
  std::map<std::string, RuleStateRow> saved;
  const DevicePtr device = std::make_shared<const Device>(detector());
  const auto map = std::make_shared<const DeviceMap>(std::vector<DevicePtr>{device});
  const auto start = [&] {
    Restored restored;
    for (const auto& [key, row] : saved) restored.rule_states.push_back(row);
    return std::make_unique<Partition>([](std::string_view) { return true; }, rules_from(kPattern), map, restored,
                                       kStart);
  };
  auto partition = start();
  for (std::size_t no = 1; no <= reports; ++no) {
    ToPartition item;
    item.device = device;
    item.message.readings = {
        {Point::temperature_c, kNoPort, Quality::good, 20.0 + static_cast<double>(no * no % 7) / 10},
        {Point::smoke_od_m, kNoPort, Quality::good, 0.001 * static_cast<double>(no % 5)}};
    item.arrived_at = kStart + Millis{3000} * no;
    item.seq = no;
    Batch batch;
    partition->receive(item, batch);
    if (no % 3 == 0 || no == killed_after || no == reports) partition->close(batch);
    for (const RuleStateRow& row : batch.rule_states) saved.insert_or_assign(row.device + row.rule, row);
    if (no == killed_after) partition = start();
  }
  return saved.at("heat-1pattern").state;
}

TEST(Saving, WhatWasSavedGoesOnAsIfNothingHadHappened) {
  const std::string straight = state_after(60, 0);
  for (const std::size_t kill : {1u, 2u, 7u, 30u, 59u}) EXPECT_EQ(state_after(60, kill), straight) << kill;
}

}  // namespace
}  // namespace firegate::partition
