#include "replay/rule_cases.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>


namespace firegate::replay {
namespace {

// A Sunday midnight in Shanghai, so that schedules begin where a week does.
constexpr Instant kDefaultBegin{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{16}};
constexpr std::string_view kEstate = "case", kBuilding = "building";

std::optional<Value> value_of(const ConfigNode& node, Point point) {
  const PointInfo& what = info(point);
  if (node.type != ConfigNode::Type::scalar) return std::nullopt;
  switch (what.type) {
    case ValueType::boolean:
      if (node.scalar == "true") return Value{true};
      return node.scalar == "false" ? std::optional(Value{false}) : std::nullopt;
    case ValueType::number: {
      double number = 0;
      const char* end = node.scalar.data() + node.scalar.size();
      const auto read = std::from_chars(node.scalar.data(), end, number);
      return read.ec == std::errc{} && read.ptr == end ? std::optional(Value{number}) : std::nullopt;
    }
    case ValueType::choice: {
      const Value choice = choice_value(point, node.scalar);
      return is_unknown(choice) ? std::nullopt : std::optional(choice);
    }
    case ValueType::text: return Value{node.scalar};
  }
  return std::nullopt;
}

// One case: who is in it, and what the steps may therefore name.
class CaseParser {
 public:
  CaseParser(const ConfigNode& node, Problems& problems) : node_(node), problems_(problems) {}

  RuleCase parse() {
    MapReader reader(node_, problems_);
    made_.where = node_.at;
    made_.name = reader.text("name");
    made_.begin = kDefaultBegin;
    if (reader.has("begin")) parse_begin(reader);
    if (const ConfigNode* list = reader.list("devices", true)) {
      for (const ConfigNodePtr& item : list->items) parse_device(*item);
    }
    if (const ConfigNode* list = reader.list("steps", true)) {
      for (const ConfigNodePtr& item : list->items) parse_step(*item);
    }
    reader.finish();
    return std::move(made_);
  }

 private:
  void parse_begin(MapReader& reader) {
    const std::string text = reader.text("begin");
    const auto at = instant_from_text(text);
    if (at) {
      made_.begin = *at;
    } else {
      reader.wrong("begin", ProblemCode::E106_wrong_type,
                   fmt::format("found \"{}\", expected a time like 2026-11-22T03:14:15Z", text));
    }
  }

  void parse_device(const ConfigNode& node) {
    MapReader reader(node, problems_);
    if (!reader.ok()) return;
    Device device;
    device.no = static_cast<DeviceNo>(made_.devices.size() + 1);
    device.id = device.address = reader.text("id");
    device.kind = reader.choice<DeviceKind>("kind", std::nullopt);
    device.model = reader.text("model", "generic");
    device.source = device.format = reader.text("format", "native");
    device.mapped = reader.boolean("mapped", true);
    device.interval = reader.duration("interval", default_interval(device.kind));
    if (reader.boolean("disabled", false)) device.disablement = std::make_shared<Disablement>(Disablement{kNever, "case", "as the case says"});
    device.place = parse_place(reader);
    reader.finish();
    made_.devices.push_back(std::make_shared<const Device>(std::move(device)));
  }

  PlacePtr parse_place(MapReader& reader) {
    Place place;
    place.estate = {std::string(kEstate), ""};
    place.building = {reader.text("building", std::string(kBuilding)), ""};
    place.floor.id = reader.text("floor", "");
    place.zone.id = reader.text("zone", "");
    place.location.id = reader.text("location", "");
    if (const ConfigNode* list = reader.list("occupancy")) {
      for (const ConfigNodePtr& item : list->items) {
        if (const auto what = from_label<Occupancy>(item->scalar)) {
          place.occupancy = static_cast<std::uint8_t>(place.occupancy | 1u << static_cast<unsigned>(*what));
        } else {
          problems_.add(ProblemCode::E108_not_in_list, item->at, item->path,
                        fmt::format("found \"{}\", expected one of {}", item->scalar,
                                    fmt::join(Labels<Occupancy>::list, ", ")));
        }
      }
    }
    return std::make_shared<const Place>(std::move(place));
  }

