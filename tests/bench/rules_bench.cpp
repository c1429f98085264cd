// What rules cost: a message through a partition with 1 and with 300 rules, evaluations a second of each kind of
// condition, and bytes. Run by hand: build/tests/bench/rules_bench. Nothing here is asserted.
#include <fmt/format.h>
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "partition/partition.h"
#include "rules/evaluate.h"
#include "settings/yaml.h"

namespace firegate {
namespace {

constexpr Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

rules::RuleSetPtr rules_from(const std::string& text) {
  Problems problems;
  auto rules = rules::parse({settings::parse_yaml(text, "bench.yaml", problems)}, problems);
  for (const Problem& problem : problems.list()) fmt::print(stderr, "{}\n", to_text(problem));
  return rules;
}

std::string rule(std::size_t no, std::string_view kind, const std::string& when) {
  return fmt::format(
      "  - {{id: r{}, kinds: [{}], class: pre_alarm, text: {{zh: r, en: r}}, source: bench, when: {}}}\n", no, kind,
      when);
}

std::vector<Point> numbers() {
  std::vector<Point> list;
  for (std::size_t i = 0; i < kPointCount; ++i) {
    const auto point = static_cast<Point>(i);
    if (info(point).type == ValueType::number && info(point).low <= 0 && info(point).high >= 50) list.push_back(point);
  }
  return list;
}

// As an estate has them: over all kinds, each on a point of its own.
std::string spread(std::size_t count) {
  const auto points = numbers();
  std::string text =
      "rules:\n" + rule(0, "charging_station", "{point: port_temperature_c, at_least: 65, clears_below: 60}");
  for (std::size_t no = 1; no < count; ++no) {
    const auto kind = label(static_cast<DeviceKind>(no % label_count<DeviceKind>()));
    text +=
        rule(no, kind, fmt::format("{{point: {}, at_least: 45, clears_below: 40}}", name(points[no % points.size()])));
  }
  return text;
}

// All of one kind and point: no index helps.
std::string heaped(std::size_t count) {
  std::string text = "rules:\n";
  for (std::size_t no = 0; no < count; ++no) {
    text += rule(no, "charging_station", fmt::format("{{point: port_temperature_c, at_least: {}}}", 60 + no % 40));
  }
  return text;
}

template <typename Work>
double nanoseconds_each(std::size_t count, Work work) {
  double best = 1e18;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < count; ++i) work(i);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(count));
  }
  return best;
}

DevicePtr device(DeviceNo no, DeviceKind kind) {
  Place place;
  place.estate = {"e", ""};
  place.building = {"b", ""};
  place.zone = {fmt::format("z{}", no / 20), ""};
  Device made;
  made.no = no;
  made.id = made.address = fmt::format("d{}", no);
  made.source = made.format = "native";
  made.kind = kind;
  made.interval = std::chrono::minutes{2};
  made.place = std::make_shared<const Place>(place);
  return std::make_shared<const Device>(std::move(made));
}

partition::Partition partition_of(const std::vector<DevicePtr>& devices, const std::string& rules) {
  return {[](std::string_view) { return true; }, rules_from(rules), std::make_shared<const DeviceMap>(devices),
          Restored{}, kStart};
}

double message_cost(const std::string& text) {
  const DevicePtr known = device(1, DeviceKind::charging_station);
  partition::Partition partition = partition_of({known}, text);
  ToPartition item;
  item.device = known;
  item.message.readings = {{Point::port_temperature_c, 1, Quality::good, 20.0},
                           {Point::power_w, 1, Quality::good, 80.0}};
  std::size_t said = 0;
  return nanoseconds_each(200'000, [&](std::size_t) {
    ++said;
    item.arrived_at = kStart + Millis{static_cast<Millis::rep>(said) * 1000};
    item.seq = said;
    item.message.readings[0].value = 20.0 + static_cast<double>(said % 8);
    Batch batch;
    partition.receive(item, batch);
  });
}

