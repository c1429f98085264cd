// The rules that are delivered in config/rules: each is raised and cleared at least once here, driven by its own YAML.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "unit/rules/subject.h"

namespace firegate::rules {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

const std::filesystem::path kConfig = std::filesystem::path(FIREGATE_SOURCE_DIR) / "config";

RuleSetPtr load_delivered(Problems& problems) {
  std::vector<ConfigNodePtr> files;
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kConfig / "rules")) paths.insert(entry.path());
  for (const auto& path : paths) {
    if (auto node = settings::load_yaml(path, path.filename(), problems)) files.push_back(std::move(node));
  }
  return parse(files, problems);
}

const RuleSet& delivered() {
  static const RuleSetPtr set = [] {
    Problems problems;
    RuleSetPtr loaded = load_delivered(problems);
    for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
    return loaded ? loaded : std::make_shared<const RuleSet>(std::vector<Rule>{});
  }();
  return *set;
}

// What the device says besides; point and value.
struct Given {
  Point point;
  const char* value;
};

// One way to raise and clear a rule. An empty text: there is no such value.
struct Case {
  const char* rule;
  AlarmClass alarm_class;
  Point point;
  const char* quiet;   // does not raise: just short of the limit
  const char* raises;  // exactly at the limit, or the first beyond it
  const char* holds;   // inside the band: does not clear
  const char* clears;
  Millis delay{0};
  std::vector<Given> given{};
  Port port = kNoPort;
};

void PrintTo(const Case& at, std::ostream* out) { *out << at.rule; }

using enum AlarmClass;