  void parse_step(const ConfigNode& node) {
    MapReader reader(node, problems_);
    if (!reader.ok()) return;
    RuleStep step;
    step.where = node.at;
    step.at = reader.duration("at", std::nullopt);
    if (!made_.steps.empty() && step.at < made_.steps.back().at) {
      reader.wrong("at", ProblemCode::E113_contradiction, "found a time before that of the step before");
    }
    if (reader.has("device")) {
      step.device = reader.text("device");
      known(step.device, reader, "device");
    }
    step.kind = reader.choice<MessageKind>("kind", MessageKind::delta);
    const auto port = static_cast<Port>(reader.integer("port", kNoPort, kNoPort, 999));
    const Quality quality = reader.choice<Quality>("quality", Quality::good);
    if (const ConfigNode* readings = reader.map("readings")) parse_readings(*readings, port, quality, step);
    if (!step.readings.empty() && step.device.empty()) {
      reader.wrong("readings", ProblemCode::E105_missing_key, "found readings without \"device\"");
    }
    if (const ConfigNode* expect = reader.map("expect")) parse_expect(*expect, step);
    reader.finish();
    made_.steps.push_back(std::move(step));
  }

  void known(const std::string& id, MapReader& reader, std::string_view key) {
    if (is_known(id)) return;
    reader.wrong(key, ProblemCode::E110_unknown_reference, fmt::format("found \"{}\", expected a device of the case", id));
  }
  bool is_known(std::string_view id) const {
    return std::ranges::any_of(made_.devices, [id](const DevicePtr& device) { return device->id == id; });
  }

  void parse_readings(const ConfigNode& node, Port port, Quality quality, RuleStep& step) {
    for (const ConfigNode::Member& member : node.members) {
      const auto point = point_from_name(member.key);
      if (!point) {
        problems_.add(ProblemCode::E108_not_in_list, member.key_at, member.value->path,
                      fmt::format("found \"{}\", expected a point", member.key));
        continue;
      }
      if (auto value = value_of(*member.value, *point)) {
        step.readings.push_back({*point, port, quality, std::move(*value)});
      } else {
        problems_.add(ProblemCode::E106_wrong_type, member.value->at, member.value->path,
                      fmt::format("found \"{}\", expected a value of {}", member.value->scalar, member.key));
      }
    }
  }

  void parse_expect(const ConfigNode& node, RuleStep& step) {
    for (const ConfigNode::Member& member : node.members) {
      if (!is_known(member.key)) {
        problems_.add(ProblemCode::E110_unknown_reference, member.key_at, member.value->path,
                      fmt::format("found \"{}\", expected a device of the case", member.key));
      }
      if (member.value->type != ConfigNode::Type::list) {
        problems_.add(ProblemCode::E106_wrong_type, member.value->at, member.value->path, "expected a list of rules");
        continue;
      }
      auto& expected = step.expect[member.key];
      for (const ConfigNodePtr& item : member.value->items) expected.push_back(parse_expected(*item));
    }
  }

  ExpectedRule parse_expected(const ConfigNode& node) {
    if (node.type == ConfigNode::Type::scalar) return {node.scalar, std::nullopt, std::nullopt};
    ExpectedRule expected;
    MapReader reader(node, problems_);
    expected.rule = reader.text("rule");
    if (reader.has("class")) expected.alarm_class = reader.choice<AlarmClass>("class", std::nullopt);
    if (reader.has("confirmation")) expected.confirmation = reader.choice<Confirmation>("confirmation", std::nullopt);
    reader.finish();
    return expected;
  }

