#include "drivers/zigbee2mqtt/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/common/lenient.h"

namespace firegate::zigbee {
namespace {

using json::Element;

// How a property's value becomes the point's.
enum class Reads : std::uint8_t {
  truth,     // true/false, ON/OFF, or the words that the device list states
  opposite,  // as truth, said the other way round
  contact,   // true = closed
  number,
  gas,           // truth = the alarm; a number is a concentration or a meter, told apart by its unit
  voltage,       // mains or battery, V or mV
  relay,         // ON/OFF only: OPEN, LOCK and others are not switches
  alarm_word,    // alarm / normal, none
  low_word,      // low / medium, high
  fault_word,    // none, clear / the name of a fault
  test_word,     // checking, testing / the result
  result_word,   // success / failure
  not_normal,    // normal / anything worse
  expired_word,  // normal, expires_soon / expired
};

struct Property {
  std::string_view name;
  Point point;
  Reads reads;
};

// Sorted by name. Counts and forms: 626 models of zigbee-herdsman-converters 26.112.0 (notes.md).
constexpr std::array kProperties{
    Property{"active_water_leak", Point::water_leak, Reads::truth},
    Property{"battery", Point::battery_pct, Reads::number},
    Property{"battery_level", Point::battery_low, Reads::low_word},
    Property{"battery_low", Point::battery_low, Reads::truth},
    Property{"battery_state", Point::battery_low, Reads::low_word},
    Property{"carbon_monoxide", Point::co, Reads::truth},
    Property{"carbon_monoxide_value", Point::co_ppm, Reads::number},
    Property{"chamber_contamination", Point::contaminated, Reads::not_normal},
    Property{"co", Point::co_ppm, Reads::number},
    Property{"co2", Point::co2_pct, Reads::number},
    Property{"co_ppm", Point::co_ppm, Reads::number},
    Property{"co_state", Point::co, Reads::alarm_word},
    Property{"contact", Point::door_open, Reads::contact},
    Property{"current", Point::current_a, Reads::number},
    Property{"device_temperature", Point::board_temperature_c, Reads::number},
    Property{"end_of_life", Point::end_of_life, Reads::truth},
    Property{"endoflife", Point::end_of_life, Reads::expired_word},
    Property{"energy", Point::energy_kwh, Reads::number},
    Property{"fault", Point::fault, Reads::fault_word},
    Property{"fault_alarm", Point::fault, Reads::truth},
    Property{"gas", Point::gas, Reads::gas},
    Property{"gas_alarm_1", Point::gas, Reads::truth},
    Property{"gas_alarm_2", Point::gas, Reads::truth},
    Property{"gas_density", Point::gas_lel_pct, Reads::gas},
    Property{"gas_sensor_state", Point::gas, Reads::alarm_word},
    Property{"gas_value", Point::gas_lel_pct, Reads::gas},
    Property{"heat", Point::heat, Reads::truth},
    Property{"high_temperature", Point::heat, Reads::truth},
    Property{"humidity", Point::humidity_pct, Reads::number},
    Property{"hush", Point::muted, Reads::truth},
    Property{"hush_active", Point::muted, Reads::truth},
    Property{"leakage_current", Point::residual_current_ma, Reads::number},
    Property{"linkquality", Point::link_quality, Reads::number},
    Property{"mains_power_connected", Point::mains_fail, Reads::opposite},
    Property{"muted", Point::muted, Reads::truth},
    Property{"occupancy", Point::motion, Reads::truth},
    Property{"power", Point::power_w, Reads::number},
    Property{"self_test", Point::test, Reads::test_word},
    Property{"self_test_result", Point::fault, Reads::result_word},
    Property{"silence", Point::muted, Reads::truth},
    Property{"smoke", Point::smoke, Reads::truth},
    Property{"smoke_alarm_1", Point::smoke, Reads::truth},
    Property{"smoke_alarm_2", Point::smoke, Reads::truth},
    Property{"smoke_alarm_silenced", Point::muted, Reads::truth},
    Property{"smoke_density_dbm", Point::smoke_obscuration_db_m, Reads::number},
    Property{"smoke_state", Point::smoke, Reads::alarm_word},
    Property{"sos", Point::sos, Reads::truth},
    Property{"state", Point::switch_on, Reads::relay},
    Property{"tamper", Point::tamper, Reads::truth},
    Property{"temperature", Point::temperature_c, Reads::number},
    Property{"temporary_mute", Point::muted, Reads::truth},
    Property{"test", Point::test, Reads::truth},
    Property{"test_in_progress", Point::test, Reads::truth},
    Property{"testing", Point::test, Reads::truth},
    Property{"vibration", Point::vibration, Reads::truth},
    Property{"voltage", Point::voltage_v, Reads::voltage},
    Property{"water_leak", Point::water_leak, Reads::truth},
};
static_assert(std::is_sorted(kProperties.begin(), kProperties.end(),
                             [](const Property& a, const Property& b) { return a.name < b.name; }));

const Property* property_of(std::string_view name) noexcept {
  const auto found =
      std::lower_bound(kProperties.begin(), kProperties.end(), name,
                       [](const Property& property, std::string_view key) { return property.name < key; });
  return found != kProperties.end() && found->name == name ? &*found : nullptr;
}

// Endpoints of devices with several outlets, phases or probes: the suffix is the port (notes.md).
struct Suffix {
  std::string_view text;
  Port port;
};
constexpr std::array kSuffixes{
    Suffix{"_left", 1},   Suffix{"_right", 2},   Suffix{"_center", 3},  Suffix{"_top", 1},
    Suffix{"_bottom", 2}, Suffix{"_phase_a", 1}, Suffix{"_phase_b", 2}, Suffix{"_phase_c", 3},
    Suffix{"_a", 1},      Suffix{"_b", 2},       Suffix{"_c", 3},
};

// "state_l2" → {state, 2}, "temperature_1" → {temperature, 1}; the name itself without a suffix.
std::pair<std::string_view, Port> split_endpoint(std::string_view name) noexcept {
  for (const auto& suffix : kSuffixes) {
    if (name.ends_with(suffix.text)) return {name.substr(0, name.size() - suffix.text.size()), suffix.port};
  }
  const auto underscore = name.rfind('_');
  if (underscore == std::string_view::npos) return {name, kNoPort};
  auto number = name.substr(underscore + 1);
  if (number.starts_with('l')) number.remove_prefix(1);
  const auto port = port_from_text(number);
  return port ? std::pair{name.substr(0, underscore), *port} : std::pair{name, kNoPort};
}

// Only what can stand on each of several endpoints is looked for with a suffix.
bool has_endpoints(Point point) noexcept {
  switch (point) {
    case Point::switch_on:
    case Point::power_w:
    case Point::current_a:
    case Point::voltage_v:
    case Point::energy_kwh:
    case Point::temperature_c:
    case Point::humidity_pct:
    case Point::water_leak:
    case Point::door_open: return true;
    default: return false;
  }
}

struct Located {
  const Property* property = nullptr;
  Port port = kNoPort;
};

Located locate(std::string_view name) noexcept {
  if (const Property* whole = property_of(name)) return {whole, kNoPort};
  const auto [stem, port] = split_endpoint(name);
  const Property* part = port == kNoPort ? nullptr : property_of(stem);
  return part && has_endpoints(part->point) ? Located{part, port} : Located{};
}

// ---- values ----

// The value as the device list writes it: "true", "ON", "Leak". Empty for what is neither truth nor word.
std::string_view word_of(const Element& value) noexcept {
  bool truth = false;
  if (!value.get_bool().get(truth)) return truth ? "true" : "false";
  return json::as_text(value).value_or("");
}

std::optional<bool> truth_in(const Element& value, const Expose* expose) noexcept {
  const auto word = word_of(value);
  if (expose && expose->form == Form::binary && !expose->on.empty()) {
    if (word == expose->on) return true;
    if (word == expose->off) return false;
  }
  return truth_of(value);
}

// Closed is true in the common form. Where a list states other words, which of them is "open" is not certain.
std::optional<bool> door_open_in(const Element& value, const Expose* expose) noexcept {
  bool closed = false;
  if (value.get_bool().get(closed)) return std::nullopt;
  if (expose && expose->form == Form::binary && expose->on != "false") return std::nullopt;
  return !closed;
}

std::optional<bool> word_in(std::string_view word, std::initializer_list<std::string_view> yes,
                            std::initializer_list<std::string_view> no) noexcept {
  for (const auto one : yes) {
    if (same_word(word, one)) return true;
  }
  for (const auto one : no) {
    if (same_word(word, one)) return false;
  }
  return std::nullopt;
}

Value numeric_value(const Element& value, Point point, std::string_view unit) {
  const auto number = number_of(value);
  if (!number) return Unknown{};
  if (point == Point::co2_pct) return *number / 10'000;  // ppm
  if (point == Point::current_a && unit == "mA") return *number / 1000;
  if (point == Point::power_w && unit == "kW") return *number * 1000;
  if (point == Point::energy_kwh && unit == "Wh") return *number / 1000;
  if (point == Point::residual_current_ma && unit == "A") return *number * 1000;
  if (point == Point::temperature_c && (unit == "°F" || unit == "F")) return (*number - 32) / 1.8;
  return *number;
}

// A gas concentration must say that it is percent of the lower explosive limit; m³ is a meter.
void read_gas(const Property& property, const Element& value, const Expose* expose, std::vector<Reading>& readings) {
  const auto truth = truth_in(value, expose);
  if (truth && property.point == Point::gas) return add(readings, Point::gas, *truth);
  if (value.is_null() && property.point == Point::gas && (!expose || expose->form == Form::binary)) {
    return add(readings, Point::gas, Unknown{});
  }
  if (expose && expose->unit.find("LEL") != std::string_view::npos)
    add(readings, Point::gas_lel_pct, number_value(value));
}

// Without a unit: above 1000 it can only be millivolts; up to 60 beside a battery it is the battery in volts.
void read_voltage(const Element& value, Port port, const Expose* expose, bool on_battery,
                  std::vector<Reading>& readings) {
  constexpr double kLargestMains = 1000, kLargestBattery = 60;
  const auto number = number_of(value);
  const bool stated = expose && !expose->unit.empty();
  if (!number) return add(readings, on_battery ? Point::battery_v : Point::voltage_v, Unknown{}, port);
  const bool millivolts = stated ? expose->unit == "mV" : *number > kLargestMains;
  const double volts = millivolts ? *number / 1000 : *number;
  const bool battery = port == kNoPort && (millivolts || on_battery) && volts <= kLargestBattery;
  add(readings, battery ? Point::battery_v : Point::voltage_v, volts, port);
}

struct FaultWord {
  std::string_view word;
  Point point;
};
constexpr std::array kFaultWords{FaultWord{"over_current_threshold", Point::over_current},
                                 FaultWord{"overload_alarm", Point::over_current},
                                 FaultWord{"over_voltage threshold", Point::over_voltage},
                                 FaultWord{"over_voltage_threshold", Point::over_voltage},
                                 FaultWord{"ov_vol", Point::over_voltage},
                                 FaultWord{"undervoltage_alarm", Point::under_voltage},
                                 FaultWord{"miss_phase_alarm", Point::phase_loss}};

// A breaker names one fault at a time, and says "clear" when it is over: what it does not name is not so.
void add_breaker_faults(std::string_view word, std::vector<Reading>& readings) {
  const auto named =
      std::find_if(kFaultWords.begin(), kFaultWords.end(), [&](const auto& known) { return known.word == word; });
  if (named == kFaultWords.end() && word != "clear") return;
  for (const Point point : {Point::over_current, Point::over_voltage, Point::under_voltage, Point::phase_loss}) {
    add(readings, point, named != kFaultWords.end() && named->point == point);
  }
}

void read_fault(const Element& value, const Expose* expose, std::vector<Reading>& readings) {
  if (const auto truth = truth_in(value, expose)) return add(readings, Point::fault, *truth);
  const auto word = json::as_text(value).value_or("");
  if (word.empty()) return add(readings, Point::fault, Unknown{});
  const bool fault = !word_in(word, {"none", "clear", "normal", "no_fault"}, {}).value_or(false);
  add(readings, Point::fault, fault);
  if (fault) {
    const bool stated = expose && expose->form == Form::choice && word.size() <= 64;
    add(readings, Point::fault_code, std::string(stated ? word : "other"));
  }
  add_breaker_faults(word, readings);
}

// A self-test that failed is a fault of the device.
void read_test(const Element& value, const Expose* expose, std::vector<Reading>& readings) {
  const auto word = word_of(value);
  if (expose && expose->form == Form::binary)
    return add(readings, Point::test, value_or_unknown(truth_in(value, expose)));
  const auto running = word_in(word, {"checking", "testing"},
                               {"check_success", "check success", "check_failure", "check failure", "others"});
  if (!running) return;
  add(readings, Point::test, *running);
  const auto failed = word_in(word, {"check_failure", "check failure"}, {"check_success", "check success"});
  if (failed) add(readings, Point::fault, *failed);
}

std::optional<bool> word_value(Reads reads, std::string_view word) noexcept {
  switch (reads) {
    case Reads::alarm_word: return word_in(word, {"alarm"}, {"normal", "none"});
    case Reads::low_word: return word_in(word, {"low"}, {"medium", "middle", "high"});
    case Reads::result_word: return word_in(word, {"failure", "check_failure"}, {"success", "check_success"});
    case Reads::expired_word: return word_in(word, {"expired"}, {"normal", "expires_soon"});
    case Reads::not_normal:
      return word_in(word, {"light_contamination", "medium_contamination", "critical_contamination"}, {"normal"});
    default: return std::nullopt;
  }
}

// Several properties may say the same point (two zones of one detector): a yes of one is a yes.
void join(std::vector<Reading>& readings, Point point, Value value, Port port) {
  for (auto& other : readings) {
    if (other.point != point || other.port != port) continue;
    const bool* said = as_bool(other.value);
    if (!said || !*said) {
      const bool* now = as_bool(value);
      if ((now && *now) || (is_unknown(value) && said)) other.value = std::move(value);
    }
    return;
  }
  add(readings, point, std::move(value), port);
}

// A property that can only be written says nothing; a number under a name of an alarm is a threshold.
bool is_said(const Property& property, const Element& value, const Expose* expose) noexcept {
  if (expose && expose->form == Form::command) return false;
  if (property.name == "high_temperature" || property.name == "test" || property.name == "silence") {
    if (expose && expose->form != Form::binary) return false;
    return truth_in(value, expose).has_value();
  }
  return !(property.reads == Reads::number && expose && expose->form != Form::numeric);
}

}  // namespace

void read_property(std::string_view name, const Element& value, const Exposes& exposes,
                   const Surroundings& surroundings, std::vector<Reading>& readings) {
  const auto [property, port] = locate(name);
  if (!property) return;
  const Expose* expose = exposes.find(name);
  if (!is_said(*property, value, expose)) return;
  switch (property->reads) {
    case Reads::truth: return join(readings, property->point, value_or_unknown(truth_in(value, expose)), port);
    case Reads::opposite: {
      const auto truth = truth_in(value, expose);
      return add(readings, property->point, truth ? Value{!*truth} : Value{Unknown{}}, port);
    }
    case Reads::contact: return add(readings, property->point, value_or_unknown(door_open_in(value, expose)), port);
    case Reads::number:
      return add(readings, property->point, numeric_value(value, property->point, expose ? expose->unit : ""), port);
    case Reads::gas: return read_gas(*property, value, expose, readings);
    case Reads::voltage: return read_voltage(value, port, expose, surroundings.on_battery, readings);
    case Reads::relay: {
      const auto word = word_of(value);
      if (same_word(word, "on") || same_word(word, "off")) add(readings, property->point, same_word(word, "on"), port);
      return;
    }
    case Reads::fault_word: return read_fault(value, expose, readings);
    case Reads::test_word: return read_test(value, expose, readings);
    default:
      return join(readings, property->point, value_or_unknown(word_value(property->reads, word_of(value))), port);
  }
}

bool is_property(std::string_view name) noexcept { return locate(name).property != nullptr; }

bool is_emergency(std::string_view action) noexcept {
  return word_in(action, {"emergency", "sos", "panic"}, {}).value_or(false);
}

// ---- what a device list taught, as lines of fields between tabs: "smoke\tb\t\ttrue\tfalse\n" ----

namespace {

constexpr std::string_view kEmergencyYes = "!1\n", kEmergencyNo = "!0\n";  // first line

Form form_of(const json::Object& expose) {
  const auto type = json::member_text(expose, "type").value_or("");
  std::int64_t access = 0;
  const auto stated = json::member(expose, "access");
  const bool readable =
      !stated || stated->get_int64().get(access) || (access & 1) != 0;  // bit 0: the value is published
  if (!readable) return Form::command;
  if (type == "binary") return Form::binary;
  if (type == "numeric") return Form::numeric;
  if (type == "enum") return Form::choice;
  return Form::other;
}

bool is_field(std::string_view text) noexcept { return text.find_first_of("\t\n") == std::string_view::npos; }

std::string_view stated_word(const json::Object& expose, std::string_view key) {
  const auto found = json::member(expose, key);
  const auto word = found ? word_of(*found) : std::string_view{};
  return is_field(word) ? word : std::string_view{};
}

bool lists_emergency(const json::Object& expose) {
  const auto values = json::member_array(expose, "values");
  if (!values) return false;
  for (const auto item : *values) {
    if (is_emergency(json::as_text(item).value_or(""))) return true;
  }
  return false;
}

void append_exposes(const json::Array& exposes, std::string& lines, bool& emergency) {
  for (const auto item : exposes) {
    const auto expose = json::as_object(item);
    if (!expose) continue;
    const auto property = json::member_text(*expose, "property").value_or("");
    if (property.empty()) {  // a group: switch, light, ...
      if (const auto features = json::member_array(*expose, "features")) append_exposes(*features, lines, emergency);
      continue;
    }
    if (property == "action") emergency = emergency || lists_emergency(*expose);
    if (!is_property(property) || !is_field(property)) continue;
    const auto unit = json::member_text(*expose, "unit").value_or("");
    lines +=
        fmt::format("{}\t{}\t{}\t{}\t{}\n", property, static_cast<char>(form_of(*expose)), is_field(unit) ? unit : "",
                    stated_word(*expose, "value_on"), stated_word(*expose, "value_off"));
  }
}

std::string_view next_field(std::string_view& line) noexcept {
  const auto tab = std::min(line.find('\t'), line.size());
  const auto field = line.substr(0, tab);
  line.remove_prefix(std::min(tab + 1, line.size()));
  return field;
}

}  // namespace

std::string learned_bytes(const json::Array& exposes) {
  std::string lines;
  bool emergency = false;
  append_exposes(exposes, lines, emergency);
  return std::string(emergency ? kEmergencyYes : kEmergencyNo) + lines;
}

Exposes Exposes::from_bytes(std::string_view bytes) {
  Exposes exposes;
  if (!bytes.starts_with(kEmergencyYes) && !bytes.starts_with(kEmergencyNo)) return exposes;
  exposes.emergency_ = bytes.starts_with(kEmergencyYes);
  bytes.remove_prefix(kEmergencyYes.size());
  while (!bytes.empty()) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    auto line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    Expose expose;
    expose.property = next_field(line);
    const auto form = next_field(line);
    expose.form = form.empty() ? Form::unknown : static_cast<Form>(form.front());
    expose.unit = next_field(line);
    expose.on = next_field(line);
    expose.off = next_field(line);
    exposes.list_.push_back(expose);
  }
  return exposes;
}

const Expose* Exposes::find(std::string_view property) const noexcept {
  for (const auto& expose : list_) {
    if (expose.property == property) return &expose;
  }
  return nullptr;
}

const Expose* Exposes::relay_at(Port port) const noexcept {
  for (const auto& expose : list_) {
    const auto [property, at] = locate(expose.property);
    if (property && property->reads == Reads::relay && at == port && expose.form == Form::binary) return &expose;
  }
  return nullptr;
}

}  // namespace firegate::zigbee
