#include "rules/parse_override.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "rules/parse_condition.h"

namespace firegate::rules {
namespace {

// The text of an id in `where`; "" when it is not given.
std::string parse_id(MapReader& reader, std::string_view key) { return reader.text(key, ""); }

template <typename Enum>
std::optional<Enum> parse_choice(MapReader& reader, std::string_view key) {
  if (reader.has(key)) return reader.choice<Enum>(key, std::nullopt);
  reader.node(key);
  return std::nullopt;
}

Where parse_where(const ConfigNode& node, Problems& problems) {
  MapReader reader(node, problems);
  Where where;
  where.device = parse_id(reader, "device");
  where.location = parse_id(reader, "location");
  where.zone = parse_id(reader, "zone");
  where.floor = parse_id(reader, "floor");
  where.building = parse_id(reader, "building");
  where.estate = parse_id(reader, "estate");
  where.model = parse_id(reader, "model");
  where.occupancy = parse_choice<Occupancy>(reader, "occupancy");
  where.kind = parse_choice<DeviceKind>(reader, "kind");
  reader.finish();
  if (reader.ok() && node.members.empty()) {
    problems.add(ProblemCode::E105_missing_key, node.at, node.path,
                 "found nothing, expected a device, a place, a model, an occupancy or a kind");
  }
  return where;
}

// A number of a leaf that may be set, and the leaf's clear limit, which keeps its distance.
struct Setting {
  std::string_view key;
  double* (*of)(Condition& leaf);
};

double* limit_of(Condition& leaf, bool upper, bool inclusive) {
  Limit* limit = std::get_if<Limit>(&leaf.what);
  return limit && limit->upper == upper && limit->inclusive == inclusive ? &limit->limit : nullptr;
}
double* clear_of(Condition& leaf, bool upper) {
  Limit* limit = std::get_if<Limit>(&leaf.what);
  return limit && limit->upper == upper ? &limit->clear : nullptr;
}
double* rise_of(Condition& leaf, bool falls) {
  Rise* rise = std::get_if<Rise>(&leaf.what);
  return rise && rise->falls == falls ? &rise->by : nullptr;
}
double* deviation_of(Condition& leaf, Deviation::Side side) {
  Deviation* deviation = std::get_if<Deviation>(&leaf.what);
  return deviation && deviation->side == side ? &deviation->by : nullptr;
}

constexpr std::array<Setting, 11> kSettings{
    {{"at_least", [](Condition& leaf) { return limit_of(leaf, true, true); }},
     {"above", [](Condition& leaf) { return limit_of(leaf, true, false); }},
     {"at_most", [](Condition& leaf) { return limit_of(leaf, false, true); }},
     {"below", [](Condition& leaf) { return limit_of(leaf, false, false); }},
     {"clears_below", [](Condition& leaf) { return clear_of(leaf, true); }},
     {"clears_above", [](Condition& leaf) { return clear_of(leaf, false); }},
     {"rises_by", [](Condition& leaf) { return rise_of(leaf, false); }},
     {"falls_by", [](Condition& leaf) { return rise_of(leaf, true); }},
     {"deviates_by", [](Condition& leaf) { return deviation_of(leaf, Deviation::Side::either); }},
     {"above_baseline_by", [](Condition& leaf) { return deviation_of(leaf, Deviation::Side::above); }},
     {"below_baseline_by", [](Condition& leaf) { return deviation_of(leaf, Deviation::Side::below); }}}};

// Leaves about the device itself; what is asked of others stays as it is.
void collect_leaves(Condition& condition, std::vector<Condition*>& into) {
  if (Group* group = std::get_if<Group>(&condition.what)) {
    for (Condition& part : group->of) collect_leaves(part, into);
  } else if (Not* negated = std::get_if<Not>(&condition.what)) {
    collect_leaves(negated->of.front(), into);
  } else if (Count* count = std::get_if<Count>(&condition.what)) {
    collect_leaves(count->of.front(), into);
  } else {
    into.push_back(&condition);
  }
}

Point point_of(const Condition& leaf) {
  Point found{};
  for_each_point(leaf, [&found](Point point) { found = point; });
  return found;
}

// What `set` changes: the steps that are meant, and their leaves.
class Setter {
 public:
  Setter(const ConfigNode& node, Override& into, Problems& problems)
      : node_(node), reader_(node, problems), override_(into) {}

  void run() {
    choose_steps();
    // The limit first: its clear limit keeps its distance unless it is set as well.
    for (const Setting& setting : kSettings) set_number(setting);
    set_delay("on_delay", &Step::on_delay);
    set_delay("off_delay", &Step::off_delay);
    override_.effective.enabled = reader_.boolean("enabled", true);
    reader_.finish();
    if (reader_.ok() && node_.members.empty()) {
      reader_.wrong("", ProblemCode::E105_missing_key, "found nothing to set");
    }
    for (const ConfigNode::Member& member : node_.members) {
      if (!override_.set.empty()) override_.set += ", ";
      override_.set += fmt::format("{} {}", member.key, member.value->scalar);
    }
  }

