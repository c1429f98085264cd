#include "drivers/shelly/components.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/common/lenient.h"

namespace firegate::shelly {
namespace {

using json::Object;

// The component's name and number: "switch:1" → {switch, 1}, "sys" → {sys, none}.
struct Component {
  std::string_view name;
  std::optional<Port> id;
};

Component parse_component(std::string_view key) {
  const auto colon = key.find(':');
  if (colon == std::string_view::npos) return {key, std::nullopt};
  return {key.substr(0, colon), port_from_text(key.substr(colon + 1))};
}

void add_member(std::vector<Reading>& readings, const Object& object, std::string_view key, Point point, Port port,
                double scale = 1) {
  if (const auto found = json::member(object, key)) add(readings, point, number_value(*found, scale), port);
}

void add_truth(std::vector<Reading>& readings, const Object& object, std::string_view key, Point point, Port port) {
  if (const auto found = json::member(object, key)) add(readings, point, truth_value(*found), port);
}

struct ErrorMeaning {
  std::string_view word;
  Point point;
};
// `overpower`: the load draws more than the limit of the outlet; there is no closer point than over_current.
constexpr std::array kErrors{ErrorMeaning{"overpower", Point::over_current},
                             ErrorMeaning{"overvoltage", Point::over_voltage},
                             ErrorMeaning{"undervoltage", Point::under_voltage}};

bool lists(const json::Array& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const auto& item) { return json::as_text(item) == word; });
}

// `errors` lists everything that is wrong now. The whole state leaves it out while nothing is; a change says nothing
// then.
void read_errors(const Object& component, bool whole, Port port, std::vector<Reading>& readings) {
  const auto errors = json::member_array(component, "errors");
  if (!errors && !whole) return;
  std::size_t named = 0;
  for (const auto& [word, point] : kErrors) {
    const bool wrong = errors && lists(*errors, word);
    named += wrong ? 1 : 0;
    add(readings, point, wrong, port);
  }
  const bool fault = errors && errors->size() > named;
  add(readings, Point::fault, fault, port);
  if (fault)
    add(readings, Point::fault_code, std::string(lists(*errors, "overtemp") ? "overtemp" : "device_error"), port);
}

void read_outlet(const Object& component, bool whole, Port port, std::vector<Reading>& readings) {
  add_truth(readings, component, "output", Point::switch_on, port);
  add_member(readings, component, "apower", Point::power_w, port);
  add_member(readings, component, "act_power", Point::power_w, port);
  add_member(readings, component, "voltage", Point::voltage_v, port);
  add_member(readings, component, "current", Point::current_a, port);
  if (const auto energy = json::member_object(component, "aenergy")) {
    add_member(readings, *energy, "total", Point::energy_kwh, port, 0.001);
  }
  if (const auto inside = json::member_object(component, "temperature")) {
    add_member(readings, *inside, "tC", Point::board_temperature_c, port);
  }
  read_errors(component, whole && json::member(component, "output"), port, readings);
}

// A three-phase meter: phases a, b, c are ports 1, 2, 3.
void read_phases(const Object& component, std::vector<Reading>& readings) {
  Port port = 1;
  for (const char phase : {'a', 'b', 'c'}) {
    add_member(readings, component, fmt::format("{}_voltage", phase), Point::voltage_v, port);
    add_member(readings, component, fmt::format("{}_current", phase), Point::current_a, port);
    add_member(readings, component, fmt::format("{}_act_power", phase), Point::power_w, port);
    ++port;
  }
  add_member(readings, component, "total_act_power", Point::power_w, kNoPort);
  add_member(readings, component, "total_current", Point::current_a, kNoPort);
}

}  // namespace

void read_component(std::string_view key, const Object& component, bool whole, std::vector<Reading>& readings) {
  const auto [name, id] = parse_component(key);
  const Port sensor = id.value_or(0) == 0 ? kNoPort : *id;  // a device has one sensor 0; further ones are ports
  if (name == "switch" || name == "pm1" || name == "em1" || name == "light" || name == "cover") {
    read_outlet(component, whole, id.value_or(kNoPort), readings);
  } else if (name == "em1data") {
    add_member(readings, component, "total_act_energy", Point::energy_kwh, id.value_or(kNoPort), 0.001);
  } else if (name == "em") {
    read_phases(component, readings);
  } else if (name == "emdata") {
    add_member(readings, component, "total_act", Point::energy_kwh, sensor, 0.001);
  } else if (name == "smoke") {
    add_truth(readings, component, "alarm", Point::smoke, sensor);
    add_truth(readings, component, "mute", Point::muted, sensor);
  } else if (name == "flood") {
    add_truth(readings, component, "alarm", Point::water_leak, sensor);
    add_truth(readings, component, "mute", Point::muted, sensor);
  } else if (name == "temperature") {
    add_member(readings, component, "tC", Point::temperature_c, sensor);
  } else if (name == "humidity") {
    add_member(readings, component, "rh", Point::humidity_pct, sensor);
  } else if (name == "wifi") {
    add_member(readings, component, "rssi", Point::signal_dbm, kNoPort);
  } else if (name == "devicepower") {
    if (const auto battery = json::member_object(component, "battery")) {
      add_member(readings, *battery, "percent", Point::battery_pct, sensor);
      add_member(readings, *battery, "V", Point::battery_v, sensor);
    }
  }
}

void read_components(const Object& params, bool whole, std::vector<Reading>& readings) {
  for (const auto [key, value] : params) {
    if (const auto component = json::as_object(value)) read_component(key, *component, whole, readings);
  }
}

std::optional<Instant> time_of(const Object& params) {
  const auto ts = json::member(params, "ts");
  const auto seconds = ts ? number_of(*ts) : std::nullopt;
  return seconds ? instant_from_seconds(*seconds) : std::nullopt;
}

void read_events(const Object& params, std::vector<Reading>& readings) {
  const auto events = json::member_array(params, "events");
  if (!events) return;
  for (const auto item : *events) {
    const auto event = json::as_object(item);
    if (!event) continue;
    const auto component = parse_component(json::member_text(*event, "component").value_or("")).name;
    const auto what = json::member_text(*event, "event").value_or("");
    if (what == "alarm" && component == "smoke") add(readings, Point::smoke, true);
    if (what == "alarm" && component == "flood") add(readings, Point::water_leak, true);
    if (what == "alarm_test" && (component == "smoke" || component == "flood")) add(readings, Point::test, true);
  }
}

}  // namespace firegate::shelly