const std::vector<Case> kCases{
    {"smoke_alarm", fire_alarm, Point::smoke, "false", "true", "", "false"},
    {"heat_alarm", fire_alarm, Point::heat, "false", "true", "", "false"},
    {"flame_alarm", fire_alarm, Point::flame, "false", "true", "", "false"},
    {"fire_alarm", fire_alarm, Point::fire, "false", "true", "", "false"},
    {"gas_alarm", gas_alarm, Point::gas, "false", "true", "", "false"},
    {"co_alarm", co_alarm, Point::co, "false", "true", "", "false"},
    {"gas_level", pre_alarm, Point::gas_lel_pct, "24.9", "25", "20", "19.9"},
    {"co_level", co_alarm, Point::co_ppm, "49", "50", "40", "39", 60min},
    {"charging_long", charging_hazard, Point::port_state, "idle", "charging", "", "full", 8h, {}, 3},
    {"fire_seen", pre_alarm, Point::smoke_seen, "false", "true", "", "false"},
    {"fire_seen", pre_alarm, Point::flame_seen, "false", "true", "", "false"},
    {"manual_call", fire_alarm, Point::manual_call, "false", "true", "", "false"},
    {"one_key_alarm", one_key_alarm, Point::sos, "false", "true", "", "false"},
    {"port_hot", pre_alarm, Point::port_temperature_c, "64.9", "65", "60", "59.9", 0s, {}, 3},
    {"port_too_hot", fire_alarm, Point::port_temperature_c, "79.9", "80", "70", "69.9", 0s, {}, 3},
    {"board_hot", pre_alarm, Point::board_temperature_c, "79.9", "80", "70", "69.9"},
    {"port_over_power", charging_hazard, Point::power_w, "800", "800.1", "760", "759", 10s, {}, 3},
    {"plug_over_power", charging_hazard, Point::power_w, "2200", "2201", "2100", "2099", 30s},
    {"relay_stuck", charging_hazard, Point::relay_stuck, "false", "true", "", "false"},
    {"power_after_stop",
     charging_hazard,
     Point::power_w,
     "49",
     "50",
     "30",
     "29",
     1min,
     {{Point::port_state, "idle"}},
     3},
    {"power_after_stop",
     charging_hazard,
     Point::port_state,
     "charging",
     "full",
     "",
     "charging",
     1min,
     {{Point::power_w, "90"}},
     3},
    {"charging_smoke_stop", fire_alarm, Point::stop_reason, "full", "smoke", "fire_system", "user", 0s, {}, 3},
    {"charging_heat_stop", pre_alarm, Point::stop_reason, "full", "over_temperature", "", "user", 0s, {}, 3},
    {"charging_fault_stop", charging_hazard, Point::stop_reason, "time", "overload", "water", "user", 0s, {}, 3},
    {"charging_10_h_counted", charging_hazard, Point::charge_s, "35999", "36000", "", "0", 0s, {}, 3},
    {"charging_over_current", charging_hazard, Point::over_current, "false", "true", "", "false"},
    {"charging_water", charging_hazard, Point::water_ingress, "false", "true", "", "false"},
    {"extinguisher_fired", fire_alarm, Point::extinguisher_fired, "false", "true", "", "false"},
    {"fuse_blown", fault, Point::fuse_blown, "false", "true", "", "false"},
    {"ebike_in_lift", ebike_intrusion, Point::ebike_detected, "false", "true", "", "false"},
    {"ebike_in_lift", ebike_intrusion, Point::ebike_seen, "false", "true", "", "false"},
    {"person_trapped", lift_entrapment, Point::person_trapped, "false", "true", "", "false"},
    {"person_trapped", lift_entrapment, Point::lift_fault, "other", "trapped_level", "trapped_between", "other"},
    {"lift_emergency_call", one_key_alarm, Point::emergency_call, "false", "true", "", "false"},
    {"lift_door_held", supervisory, Point::door_held, "false", "true", "", "false", 3min},
    {"lift_recall", supervisory, Point::fire_recall, "false", "true", "", "false"},
    {"lift_recall", supervisory, Point::firefighter_mode, "false", "true", "", "false"},
    {"lift_recall", supervisory, Point::lift_mode, "normal", "fire_recall", "firefighter", "inspection"},
    {"lift_fault", fault, Point::lift_fault, "trapped_level", "over_speed", "door_fault", "trapped_level"},
    {"residual_current", electrical_fire, Point::residual_current_ma, "299", "300", "270", "269"},
    {"cable_temperature", electrical_fire, Point::cable_temperature_c, "69.9", "70", "65", "64.9"},
    {"arc_fault", electrical_fire, Point::arc_fault, "false", "true", "", "false"},
    {"circuit_over_current", electrical_fire, Point::over_current, "false", "true", "", "false"},
    {"supply_abnormal", fault, Point::phase_loss, "false", "true", "", "false"},
    {"supply_abnormal", fault, Point::over_voltage, "false", "true", "", "false"},
    {"supply_abnormal", fault, Point::under_voltage, "false", "true", "", "false"},
    {"water_pressure_low", water_supply, Point::water_pressure_kpa, "100", "99.9", "110", "111", 1min},
    {"water_leak", supervisory, Point::water_leak, "false", "true", "", "false"},
    {"water_flow", supervisory, Point::water_flow, "false", "true", "", "false"},
    {"pump_running", supervisory, Point::pump_running, "false", "true", "", "false"},
    {"supervisory", supervisory, Point::supervisory, "false", "true", "", "false"},
    {"fire_door_open", supervisory, Point::door_open, "false", "true", "", "false", 5min},
    {"exit_blocked", supervisory, Point::exit_blocked, "false", "true", "", "false"},
    {"battery_low", fault, Point::battery_pct, "20.5", "20", "25", "25.5"},
    {"battery_low", fault, Point::battery_low, "false", "true", "", "false"},
    {"battery_critical", fault, Point::battery_pct, "10.5", "10", "15", "15.5"},
    {"tamper", fault, Point::tamper, "false", "true", "", "false"},
    {"device_fault", fault, Point::fault, "false", "true", "", "false"},
    {"device_fault", fault, Point::bus_fault, "false", "true", "", "false"},
    {"device_fault", fault, Point::port_state, "charging", "fault", "", "idle"},
    {"end_of_life", fault, Point::end_of_life, "false", "true", "", "false"},
    {"contaminated", fault, Point::contaminated, "false", "true", "", "false"},
    {"power_fail", fault, Point::mains_fail, "false", "true", "", "false"},
    {"power_fail", fault, Point::backup_power_fail, "false", "true", "", "false"},
    {"duty_unanswered", supervisory, Point::fault_code, "none", "duty_check_unanswered", "", "none"},
    {"disabled", disablement, Point::disabled, "false", "true", "", "false"},
    {"test", test, Point::test, "false", "true", "", "false"},
};

