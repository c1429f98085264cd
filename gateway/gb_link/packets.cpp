#include "gb_link/packets.h"

#include <algorithm>

#include "drivers/gb26875/data_unit.h"
#include "drivers/gb26875/meaning.h"

namespace firegate::gb_link {
namespace {

using gb26875::CommandByte;
using gb26875::Frame;
using gb26875::Object;
using gb26875::Type;

constexpr std::string_view kHandshake = "\x16", kHandshakeAnswer = "\x17";  // a maker's keep-alive (domain 1.10)

// Never empty: what we put into frames is within their limits, and addresses come from frames.
std::string written(const Frame& frame) { return gb26875::write_frame(frame).value_or(std::string{}); }

std::string answer(const Frame& to, CommandByte command, std::string_view unit, Instant now) {
  Frame frame = gb26875::answer_to(to, command, now);
  frame.unit = unit;
  return written(frame);
}

std::string data_of(Type type, const Object& object) {
  return gb26875::write_unit(type, std::span(&object, 1)).value_or(std::string{});
}

std::string data_of_time(Type type, Instant now) {
  Object object;
  object.time = gb26875::to_time_tag(now);
  return data_of(type, object);
}

std::string control(const Unit& unit, std::uint16_t serial, std::string_view data, Instant now) {
  Frame frame;
  frame.serial = serial;
  frame.version = unit.version;
  frame.user_version = unit.user_version;
  frame.sent_at = gb26875::to_time_tag(now);
  frame.source = unit.centre;
  frame.destination = unit.address;
  frame.command = static_cast<std::uint8_t>(CommandByte::control);
  frame.unit = data;
  return written(frame);
}

bool is_type(const Frame& frame, Type type) noexcept {
  return !frame.unit.empty() && static_cast<std::uint8_t>(frame.unit.front()) == static_cast<std::uint8_t>(type);
}

}  // namespace

bool is_known_command(std::uint8_t command) noexcept {
  return command >= static_cast<std::uint8_t>(CommandByte::control) &&
         command <= static_cast<std::uint8_t>(CommandByte::refuse);
}

bool is_keep_alive(const Frame& frame) noexcept { return frame.unit.size() <= kLongestKeepAlive; }

bool answers_duty_check(const Frame& frame) {
  if (!is_type(frame, Type::unit_operation)) return false;
  const auto data = gb26875::read_unit(frame.unit);
  return data && std::ranges::any_of(data->objects, [](const Object& object) {
           return gb26875::has(object, gb26875::Operation::duty_answer);
         });
}

std::string confirmation(const Frame& frame, Instant now) {
  return answer(frame, CommandByte::confirm, frame.unit == kHandshake ? kHandshakeAnswer : "", now);
}

std::string refusal(const Frame& frame, Instant now) { return answer(frame, CommandByte::refuse, "", now); }

std::optional<std::string> time_for(const Frame& request, Instant now) {
  if (is_type(request, Type::sync_clock)) {
    return answer(request, CommandByte::answer, data_of_time(Type::sync_clock, now), now);
  }
  if (is_type(request, Type::unit_time) || is_type(request, Type::read_unit_time)) {
    return answer(request, CommandByte::answer, data_of_time(Type::unit_time, now), now);
  }
  return std::nullopt;
}

std::string sync_clock(const Unit& unit, std::uint16_t serial, Instant now) {
  return control(unit, serial, data_of_time(Type::sync_clock, now), now);
}

std::string duty_check(const Unit& unit, std::uint16_t serial, Instant now) {
  Object object;
  object.minutes = kDutyMinutes;
  return control(unit, serial, data_of(Type::duty_check, object), now);
}

}  // namespace firegate::gb_link
