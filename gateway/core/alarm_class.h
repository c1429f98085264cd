// Classes of alarm and what each one means: priority, latching, shelving, lamp, sound, dispatch.
// Source: architecture section 5 (EN 54-2, GB 4717, ISA-18.2). This table stands here and nowhere else.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/labels.h"

namespace firegate {

enum class AlarmClass : std::uint8_t {
  fire_alarm, gas_alarm, co_alarm, lift_entrapment, one_key_alarm, pre_alarm, electrical_fire, ebike_intrusion,
  charging_hazard, water_supply, supervisory, fault, disablement, test,
};
template <>
struct Labels<AlarmClass> {
  static constexpr std::array<std::string_view, 14> list{
      "fire_alarm",      "gas_alarm",       "co_alarm",        "lift_entrapment", "one_key_alarm", "pre_alarm",
      "electrical_fire", "ebike_intrusion", "charging_hazard", "water_supply",    "supervisory",   "fault",
      "disablement",     "test"};
};

// 1 is the most urgent; the number is what people see, the label what files say.
enum class Priority : std::uint8_t { fire, life_threat, pre_alarm, supervisory, fault, info };
template <>
struct Labels<Priority> {
  static constexpr std::array<std::string_view, 6> list{"fire",        "life_threat", "pre_alarm",
                                                        "supervisory", "fault",       "info"};
};

enum class Sound : std::uint8_t { fire, life_threat, two_tone, chime, beep, none };
template <>
struct Labels<Sound> {
  static constexpr std::array<std::string_view, 6> list{"fire", "life_threat", "two_tone", "chime", "beep", "none"};
};

enum class Lamp : std::uint8_t { fire, life_threat, pre_alarm, supervisory, fault, disablement, test };
template <>
struct Labels<Lamp> {
  static constexpr std::array<std::string_view, 7> list{"fire",  "life_threat", "pre_alarm", "supervisory",
                                                        "fault", "disablement", "test"};
};

enum class Dispatch : std::uint8_t { yes, look, by_route, no };  // look: call somebody to look
template <>
struct Labels<Dispatch> {
  static constexpr std::array<std::string_view, 4> list{"yes", "look", "by_route", "no"};
};

struct ClassInfo {
  Priority priority;
  bool latching;  // holds until reset; such a class also refuses shelving and suppression
  Lamp lamp;
  Sound sound;
  Dispatch dispatch;
};

constexpr ClassInfo info(AlarmClass alarm_class) noexcept {
  switch (alarm_class) {
    case AlarmClass::fire_alarm: return {Priority::fire, true, Lamp::fire, Sound::fire, Dispatch::yes};
    case AlarmClass::gas_alarm:
    case AlarmClass::co_alarm:
    case AlarmClass::lift_entrapment:
    case AlarmClass::one_key_alarm:
      return {Priority::life_threat, true, Lamp::life_threat, Sound::life_threat, Dispatch::yes};
    case AlarmClass::pre_alarm:
    case AlarmClass::electrical_fire:
      return {Priority::pre_alarm, false, Lamp::pre_alarm, Sound::two_tone, Dispatch::look};
    case AlarmClass::ebike_intrusion:
    case AlarmClass::charging_hazard:
    case AlarmClass::water_supply:
    case AlarmClass::supervisory:
      return {Priority::supervisory, false, Lamp::supervisory, Sound::chime, Dispatch::by_route};
    case AlarmClass::fault: return {Priority::fault, false, Lamp::fault, Sound::beep, Dispatch::by_route};
    case AlarmClass::disablement: return {Priority::info, false, Lamp::disablement, Sound::none, Dispatch::no};
    case AlarmClass::test: return {Priority::info, false, Lamp::test, Sound::none, Dispatch::no};
  }
  return {Priority::fault, false, Lamp::fault, Sound::beep, Dispatch::by_route};
}

// Fire, gas, CO, entrapment, one-key: what must be announced even when nothing can be recorded.
constexpr bool threatens_life(AlarmClass alarm_class) noexcept {
  return info(alarm_class).priority <= Priority::life_threat;
}

}  // namespace firegate