class DeliveredRule : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto no = delivered().find(GetParam().rule);
    ASSERT_TRUE(no) << "config/rules has no rule " << GetParam().rule;
    subject = std::make_unique<TestSubject>(delivered()[*no], GetParam().port);
    for (const Given& given : GetParam().given)
      subject->hear(0s, given.point, given.value, Quality::good, subject->port);
  }
  Judgement say(Millis after, const char* value) { return subject->say(after, GetParam().point, value); }

  std::unique_ptr<TestSubject> subject;
};

TEST_P(DeliveredRule, IsQuietShortOfItsLimit) {
  say(0s, GetParam().quiet);
  EXPECT_EQ(subject->judge(24h).answer, Answer::unchanged);
  EXPECT_EQ(subject->state.due(), kNever);
}

TEST_P(DeliveredRule, RaisesAtItsLimitAfterItsDelayAndClears) {
  const Case& at = GetParam();
  const Judgement said = say(1s, at.raises);
  if (at.delay > 0s) {
    EXPECT_EQ(said.answer, Answer::unchanged);
    EXPECT_EQ(said.recheck_at, kStart + 1s + at.delay);
    EXPECT_EQ(subject->judge(at.delay + 999ms).answer, Answer::unchanged);
    const Judgement raised = subject->judge(at.delay + 1s);
    EXPECT_EQ(raised.answer, Answer::active);
    EXPECT_EQ(label(raised.alarm_class), label(at.alarm_class));
  } else {
    EXPECT_EQ(said.answer, Answer::active);
    EXPECT_EQ(label(said.alarm_class), label(at.alarm_class));
  }
  if (*at.holds) {
    EXPECT_EQ(say(at.delay + 2s, at.holds).answer, Answer::unchanged);
  }
  EXPECT_EQ(say(at.delay + 3s, at.clears).answer, Answer::cleared);
}

// What is judged with the devices around or over a time of its own: tried beside the table above.
const std::set<std::string> kTriedApart{"fire_pattern", "port_hot_and_smoke", "water_pressure_without_pump"};

// One delivered rule whose answer moves through the steps of its alarm.
struct DeliveredSteps : testing::Test {
  TestSubject subject_of(const char* rule, Port port = kNoPort) {
    const auto no = delivered().find(rule);
    EXPECT_TRUE(no) << rule;
    return TestSubject(no ? delivered()[*no] : Rule{}, port);
  }
};

TEST_F(DeliveredSteps, GasRisesFromPreAlarmToAlarmAndStaysLatched) {
  TestSubject subject = subject_of("gas_level");
  EXPECT_EQ(subject.say(0s, Point::gas_lel_pct, "30").alarm_class, pre_alarm);
  const Judgement second = subject.say(1s, Point::gas_lel_pct, "50");
  EXPECT_EQ(second.answer, Answer::active);
  EXPECT_EQ(second.alarm_class, gas_alarm);
  EXPECT_EQ(subject.say(2s, Point::gas_lel_pct, "39").answer, Answer::unchanged) << "a gas alarm does not step down";
  EXPECT_EQ(subject.say(3s, Point::gas_lel_pct, "19").answer, Answer::cleared);
}

TEST_F(DeliveredSteps, CarbonMonoxideAlarmsTheSoonerTheMoreThereIs) {
  for (const auto& [ppm, delay] : {std::pair("50", 60min), {"100", 10min}, {"300", 2min}}) {
    TestSubject subject = subject_of("co_level");
    subject.say(0s, Point::co_ppm, ppm);
    EXPECT_EQ(subject.judge(delay - 1ms).answer, Answer::unchanged) << ppm;
    EXPECT_EQ(subject.judge(delay).answer, Answer::active) << ppm;
  }
}

