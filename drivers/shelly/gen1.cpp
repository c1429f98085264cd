#include "drivers/shelly/gen1.h"

#include <array>

#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate::shelly {
namespace {

struct Gen1Value {
  std::string_view leaf;  // last part of the topic, or the only one
  Point point;
  double scale;  // 0: the payload is a truth
};
constexpr double kKwhOfWattMinute = 1.0 / 60'000;
constexpr std::array kMeterValues{Gen1Value{"power", Point::power_w, 1}, Gen1Value{"current", Point::current_a, 1},
                                  Gen1Value{"voltage", Point::voltage_v, 1}};
constexpr std::array kSensorValues{
    Gen1Value{"smoke", Point::smoke, 0},          Gen1Value{"flood", Point::water_leak, 0},
    Gen1Value{"motion", Point::motion, 0},        Gen1Value{"vibration", Point::vibration, 0},
    Gen1Value{"battery", Point::battery_pct, 1},  Gen1Value{"temperature", Point::temperature_c, 1},
    Gen1Value{"humidity", Point::humidity_pct, 1}};

// Gen 1 writes truths as true/false and 1/0; 1 is always "yes, it is so" [D iobroker.shelly].
std::optional<bool> gen1_truth(std::string_view text) {
  if (text == "1") return true;
  if (text == "0") return false;
  return truth_from_text(text);
}

Value gen1_value(const Gen1Value& meaning, std::string_view text) {
  if (meaning.scale == 0) return value_or_unknown(gen1_truth(text));
  const auto number = number_from_text(text);
  return number ? Value{*number * meaning.scale} : Value{Unknown{}};
}

template <std::size_t N>
bool read_listed(const std::array<Gen1Value, N>& list, std::string_view leaf, std::string_view text, Port port,
                 std::vector<Reading>& readings) {
  for (const auto& meaning : list) {
    if (meaning.leaf != leaf) continue;
    add(readings, meaning.point, gen1_value(meaning, text), port);
    return true;
  }
  return false;
}

// "0" of relay/0, or "0/power": the relay itself or one of its measurements.
void read_relay(std::string_view rest, std::string_view text, std::vector<Reading>& readings) {
  const auto [number, leaf] = split_first(rest);
  const auto port = port_from_text(number);
  if (!port) return;
  if (leaf.empty()) {
    const bool overpower = text == "overpower";
    add(readings, Point::switch_on, overpower ? Value{false} : value_or_unknown(truth_from_text(text)), *port);
    if (truth_from_text(text) || overpower) add(readings, Point::over_current, overpower, *port);
  } else if (leaf == "energy") {
    add(readings, Point::energy_kwh, gen1_value({leaf, Point::energy_kwh, kKwhOfWattMinute}, text), *port);
  } else {
    read_listed(kMeterValues, leaf, text, *port, readings);
  }
}

void read_emeter(std::string_view rest, std::string_view text, std::vector<Reading>& readings) {
  const auto [number, leaf] = split_first(rest);
  const auto port = port_from_text(number);
  if (!port) return;
  if (leaf == "total") {
    add(readings, Point::energy_kwh, gen1_value({leaf, Point::energy_kwh, 0.001}, text), *port);
  } else {
    read_listed(kMeterValues, leaf, text, *port, readings);
  }
}

void read_gas(std::string_view text, std::vector<Reading>& readings) {
  if (text == "test") {
    add(readings, Point::test, true);
  } else if (text == "none" || text == "mild" || text == "heavy") {
    add(readings, Point::gas, text != "none");
    add(readings, Point::test, false);
  } else {
    add(readings, Point::gas, Unknown{});
  }
}

void read_sensor(std::string_view leaf, std::string_view text, std::vector<Reading>& readings) {
  if (read_listed(kSensorValues, leaf, text, kNoPort, readings)) return;
  if (leaf == "gas") {
    read_gas(text, readings);
  } else if (leaf == "state") {
    const bool known = text == "open" || text == "close";
    add(readings, Point::door_open, known ? Value{text == "open"} : Value{Unknown{}});
  } else if (leaf == "operation") {
    add(readings, Point::fault, text == "fault" ? Value{true} : text == "normal" ? Value{false} : Value{Unknown{}});
  } else if (leaf == "self_test") {
    add(readings, Point::test, text == "running");
  }
}

}  // namespace

void read_gen1(std::string_view path, std::string_view text, std::vector<Reading>& readings) {
  const auto [first, rest] = split_first(path);
  if (first == "relay" || first == "light") read_relay(rest, text, readings);
  if (first == "emeter") read_emeter(rest, text, readings);
  if (first == "sensor") read_sensor(rest, text, readings);
  if (path == "temperature") add(readings, Point::board_temperature_c, value_or_unknown(number_from_text(text)));
  if (path == "voltage") add(readings, Point::voltage_v, value_or_unknown(number_from_text(text)));
  if (path == "overtemperature") {
    const auto hot = gen1_truth(text);
    add(readings, Point::fault, value_or_unknown(hot));
    if (hot.value_or(false)) add(readings, Point::fault_code, std::string("overtemp"));
  }
}

}  // namespace firegate::shelly