 private:
  void choose_steps() {
    auto& steps = override_.effective.steps;
    const auto count = static_cast<std::int64_t>(steps.size());
    const auto chosen = static_cast<std::size_t>(reader_.integer("step", 0, reader_.has("step") ? 1 : 0, count));
    for (std::size_t no = 0; no < steps.size(); ++no) {
      if (chosen == 0 || chosen == no + 1) steps_.push_back(&steps[no]);
    }
    for (Step* step : steps_) collect_leaves(step->when, leaves_);
  }

  void set_number(const Setting& setting) {
    if (!reader_.has(setting.key)) {
      reader_.node(setting.key);
      return;
    }
    std::vector<Condition*> found;
    for (Condition* leaf : leaves_) {
      if (setting.of(*leaf)) found.push_back(leaf);
    }
    if (found.size() != 1) {
      reader_.node(setting.key);
      reader_.wrong(setting.key, ProblemCode::E113_contradiction,
                    fmt::format("found {} tests with {} in {}, expected one{}", found.size(), setting.key,
                                override_.rule, found.size() > 1 ? "; name the step" : ""));
      return;
    }
    Condition& leaf = *found.front();
    const PointInfo& what = info(point_of(leaf));
    double& number = *setting.of(leaf);
    const double before = number;
    number = reader_.number(setting.key, before, what.low, what.high);
    Limit* limit = std::get_if<Limit>(&leaf.what);
    if (!limit) return;
    if (&number == &limit->limit) limit->clear += number - before;
    if (limit->upper ? limit->clear > limit->limit : limit->clear < limit->limit) {
      reader_.wrong(setting.key, ProblemCode::E113_contradiction,
                    fmt::format("found the clear limit {} beyond the limit {}", limit->clear, limit->limit));
    }
  }

  void set_delay(std::string_view key, Millis Step::*delay) {
    if (!reader_.has(key)) {
      reader_.node(key);
      return;
    }
    const Millis span = reader_.duration(key, std::nullopt);
    for (Step* step : steps_) {
      if (span > Millis{0} && delay == &Step::on_delay) {
        for (const Condition* leaf : leaves_) {
          for_each_point(*leaf, [this, key](Point point) {
            if (says_fire(point)) {
              reader_.wrong(
                  key, ProblemCode::E113_contradiction,
                  fmt::format("found a delay on {}, which is an alarm of its own; expected none", name(point)));
            }
          });
        }
      }
      step->*delay = span;
    }
  }

  const ConfigNode& node_;
  MapReader reader_;
  Override& override_;
  std::vector<Step*> steps_;
  std::vector<Condition*> leaves_;
};

bool threatens_life(const Rule& rule) noexcept {
  return std::any_of(rule.steps.begin(), rule.steps.end(),
                     [](const Step& step) { return firegate::threatens_life(step.alarm_class); });
}

}  // namespace

std::optional<Override> parse_override(const ConfigNode& node, std::span<const Rule> rules, Problems& problems) {
  MapReader reader(node, problems);
  if (!reader.ok()) return std::nullopt;
  Override made;
  made.rule = reader.text("rule");
  made.at = fmt::format("{}:{}:{}", node.at.file ? *node.at.file : "", node.at.line, node.at.column);
  if (const ConfigNode* where = reader.map("where", true)) made.where = parse_where(*where, problems);
  const ConfigNode* set = reader.map("set", true);
  made.reason = reader.text("reason", "");
  made.source = reader.text("source");
  reader.finish();
  const auto base =
      std::find_if(rules.begin(), rules.end(), [&made](const Rule& rule) { return rule.id == made.rule; });
  if (base == rules.end()) {
    if (!reader.has("rule")) return std::nullopt;
    std::vector<std::string_view> ids;
    for (const Rule& rule : rules) ids.push_back(rule.id);
    reader.wrong("rule", ProblemCode::E110_unknown_reference,
                 fmt::format("found \"{}\", expected the id of a rule{}", made.rule, suggestion(made.rule, ids)));
    return std::nullopt;
  }
  made.effective = *base;
  if (set) Setter(*set, made, problems).run();
  if (!made.effective.enabled && threatens_life(made.effective) && made.reason.empty()) {
    problems.add(ProblemCode::E105_missing_key, node.at, node.path,
                 fmt::format("\"reason\" is missing: {} is of a class that threatens life", made.rule));
  }
  return made;
}

}  // namespace firegate::rules