TEST_F(DeliveredSteps, AChargeIsToldAtEightAndAtTenHours) {
  TestSubject subject = subject_of("charging_long", 3);
  subject.say(0s, Point::port_state, "charging");
  EXPECT_EQ(subject.judge(8h).answer, Answer::active);
  EXPECT_EQ(subject.judge(9h).answer, Answer::unchanged);
  EXPECT_EQ(subject.judge(10h).answer, Answer::active);
}

// Answers for all looks.
struct Others : Surroundings {
  Tally all;
  Tally tally(LookNo) const noexcept override { return all; }
  void evidence(LookNo, std::vector<Evidence>&) const override {}
};

TEST_F(DeliveredSteps, AnEbikeInALiftIsUrgentWhenABlockerIsSilent) {
  TestSubject subject = subject_of("ebike_in_lift");
  Others others;
  subject.around = &others;
  EXPECT_EQ(subject.say(0s, Point::ebike_seen, "true").alarm_class, ebike_intrusion);
  others.all = {1, 1, 0};
  EXPECT_EQ(subject.judge(1s).alarm_class, pre_alarm);
}

TEST_F(DeliveredSteps, AHotPortWithSmokeNearbyIsAFire) {
  TestSubject subject = subject_of("port_hot_and_smoke", 3);
  Others others;
  subject.around = &others;
  EXPECT_EQ(subject.say(0s, Point::port_temperature_c, "70").answer, Answer::unchanged);
  others.all = {1, 1, 0};
  EXPECT_EQ(subject.judge(1s).alarm_class, fire_alarm);
}

TEST_F(DeliveredSteps, ASharpFrontOfHeatWithSmokeIsAFire) {
  TestSubject subject = subject_of("fire_pattern");
  for (int i = 0; i < 60; ++i) {
    subject.hear(i * 10s, Point::smoke_od_m, "0.001");
    EXPECT_NE(subject.say(i * 10s, Point::temperature_c, "21").answer, Answer::active);
  }
  bool fire = false;
  for (int i = 0; i < 12; ++i) {
    subject.hear(600s + i * 10s, Point::smoke_od_m, fmt::format("{}", 0.001 + 0.01 * i));
    const Judgement said = subject.say(600s + i * 10s, Point::temperature_c, fmt::format("{}", 21 + 1.5 * i));
    fire = fire || (said.answer == Answer::active && said.alarm_class == fire_alarm);
    if (said.answer != Answer::active) continue;
    ASSERT_FALSE(said.evidence.empty());
    EXPECT_TRUE(said.evidence.front().share_pct);
  }
  EXPECT_TRUE(fire);
  EXPECT_EQ(RuleState::from_text(subject.state.to_text()), subject.state) << subject.state.to_text();
}

INSTANTIATE_TEST_SUITE_P(Config, DeliveredRule, testing::ValuesIn(kCases), [](const auto& at) {
  return fmt::format("{}_{}_{}", at.index, at.param.rule, name(at.param.point));
});

TEST(DeliveredRules, AreAllTriedHere) {
  std::set<std::string> tried;
  for (const Case& at : kCases) tried.insert(at.rule);
  for (const Rule& rule : delivered().all()) {
    EXPECT_TRUE(rule.absence || tried.contains(rule.id) || kTriedApart.contains(rule.id)) << "no case for " << rule.id;
  }
}

TEST(DeliveredRules, EveryKindIsMissedWhenItFallsSilent) {
  for (std::size_t kind = 0; kind < label_count<DeviceKind>(); ++kind) {
    const auto absence = delivered().absence(static_cast<DeviceKind>(kind));
    ASSERT_EQ(absence.size(), 1u) << label(static_cast<DeviceKind>(kind));
    TestSubject subject(delivered()[absence[0]]);
    subject.overdue_at = subject.lost_at = kStart + 1h;
    EXPECT_EQ(subject.rule.alarm_class, fault);
    EXPECT_EQ(subject.judge(1h - 1ms).answer, Answer::unchanged);
    EXPECT_EQ(subject.judge(1h).answer, Answer::active);
    subject.overdue_at = subject.lost_at = kNever;
    EXPECT_EQ(subject.judge(2h).answer, Answer::cleared);
  }
}