  const ConfigNode& node_;
  Problems& problems_;
  RuleCase made_;
};

// The alarms of a device whose condition is present, by rule.
std::multimap<std::string, Alarm> active_on(const partition::Partition& partition, const std::string& device) {
  std::vector<Alarm> live;
  partition.live_alarms(live);
  std::multimap<std::string, Alarm> found;
  for (Alarm& alarm : live) {
    if (alarm.subject.device == device && condition_present(alarm.state)) found.emplace(alarm.rule, std::move(alarm));
  }
  return found;
}

std::string in_words(const std::multimap<std::string, Alarm>& active) {
  std::vector<std::string> words;
  for (const auto& [rule, alarm] : active) {
    words.push_back(fmt::format("{} ({}, {})", alarm.subject.port == kNoPort ? rule : fmt::format("{} of port {}", rule, alarm.subject.port),
                                label(alarm.alarm_class), label(alarm.confirmation)));
  }
  return words.empty() ? "no rule active" : fmt::format("{}", fmt::join(words, ", "));
}

std::string in_words(const std::vector<ExpectedRule>& expected) {
  std::vector<std::string> words;
  for (const ExpectedRule& one : expected) {
    std::string text = one.rule;
    if (one.alarm_class) text += fmt::format(" ({})", label(*one.alarm_class));
    if (one.confirmation) text += fmt::format(" ({})", label(*one.confirmation));
    words.push_back(std::move(text));
  }
  return words.empty() ? "none" : fmt::format("{}", fmt::join(words, ", "));
}

bool matches(const ExpectedRule& expected, const Alarm& alarm) {
  return expected.rule == alarm.rule && (!expected.alarm_class || *expected.alarm_class == alarm.alarm_class) &&
         (!expected.confirmation || *expected.confirmation == alarm.confirmation);
}

// Every expected rule is active, and no other.
bool as_expected(const std::vector<ExpectedRule>& expected, const std::multimap<std::string, Alarm>& active) {
  const auto is_active = [&](const ExpectedRule& one) {
    return std::ranges::any_of(active, [&](const auto& entry) { return matches(one, entry.second); });
  };
  const auto is_expected = [&](const auto& entry) {
    return std::ranges::any_of(expected, [&](const ExpectedRule& one) { return matches(one, entry.second); });
  };
  return std::ranges::all_of(expected, is_active) && std::ranges::all_of(active, is_expected);
}

ToPartition item_of(const RuleStep& step, const DevicePtr& device, Instant at) {
  ToPartition item;
  item.device = device;
  item.arrived_at = at;
  item.message.address = device->address;
  item.message.kind = step.kind;
  item.message.readings = step.readings;
  return item;
}

}  // namespace

std::vector<RuleCase> parse_rule_cases(const ConfigNode& file, Problems& problems) {
  std::vector<RuleCase> cases;
  MapReader reader(file, problems);
  if (const ConfigNode* list = reader.list("cases", true)) {
    for (const ConfigNodePtr& item : list->items) cases.push_back(CaseParser(*item, problems).parse());
  }
  reader.finish();
  return cases;
}

std::vector<std::string> run_rule_case(const RuleCase& one, const rules::RuleSetPtr& rules) {
  const auto map = std::make_shared<const DeviceMap>(one.devices);
  partition::Partition partition([](std::string_view) { return true; }, rules, map, Restored{}, one.begin);
  std::vector<std::string> wrong;
  Batch batch;
  for (const RuleStep& step : one.steps) {
    const Instant at = one.begin + step.at;
    if (step.device.empty()) {
      partition.advance(at, batch);
    } else {
      partition.receive(item_of(step, *map->by_id(step.device), at), batch);
    }
    for (const auto& [device, expected] : step.expect) {
      const auto active = active_on(partition, device);
      if (as_expected(expected, active)) continue;
      wrong.push_back(fmt::format("{}:{}:{}: {} after the begin, on {}: found {}, expected {}",
                                  step.where.file ? *step.where.file : "", step.where.line, step.where.column,
                                  fmt::format("{} s", static_cast<double>(step.at.count()) / 1000), device,
                                  in_words(active), in_words(expected)));
    }
  }
  return wrong;
}

}  // namespace firegate::replay