void print_condition(std::string_view what, const std::string& when) {
  const auto set = rules_from("rules:\n" + rule(0, "heat_detector", when));
  if (!set) return;
  CurrentValues values;
  rules::RuleState state;
  std::size_t said = 0;
  const double each = nanoseconds_each(300'000, [&](std::size_t) {
    ++said;
    const Instant now = kStart + Millis{static_cast<Millis::rep>(said) * 10'000};
    values.put({Point::temperature_c, kNoPort, Quality::good, 20.0 + static_cast<double>(said % 5), now, now, now});
    static_cast<void>(rules::evaluate((*set)[0], {values}, state, now));
  });
  fmt::print("| {} | {:.0f} | {:.1f} M | {} |\n", what, each, 1e3 / each, state.is_default() ? 0 : state.bytes());
}

std::size_t heap_bytes() { return mallinfo2().uordblks; }

// What the partition keeps of one detector of seven points, heard once; `rule` judges it.
void print_device(std::string_view what, const std::string& rule_text) {
  constexpr DeviceNo kDevices = 10'000;
  std::vector<DevicePtr> devices;
  for (DeviceNo no = 1; no <= kDevices; ++no) devices.push_back(device(no, DeviceKind::smoke_detector));
  const std::size_t before = heap_bytes();
  partition::Partition partition = partition_of(devices, "rules:\n" + rule_text);
  for (const DevicePtr& known : devices) {
    ToPartition item;
    item.device = known;
    item.arrived_at = kStart + Millis{1000};
    item.seq = known->no;
    const auto value_of = [](Point point) { return Reading{point, kNoPort, Quality::good, 20.0}; };
    for (const Point point : {Point::temperature_c, Point::humidity_pct, Point::smoke_od_m, Point::co_ppm,
                              Point::battery_pct, Point::battery_v, Point::voltage_v}) {
      item.message.readings.push_back(value_of(point));
    }
    Batch batch;
    partition.receive(item, batch);
    partition.close(batch);
  }
  fmt::print("| {} | {} |\n", what, (heap_bytes() - before) / kDevices);
}

void run() {
  const double one = message_cost(spread(1)), many = message_cost(spread(300)), heap = message_cost(heaped(300));
  fmt::print("| rules | ns a message | against one |\n|---|---|---|\n");
  fmt::print("| 1 | {:.0f} | 1.0 |\n| 300 over all kinds and points | {:.0f} | {:.2f} |\n", one, many, many / one);
  fmt::print("| 300 on one point of one kind | {:.0f} | {:.1f} |\n", heap, heap / one);
  fmt::print("rule evaluations a second in a partition, 300 on one point: {:.1f} M\n\n", 300 * 1e3 / heap);
  fmt::print("| condition, fed by every report | ns | a second | bytes of state |\n|---|---|---|---|\n");
  print_condition("limit", "{point: temperature_c, at_least: 60}");
  print_condition("limit with a band", "{point: temperature_c, at_least: 24, clears_below: 21}");
  print_condition("all of two and a schedule",
                  "{all: [{point: temperature_c, at_least: 60}, {point: temperature_c, below: 90}, {during: {from: "
                  "\"22:00\", to: \"06:00\"}}]}");
  print_condition("expression", "{expression: \"temperature_c - 20 > 8 and temperature_c < 90\"}");
  print_condition("rise in 60 s", "{point: temperature_c, rises_by: 8, within: 60s}");
  print_condition("rise in 1 h", "{point: temperature_c, rises_by: 8, within: 1h}");
  print_condition("deviation", "{point: temperature_c, deviates_by: 8, baseline: 1h}");
  print_condition("count", "{count: {of: {point: temperature_c, at_least: 24}, at_least: 5, within: 1h}}");
  print_condition("stuck", "{point: temperature_c, unchanged_for: 24h}");
  print_condition("fire pattern", "{fire_pattern: alarm}");
  const std::size_t before = heap_bytes();
  const auto set = rules_from(spread(300));
  fmt::print("\n| a detector with | bytes in the partition |\n|---|---|\n");
  print_device("a limit", rule(0, "smoke_detector", "{point: temperature_c, at_least: 60}"));
  print_device("the fire pattern, also of the zone",
               rule(0, "smoke_detector",
                    "{any: [{fire_pattern: alarm}, {all: [{fire_pattern: suspects}, {nearby: {scope: zone, when: "
                    "{fire_pattern: suspects}}}]}]}"));
  fmt::print("\nbytes a rule, 300 of them with their index: {}\n", (heap_bytes() - before) / 300);
}

}  // namespace
}  // namespace firegate

int main() { firegate::run(); }