TEST(DeliveredRules, OfflineCountsByKindAndFormat) {
  EXPECT_EQ(delivered().offline_delay(DeviceKind::charging_station, "native"), Millis{1min});
  EXPECT_EQ(delivered().offline_delay(DeviceKind::elevator_controller, "native"), Millis{30s});
  EXPECT_EQ(delivered().offline_delay(DeviceKind::metering_plug, "shelly"), Millis{1min});
  EXPECT_EQ(delivered().offline_delay(DeviceKind::smoke_detector, "zigbee2mqtt"), Millis{10min});
  EXPECT_EQ(delivered().offline_delay(DeviceKind::smoke_detector, "shelly"), std::nullopt) << "it sleeps";
}

TEST(DeliveredRules, DetectorsOwnAlarmCountsFromEveryKind) {
  for (std::size_t point = 0; point < kPointCount; ++point) {
    if (!says_fire(static_cast<Point>(point))) continue;
    for (std::size_t kind = 0; kind < label_count<DeviceKind>(); ++kind) {
      const auto touched = delivered().touched(static_cast<DeviceKind>(kind), static_cast<Point>(point));
      const bool alarms = std::any_of(touched.begin(), touched.end(),
                                      [](RuleNo no) { return threatens_life(delivered()[no].alarm_class); });
      EXPECT_TRUE(alarms) << name(static_cast<Point>(point)) << " of " << label(static_cast<DeviceKind>(kind));
    }
  }
}

TEST(DeliveredRules, SayWhereTheirLimitsComeFromAndWhatTheyMean) {
  for (const Rule& rule : delivered().all()) {
    EXPECT_GT(rule.source.size(), 8u) << rule.id;
    EXPECT_FALSE(rule.text_zh.empty()) << rule.id;
    EXPECT_FALSE(rule.text_en.empty()) << rule.id;
    bool has_limit = rule.absence;
    for (const Step& step : rule.steps) {
      has_limit = has_limit || step.on_delay > 0s || step.off_delay > 0s;
      for_each_condition(step.when, [&has_limit](const Condition& condition) {
        has_limit = has_limit || !(condition.as<Is>() || condition.as<Group>());
      });
    }
    if (has_limit) {
      EXPECT_THAT(rule.source, testing::AnyOf(HasSubstr("our choice"), HasSubstr("domain.md section"))) << rule.id;
    }
  }
}

// config/schema/rules.schema.json is for editors; its lists must be those of the program.
class Schema : public testing::Test {
 protected:
  void SetUp() override {
    file = settings::load_yaml(kConfig / "schema/rules.schema.json", "rules.schema.json", problems);
    ASSERT_TRUE(file);
    definitions = file->find("$defs");
    ASSERT_TRUE(definitions);
  }
  std::vector<std::string> listed(const char* definition) const {
    std::vector<std::string> words;
    for (const auto& item : definitions->find(definition)->find("enum")->items) words.push_back(item->scalar);
    return words;
  }
  std::set<std::string> keys(const ConfigNode& object) const {
    std::set<std::string> names;
    for (const auto& member : object.find("properties")->members) names.insert(member.key);
    return names;
  }

  Problems problems;
  ConfigNodePtr file;
  const ConfigNode* definitions = nullptr;
};

TEST_F(Schema, ListsTheKindsOfTheProgram) {
  EXPECT_EQ(listed("kind"), std::vector<std::string>(Labels<DeviceKind>::list.begin(), Labels<DeviceKind>::list.end()));
}

TEST_F(Schema, ListsTheClassesOfTheProgram) {
  EXPECT_EQ(listed("class"),
            std::vector<std::string>(Labels<AlarmClass>::list.begin(), Labels<AlarmClass>::list.end()));
}

TEST_F(Schema, ListsThePointsOfTheProgram) {
  std::vector<std::string> points;
  for (std::size_t i = 0; i < kPointCount; ++i) points.emplace_back(name(static_cast<Point>(i)));
  EXPECT_EQ(listed("point"), points);
}

