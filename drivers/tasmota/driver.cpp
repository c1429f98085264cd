// Tasmota firmware: tele/, stat/ and cmnd/ topics of plugs, relays and sensors. Sources and quirks: notes.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/common/json.h"
#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate {
namespace {

using json::Element;
using json::Object;

// ---- topics: %prefix%/%topic%/COMMAND, or %topic%/%prefix%/COMMAND, below a base ----

struct TasmotaTopic {
  std::string_view
      before;  // what stands before the prefix word: part of the base, or the device where order is reversed
  std::string_view prefix;  // tele, stat, cmnd
  std::string_view device;
  std::string_view command;  // SENSOR, LWT, POWER1, ...
};

bool is_prefix(std::string_view word) { return word == "tele" || word == "stat" || word == "cmnd"; }

std::optional<TasmotaTopic> parse_topic(std::string_view topic) {
  std::size_t start = 0;
  while (start < topic.size()) {
    const auto end = std::min(topic.find('/', start), topic.size());
    const auto word = topic.substr(start, end - start);
    if (is_prefix(word) && end < topic.size()) {
      const auto before = start == 0 ? std::string_view{} : topic.substr(0, start - 1);
      const auto [between, command] = split_last(topic.substr(end + 1));
      if (between.empty() && before.empty()) return std::nullopt;
      return TasmotaTopic{before, word, between.empty() ? before : between, command};
    }
    start = end + 1;
  }
  return std::nullopt;
}

bool is_command(std::string_view word) {
  constexpr std::array<std::string_view, 10> kWords{"LWT",    "STATE",   "SENSOR", "ENERGY", "RESULT",
                                                    "UPTIME", "MARGINS", "EVENT",  "DEBUG",  "LOGGING"};
  return word.starts_with("POWER") || word.starts_with("STATUS") || word.starts_with("INFO") ||
         word.starts_with("ZbReceived") || std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// ---- values ----

double celsius(double degrees, bool fahrenheit) { return fahrenheit ? (degrees - 32) / 1.8 : degrees; }

Value temperature_value(const Element& element, bool fahrenheit) {
  const auto degrees = number_of(element);
  return degrees ? Value{celsius(*degrees, fahrenheit)} : Value{Unknown{}};
}

// One value, a list (ports 1, 2, ...) or an object of phases ("Phase1": 1.2; the number is the port).
void add_measurement(std::vector<Reading>& readings, Point point, const Element& element, Port port) {
  simdjson::dom::array list;
  if (!element.get_array().get(list)) {
    Port channel = 1;
    for (const auto item : list) add(readings, point, number_value(item), channel++);
  } else if (const auto phases = json::as_object(element)) {
    for (const auto [name, value] : *phases) {
      if (const auto phase = trailing_port(name)) add(readings, point, number_value(value), *phase);
    }
  } else {
    add(readings, point, number_value(element), port);
  }
}

// ENERGY, and the current clamps below ANALOG.
void read_energy(const Object& energy, Port port, bool fahrenheit, std::vector<Reading>& readings) {
  for (const auto [name, value] : energy) {
    if (name == "Power") add_measurement(readings, Point::power_w, value, port);
    if (name == "Voltage") add_measurement(readings, Point::voltage_v, value, port);
    if (name == "Current") add_measurement(readings, Point::current_a, value, port);
    if (name == "Total" || name == "Energy") add_measurement(readings, Point::energy_kwh, value, port);
    if (name == "Temperature") add(readings, Point::board_temperature_c, temperature_value(value, fahrenheit), port);
  }
}

// Chips that measure their own board, not the room [D Tasmota sources: energy drivers and the ESP32 itself].
bool is_board_sensor(std::string_view name) {
  constexpr std::array<std::string_view, 8> kChips{"ESP32",   "ENERGY",  "BL0940",  "BL0942",
                                                   "CSE7766", "CSE7761", "ADE7953", "HLW8012"};
  return std::find(kChips.begin(), kChips.end(), name) != kChips.end();
}

// A reading's place among others of its point: the device itself for the first, ports from 2 for further ones.
Port free_port(const std::vector<Reading>& readings, Point point, Port wanted) {
  const auto taken = [&](Port port) {
    return std::any_of(readings.begin(), readings.end(),
                       [&](const auto& r) { return r.point == point && r.port == port; });
  };
  if (!taken(wanted)) return wanted;
  Port port = 2;
  while (taken(port)) ++port;
  return port;
}

std::optional<Point> sensor_point(std::string_view name, bool board) {
  if (name == "Temperature") return board ? Point::board_temperature_c : Point::temperature_c;
  if (name == "Humidity") return Point::humidity_pct;
  if (name == "CarbonDioxide") return Point::co2_pct;
  return std::nullopt;
}

// One sensor: "DS18B20-1": {"Temperature": 12.3}. A number behind the name, of the sensor or of the value, is the port.
void read_sensor(std::string_view sensor, const Object& values, bool fahrenheit, std::vector<Reading>& readings) {
  constexpr double kPercentOfPpm = 1e-4;
  const auto dash = sensor.rfind('-');
  const Port number =
      dash == std::string_view::npos ? kNoPort : port_from_text(sensor.substr(dash + 1)).value_or(kNoPort);
  for (const auto [name, value] : values) {
    if (const auto clamp = json::as_object(value); clamp && name.starts_with("CTEnergy")) {
      read_energy(*clamp, trailing_port(name).value_or(kNoPort), fahrenheit, readings);
      continue;
    }
    const auto last = name.find_last_not_of("0123456789");
    if (last == std::string_view::npos) continue;
    const auto point = sensor_point(name.substr(0, last + 1), is_board_sensor(sensor));
    if (!point) continue;
    const Port port = free_port(readings, *point, trailing_port(name).value_or(number));
    const bool ppm = *point == Point::co2_pct;
    add(readings, *point,
        *point == Point::humidity_pct || ppm ? number_value(value, ppm ? kPercentOfPpm : 1)
                                             : temperature_value(value, fahrenheit),
        port);
  }
}

bool is_fahrenheit(const Object& root) { return json::member_text(root, "TempUnit").value_or("C") == "F"; }

void read_sensors(const Object& root, std::vector<Reading>& readings) {
  const bool fahrenheit = is_fahrenheit(root);
  for (const auto [name, value] : root) {
    const auto object = json::as_object(value);
    if (!object) continue;
    if (name == "ENERGY") {
      read_energy(*object, kNoPort, fahrenheit, readings);
    } else {
      read_sensor(name, *object, fahrenheit, readings);
    }
  }
}

// "POWER" → the device's only relay; "POWER2" → port 2. None for other names ("PowerOnState").
std::optional<Port> relay_port(std::string_view name) {
  if (!name.starts_with("POWER")) return std::nullopt;
  if (name == "POWER") return kNoPort;
  return port_from_text(name.substr(5));
}

void read_relays(const Object& root, std::vector<Reading>& readings) {
  for (const auto [name, value] : root) {
    if (const auto port = relay_port(name)) add(readings, Point::switch_on, truth_value(value), *port);
  }
}

void read_state(const Object& root, std::vector<Reading>& readings) {
  read_relays(root, readings);
  if (const auto wifi = json::member_object(root, "Wifi")) {
    if (const auto signal = json::member(*wifi, "Signal")) add(readings, Point::signal_dbm, number_value(*signal));
  }
  add(readings, Point::online, true);  // a periodic word of the device itself, never retained by it
}

// Protection in the plug: which margin is passed now.
void read_margins(const Object& root, std::vector<Reading>& readings) {
  const auto margins = json::member_object(root, "MARGINS").value_or(root);
  for (const auto [name, value] : margins) {
    if (name == "CurrentHigh") add(readings, Point::over_current, truth_value(value));
    if (name == "VoltageHigh") add(readings, Point::over_voltage, truth_value(value));
    if (name == "VoltageLow") add(readings, Point::under_voltage, truth_value(value));
  }
}

// ---- Zigbee devices behind a Tasmota bridge ----

struct ZigbeeField {
  std::string_view name;
  Point point;
  double scale;  // 0: a truth, also as 0 and 1
};
constexpr std::array kZigbeeFields{ZigbeeField{"Power", Point::switch_on, 0},
                                   ZigbeeField{"Temperature", Point::temperature_c, 1},
                                   ZigbeeField{"Humidity", Point::humidity_pct, 1},
                                   ZigbeeField{"BatteryPercentage", Point::battery_pct, 1},
                                   ZigbeeField{"BatteryVoltage", Point::battery_v, 1},
                                   ZigbeeField{"LinkQuality", Point::link_quality, 1},
                                   ZigbeeField{"RMSVoltage", Point::voltage_v, 1},
                                   ZigbeeField{"ActivePower", Point::power_w, 1},
                                   ZigbeeField{"Occupancy", Point::motion, 0},
                                   ZigbeeField{"Fire", Point::smoke, 0},
                                   ZigbeeField{"CO", Point::co, 0},
                                   ZigbeeField{"Water", Point::water_leak, 0}};

Value zigbee_value(const ZigbeeField& field, const Element& element) {
  if (field.scale != 0) return number_value(element, field.scale);
  std::int64_t number = 0;
  if (!element.get_int64().get(number)) return number == 0 || number == 1 ? Value{number == 1} : Value{Unknown{}};
  return truth_value(element);
}

void read_zigbee(std::string_view bridge, const Object& devices, Decoded& result) {
  for (const auto [address, value] : devices) {
    const auto fields = json::as_object(value);
    const auto full = fmt::format("{}/{}", bridge, address);
    if (!fields || !is_address(full)) continue;
    DeviceMessage message = message_of(full, MessageKind::delta);
    for (const auto& field : kZigbeeFields) {
      if (const auto found = json::member(*fields, field.name))
        add(message.readings, field.point, zigbee_value(field, *found));
    }
    if (!message.readings.empty()) result.messages.push_back(std::move(message));
  }
}

std::optional<Object> zigbee_devices(const Object& root) {
  if (const auto now = json::member_object(root, "ZbReceived")) return now;
  return json::member_object(root, "ZigbeeReceived");
}

// ---- messages ----

void read_result(const Object& root, std::vector<Reading>& readings) {
  read_relays(root, readings);
  for (const std::string_view key : {"EnergyReset", "EnergyTotal"}) {
    if (const auto energy = json::member_object(root, key)) read_energy(*energy, kNoPort, false, readings);
  }
  if (const auto sensors = json::member_object(root, "StatusSNS")) read_sensors(*sensors, readings);
  if (const auto state = json::member_object(root, "StatusSTS")) read_state(*state, readings);
}

std::string commands_key(std::string_view device) { return fmt::format("commands:{}", device); }

class TasmotaDriver final : public Driver {
 public:
  std::string_view format() const noexcept override { return "tasmota"; }
  std::string_view default_base() const noexcept override { return {}; }  // the prefixes stand at the top

  std::vector<std::string> filters(std::string_view base) const override {
    std::vector<std::string> list;
    for (const std::string_view tail : {"tele/#", "stat/#", "+/tele/#", "+/stat/#"})
      list.push_back(join_topic(base, tail));
    return list;
  }

  std::optional<std::string> recognise(std::string_view topic, std::string_view) const override {
    if (topic.starts_with("tasmota/discovery/")) return std::string();
    const auto parsed = parse_topic(topic);
    if (!parsed || !(parsed->prefix == "cmnd" || is_command(parsed->command))) return std::nullopt;
    const bool reversed = parsed->device.data() == parsed->before.data() && !parsed->before.empty();
    return std::string(reversed ? split_last(parsed->before).first : parsed->before);
  }

  PayloadLimits limits(std::string_view, std::string_view) const noexcept override { return {}; }

  DecodeResult decode(const RawMessage& message, const DecodeContext& context) const override {
    if (message.topic.starts_with("tasmota/discovery/")) return ignored(IgnoreReason::not_a_measurement);
    const auto rest = below_base(message.topic, context.base);
    const auto topic = rest ? parse_topic(*rest) : std::nullopt;
    if (!topic) return reject(RejectReason::unknown_topic, "expected tele, stat or cmnd, a device and a command");
    if (topic->prefix == "cmnd") return ignored(IgnoreReason::command_echo);
    if (!is_address(topic->device)) return bad_address("the topic");
    if (message.payload.empty()) return ignored(IgnoreReason::empty);
    DecodeResult result = decode_of(*topic, message);
    if (result) learn_commands(*topic, message.topic, context.link, *result);
    return result;
  }

  // The protocol has no answer to a command by its id: the state that follows says whether it was obeyed.
  EncodeResult encode(const Command& command, std::string_view address, const EncodeContext& context) const override {
    const bool on = command.kind == CommandKind::switch_on;
    const bool off = command.kind == CommandKind::switch_off || command.kind == CommandKind::cut_off;
    if (!on && !off && command.kind != CommandKind::query) return Driver::encode(command, address, context);
    const std::string* topic = context.link.find(commands_key(address));
    if (!topic) {
      return refuse(RefuseReason::not_known_yet,
                    fmt::format("{}: how the device's topics are built is not known; its first message says it",
                                label(command.kind)));
    }
    // Sensors (8), relays and the radio (11).
    if (!on && !off) return Encoded{{{*topic + "STATUS", "8", false}, {*topic + "STATUS", "11", false}}, {}};
    const std::string relay = command.port == kNoPort ? std::string("POWER") : fmt::format("POWER{}", command.port);
    if (command.port == 0) return refuse(RefuseReason::bad_port, "found port 0, expected one from 1, or none");
    return Encoded{{{*topic + relay, on ? "ON" : "OFF", false}}, {}};
  }

 private:
  static DecodeResult decode_of(const TasmotaTopic& topic, const RawMessage& message) {
    if (topic.command == "LWT") return decode_will(topic, message);
    if (const auto port = relay_port(topic.command)) return decode_relay(topic, *port, message.payload);
    if (topic.command == "INFO1") return decode_boot(topic, message.payload);
    return decode_json(topic, message.payload);
  }

  static void learn_commands(const TasmotaTopic& topic, std::string_view full, const LinkState& link, Decoded& result) {
    Learned learned{commands_key(topic.device), command_topic(topic, full, "")};
    const std::string* known = link.find(learned.key);
    if (!known || *known != learned.bytes) result.learned.push_back(std::move(learned));
  }

  static DecodeResult decode_will(const TasmotaTopic& topic, const RawMessage& message) {
    const auto word = trimmed(message.payload);
    const bool online = same_word(word, "online");
    if (!online && !same_word(word, "offline")) {
      return reject(RejectReason::wrong_type, "reading LWT: expected Online or Offline");
    }
    DeviceMessage will = message_of(topic.device, MessageKind::will);
    add(will.readings, Point::online, online);
    Decoded result = decoded(std::move(will));
    if (online) result.replies.push_back({command_topic(topic, message.topic, "STATUS"), "8", false});
    return result;
  }

  // The topic that was received, with the prefix word and the command replaced.
  static std::string command_topic(const TasmotaTopic& topic, std::string_view full, std::string_view command) {
    const auto at = static_cast<std::size_t>(topic.prefix.data() - full.data());
    const auto middle =
        full.substr(at + topic.prefix.size(), full.size() - at - topic.prefix.size() - topic.command.size());
    return fmt::format("{}cmnd{}{}", full.substr(0, at), middle, command);
  }

  static DecodeResult decode_relay(const TasmotaTopic& topic, Port port, std::string_view payload) {
    const auto on = truth_from_text(payload);
    if (!on) return reject(RejectReason::wrong_type, "reading POWER: expected ON or OFF");
    DeviceMessage message = message_of(topic.device, MessageKind::delta);
    add(message.readings, Point::switch_on, *on, port);
    return decoded(std::move(message));
  }

  // INFO1 is the first word after a start.
  static DecodeResult decode_boot(const TasmotaTopic& topic, std::string_view payload) {
    json::Document document;
    if (const auto root = document.parse_object(payload, PayloadLimits{}); !root) return tl::unexpected(root.error());
    DeviceMessage message = message_of(topic.device, MessageKind::will);
    add(message.readings, Point::online, true);
    return decoded(std::move(message));
  }

  static DecodeResult decode_json(const TasmotaTopic& topic, std::string_view payload) {
    const auto command = topic.command;
    if (command == "UPTIME" || command == "LOGGING" || command == "DEBUG" || command == "INFO2" || command == "INFO3") {
      return ignored(IgnoreReason::not_a_measurement);
    }
    json::Document document;
    const auto root = document.parse_object(payload, PayloadLimits{});
    if (!root) return tl::unexpected(root.error());
    if (const auto devices = zigbee_devices(*root)) {
      Decoded result;
      read_zigbee(topic.device, *devices, result);
      if (result.messages.empty()) result.ignored = IgnoreReason::no_known_point;
      return result;
    }
    DeviceMessage message = message_of(topic.device, MessageKind::snapshot);
    if (command == "SENSOR") {
      read_sensors(*root, message.readings);
    } else if (command == "STATE") {
      read_state(*root, message.readings);
    } else if (command == "ENERGY") {
      read_energy(*root, kNoPort, is_fahrenheit(*root), message.readings);
    } else {
      message.kind = MessageKind::delta;
      read_result(*root, message.readings);
      if (command == "MARGINS") read_margins(*root, message.readings);
    }
    return decoded(std::move(message));
  }
};

}  // namespace

std::unique_ptr<Driver> make_tasmota_driver() { return std::make_unique<TasmotaDriver>(); }

}  // namespace firegate
