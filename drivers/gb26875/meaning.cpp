#include "drivers/gb26875/meaning.h"

#include <fmt/format.h>

#include <charconv>

#include "drivers/common/lenient.h"
#include "drivers/common/topic.h"

namespace firegate::gb26875 {
namespace {

constexpr std::uint8_t kFirstOfMakers = 128;  // types of components and of values from here are a maker's own

bool bit(unsigned flags, unsigned number) noexcept { return (flags >> number & 1U) != 0; }

struct Bit {
  unsigned number;
  Point point;
};

// Status bits of every kind but the first two: 0 (normal, not test) and 1 (fire), which need a closer look.
constexpr std::array kComponentBits{Bit{2, Point::fault},     Bit{3, Point::disabled}, Bit{4, Point::supervisory},
                                    Bit{5, Point::started},   Bit{6, Point::feedback}, Bit{7, Point::delayed},
                                    Bit{8, Point::mains_fail}};
constexpr std::array kSystemBits{Bit{9, Point::backup_power_fail}, Bit{10, Point::bus_fault},
                                 Bit{11, Point::manual_mode}};
constexpr std::array kUnitBits{Bit{3, Point::mains_fail}, Bit{4, Point::backup_power_fail}, Bit{6, Point::bus_fault}};
constexpr unsigned kFire = 1, kUnitFault = 2, kUnitChannelFault = 5;

template <std::size_t N>
void add_bits(DeviceMessage& message, unsigned status, const std::array<Bit, N>& bits) {
  for (const Bit& one : bits) add(message.readings, one.point, bit(status, one.number));
}

// Bit 0 says "normal", and "test" by its absence; devices in the field leave it out beside a fire or a fault
// (domain 1.8). So its absence is a test only where nothing else is said, and unknown beside anything else.
void add_test(DeviceMessage& message, unsigned status) {
  if (bit(status, 0)) return add(message.readings, Point::test, false);
  add(message.readings, Point::test, status == 0 ? Value{true} : Value{Unknown{}});
}

// What a fire is at a component of this type (table 5).
Point fire_of(std::uint8_t component_type) noexcept {
  if (component_type >= 30 && component_type <= 37) return Point::heat;
  if (component_type >= 40 && component_type <= 44) return Point::smoke;
  switch (component_type) {
    case 10:
    case 11:
    case 12:
    case 13:
    case 74: return Point::gas;
    case 23:
    case 24: return Point::manual_call;  // call point, hydrant button
    case 61:
    case 62:
    case 69: return Point::flame;
    default: return Point::fire;
  }
}

DeviceMessage device_message(std::string address, MessageKind kind, const Object& object) {
  DeviceMessage message = message_of(address, kind);
  message.measured_at = to_instant(object.time);
  return message;
}

DeviceMessage system_state(const Object& object, std::string_view unit) {
  DeviceMessage message = device_message(system_address(unit, object), MessageKind::snapshot, object);
  add(message.readings, Point::fire, bit(object.status, kFire));
  add_bits(message, object.status, kComponentBits);
  add_bits(message, object.status, kSystemBits);
  add_test(message, object.status);
  return message;
}

DeviceMessage component_state(const Object& object, std::string_view unit) {
  DeviceMessage message = device_message(component_address(unit, object), MessageKind::snapshot, object);
  add(message.readings, fire_of(object.component_type), bit(object.status, kFire));
  add_bits(message, object.status, kComponentBits);
  add_test(message, object.status);
  return message;
}

DeviceMessage unit_state(const Object& object, std::string_view unit) {
  DeviceMessage message = device_message(std::string(unit), MessageKind::snapshot, object);
  add(message.readings, Point::fire, bit(object.status, kFire));
  add(message.readings, Point::fault, bit(object.status, kUnitFault) || bit(object.status, kUnitChannelFault));
  add_bits(message, object.status, kUnitBits);
  add_test(message, object.status);
  return message;
}

// ---- analogue values ----

struct Measure {
  Point point;
  double unit;
};

bool holds_gas_or_powder(const Object& object) noexcept { return object.system_type == 13 || object.system_type == 17; }
bool holds_water(const Object& object) noexcept {
  constexpr std::uint8_t kTank = 92;
  const auto system = object.system_type;
  return object.component_type == kTank || system == 11 || system == 12 || (system >= 14 && system <= 16);
}

// Table 6. None for what is no point of ours: counts, times, air, heights of anything but water, a maker's own.
std::optional<Measure> measure_of(const Object& object) noexcept {
  constexpr std::uint8_t kResidualCurrent = 17, kCableTemperature = 18;
  const bool water = !holds_gas_or_powder(object);
  switch (object.analogue_type) {
    case 2: return holds_water(object) ? std::optional(Measure{Point::water_level_m, 0.01}) : std::nullopt;
    case 3:
      return Measure{object.component_type == kCableTemperature ? Point::cable_temperature_c : Point::temperature_c,
                     0.1};
    case 4: return water ? std::optional(Measure{Point::water_pressure_kpa, 100}) : std::nullopt;
    case 5: return water ? std::optional(Measure{Point::water_pressure_kpa, 0.1}) : std::nullopt;
    case 6: return Measure{Point::gas_lel_pct, 0.1};
    case 8: return Measure{Point::voltage_v, 0.1};
    case 9:
      return object.component_type == kResidualCurrent ? Measure{Point::residual_current_ma, 100}
                                                       : Measure{Point::current_a, 0.1};
    case 10: return water ? std::optional(Measure{Point::water_flow_l_s, 0.1}) : std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<DeviceMessage> component_value(const Object& object, std::string_view unit) {
  const auto measure = measure_of(object);
  if (!measure) return std::nullopt;
  DeviceMessage message = device_message(component_address(unit, object), MessageKind::delta, object);
  add(message.readings, measure->point, object.analogue_value * measure->unit);
  return message;
}

// ---- operations ----

// What a person did is a pulse. Resets, confirmations and cleared alarms say nothing that a later state does not say.
std::optional<DeviceMessage> operation(const Object& object, std::string address) {
  DeviceMessage message = device_message(std::move(address), MessageKind::event, object);
  if (has(object, Operation::manual_alarm)) add(message.readings, Point::manual_call, true);
  if (has(object, Operation::silence)) add(message.readings, Point::muted, true);
  if (has(object, Operation::self_test) || has(object, Operation::test)) add(message.readings, Point::test, true);
  return message.readings.empty() ? std::nullopt : std::optional(std::move(message));
}

std::optional<DeviceMessage> message_from(const DataUnit& unit, const Object& object, std::string_view address) {
  switch (static_cast<Type>(unit.type)) {
    case Type::system_state: return system_state(object, address);
    case Type::component_state: return component_state(object, address);
    case Type::component_value: return component_value(object, address);
    case Type::operation: return operation(object, system_address(address, object));
    case Type::unit_state: return unit_state(object, address);
    case Type::unit_operation: return operation(object, std::string(address));
    default: return std::nullopt;  // versions, configurations, clocks, and what a centre asks
  }
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text, int base) noexcept {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return failure == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// A maker's tags share the component address 0 and name themselves in the description: its bytes tell them apart.
std::string tag_of(const Object& object) {
  std::string_view bytes = object.text;
  while (!bytes.empty() && (bytes.back() == '\0' || bytes.back() == ' ')) bytes.remove_suffix(1);
  std::string tag;
  for (const char byte : bytes) tag += fmt::format("{:02x}", static_cast<std::uint8_t>(byte));
  return tag;
}

}  // namespace

std::string unit_address(std::uint64_t number) { return fmt::format("{:012x}", number); }

std::string system_address(std::string_view unit, const Object& object) {
  return fmt::format("{}/{}.{}", unit, object.system_type, object.system_address);
}

std::string component_address(std::string_view unit, const Object& object) {
  std::string address = fmt::format("{}/{}", system_address(unit, object), object.component_address);
  if (object.component_type < kFirstOfMakers || object.component_address != 0) return address;
  const std::string tag = tag_of(object);
  return tag.empty() ? address : fmt::format("{}/{}", address, tag);
}

std::optional<Address> address_from_text(std::string_view text) noexcept {
  const auto [unit, below] = split_first(text);
  const auto number = unit.size() == 12 ? whole_number<std::uint64_t>(unit, 16) : std::nullopt;
  if (!number) return std::nullopt;
  Address address{*number, {}, {}};
  if (below.empty()) return text.size() == unit.size() ? std::optional(address) : std::nullopt;
  const auto [system, component] = split_first(below);
  const auto dot = system.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto type = whole_number<std::uint8_t>(system.substr(0, dot), 10);
  const auto place = whole_number<std::uint8_t>(system.substr(dot + 1), 10);
  if (!type || !place) return std::nullopt;
  address.system = {*type, *place};
  if (component.empty()) return address;
  address.component = whole_number<std::uint32_t>(component, 10);
  return address.component ? std::optional(address) : std::nullopt;
}

bool has(const Object& object, Operation operation) noexcept {
  return bit(object.operation, static_cast<unsigned>(operation));
}

Meaning meaning_of(const DataUnit& unit, std::string_view address) {
  Meaning meaning;
  for (const Object& object : unit.objects) {
    if (auto message = message_from(unit, object, address)) {
      meaning.messages.push_back(std::move(*message));
    } else if (unit.is(Type::component_value)) {
      ++meaning.unread;
    }
  }
  return meaning;
}

}  // namespace firegate::gb26875