// The parser names the keys that it knows when it meets another one.
std::set<std::string> keys_known_to_parser(std::string_view yaml) {
  Problems problems;
  parse_text(yaml, problems);
  std::set<std::string> names;
  for (const Problem& problem : problems.list()) {
    if (problem.code != ProblemCode::E104_unknown_key) continue;
    std::string list = problem.message.substr(problem.message.find("expected one of ") + 16);
    std::istringstream in(list.substr(0, list.find(';')));
    for (std::string key; std::getline(in >> std::ws, key, ',');) names.insert(key);
  }
  return names;
}

// The keys that the parser knows where a condition is expected, and those of the schema.
TEST_F(Schema, HasTheKeysOfTheParser) {
  const std::string rest = "id: r, kinds: any, class: fault, source: s, text: {zh: z, en: e}}]";
  const auto inside = [&rest](const std::string& when) { return "rules: [{when: " + when + ", " + rest; };
  const std::pair<const char*, std::string> rows[] = {
      {"rule", "rules: [{qqqqqqqq: 1}]"},
      {"step", "rules: [{steps: [{qqqqqqqq: 1}], id: r, kinds: any, source: s, text: {zh: z, en: e}}]"},
      {"override", "overrides: [{qqqqqqqq: 1}]"},
      {"where", "overrides: [{where: {qqqqqqqq: 1}}]"},
      {"set", inside("{point: fault, is: true}") +
                  "\noverrides: [{rule: r, source: s, where: {kind: relay}, set: {qqqqqqqq: 1}}]"},
      {"not_heard", inside("{not_heard: {qqqqqqqq: 1}}")},
      {"count", inside("{count: {qqqqqqqq: 1}}")},
      {"during", inside("{during: {qqqqqqqq: 1}}")},
      {"in_zone", inside("{in_zone: {qqqqqqqq: 1}}")},
      {"nearby", inside("{nearby: {qqqqqqqq: 1}}")}};
  for (const auto& [definition, yaml] : rows) {
    const ConfigNode* object = definitions->find(definition);
    ASSERT_TRUE(object) << definition;
    std::set<std::string> known = keys_known_to_parser(yaml);
    if (std::string_view(definition) == "rule") known.insert({"class", "when", "on_delay", "off_delay"});
    EXPECT_EQ(keys(*object), known) << definition;
  }
  std::set<std::string> forms = keys(*definitions->find("test"));
  for (const auto& form : definitions->find("condition")->find("oneOf")->items) {
    if (form->find("required")) forms.insert(form->find("required")->items[0]->scalar);
  }
  EXPECT_EQ(forms, keys_known_to_parser(inside("{qqqqqqqq: 1}")));
}

TEST_F(Schema, HasTheBoundsOfTheProgram) {
  EXPECT_EQ(definitions->find("conditions")->find("maxItems")->scalar, std::to_string(kMaxConditions));
  EXPECT_EQ(definitions->find("rule")->find("properties")->find("steps")->find("maxItems")->scalar,
            std::to_string(kMaxSteps));
  EXPECT_EQ(definitions->find("expression")->find("maxLength")->scalar, std::to_string(Expression::kMaxText));
}

TEST_F(Schema, ListsTheScopesAndOccupanciesOfTheProgram) {
  EXPECT_EQ(listed("scope"), std::vector<std::string>(Labels<Scope>::list.begin(), Labels<Scope>::list.end()));
  EXPECT_EQ(listed("occupancy"),
            std::vector<std::string>(Labels<Occupancy>::list.begin(), Labels<Occupancy>::list.end()));
}

TEST(RulesReadme, ExamplesAreAcceptedByTheParser) {
  std::ifstream in(std::filesystem::path(FIREGATE_SOURCE_DIR) / "gateway/rules/README.md");
  std::stringstream all;
  all << in.rdbuf();
  const std::string text = all.str();
  std::size_t examples = 0;
  for (auto begin = text.find("```yaml\n"); begin != std::string::npos; begin = text.find("```yaml\n", begin + 8)) {
    const auto end = text.find("```\n", begin + 8);
    Problems problems;
    EXPECT_TRUE(parse_text(text.substr(begin + 8, end - begin - 8), problems));
    for (const Problem& problem : problems.list()) ADD_FAILURE() << to_text(problem);
    ++examples;
  }
  EXPECT_GE(examples, 2u);
}

}  // namespace
}  // namespace firegate::rules
