#include "cli/frames_json.h"

#include <fmt/format.h>

#include "cli/frames_text.h"
#include "drivers/gb26875/data_unit.h"
#include "drivers/gb26875/frame.h"
#include "drivers/gb26875/hex.h"

namespace firegate::cli {
namespace {

namespace json = boost::json;
using gb26875::DataUnit;
using gb26875::Frame;
using gb26875::FrameError;
using gb26875::Inspected;
using gb26875::Object;
using gb26875::Part;
using gb26875::TimeTag;

std::string_view bytes_of(const TimeTag& tag) {
  return {reinterpret_cast<const char*>(tag.bytes.data()), tag.bytes.size()};
}

// As sent: local, without a zone.
std::string time_json(const TimeTag& tag) {
  if (!gb26875::to_instant(tag)) return "invalid:" + gb26875::to_hex(bytes_of(tag));
  const auto [second, minute, hour, day, month, year] = tag.bytes;
  return fmt::format("20{:02}-{:02}-{:02}T{:02}:{:02}:{:02}", year, month, day, hour, minute, second);
}

std::string_view command_name(std::uint8_t command) noexcept {
  switch (command) {
    case 1: return "control";
    case 2: return "send";
    case 3: return "ack";
    case 4: return "request";
    case 5: return "answer";
    case 6: return "nak";
    default: return command < 128 ? "reserved" : "user";
  }
}

void add_part(Part part, const Object& object, json::object& out) {
  switch (part) {
    case Part::system_type: out["sys_type"] = object.system_type; return;
    case Part::system_address: out["sys_addr"] = object.system_address; return;
    case Part::component_type: out["comp_type"] = object.component_type; return;
    case Part::component_address: out["comp_addr"] = object.component_address; return;
    case Part::status:
    case Part::unit_status: out["status"] = object.status; return;
    case Part::analogue_type: out["analog_type"] = object.analogue_type; return;
    case Part::analogue_value: out["raw"] = object.analogue_value; return;
    case Part::operation: out["op"] = object.operation; return;
    case Part::operator_number: out["operator"] = object.operator_number; return;
    case Part::major: out["major"] = object.major; return;
    case Part::minor: out["minor"] = object.minor; return;
    case Part::description: out["desc"] = text_from_gb18030(object.text); return;
    case Part::text:
      out["len"] = object.text.size();
      out["text"] = text_from_gb18030(object.text);
      return;
    case Part::record_count: out["records"] = object.record_count; return;
    case Part::minutes: out["timeout_min"] = object.minutes; return;
    case Part::reserved: out["body"] = fmt::format("{:02x}", object.reserved); return;
    case Part::time:
    case Part::time_tag: out["time"] = time_json(object.time); return;
  }
}

json::object object_json(const DataUnit& unit, const Object& object) {
  json::object out;
  for (const Part part : gb26875::layout_of(unit.type)) add_part(part, object, out);
  return out;
}

json::object unit_json(const DataUnit& unit) {
  json::object out{{"type", unit.type}, {"count", unit.count}, {"standard_conformant", unit.conformant}};
  if (!unit.conformant) {
    out["raw"] = gb26875::to_hex(unit.body);
  } else if (unit.is(gb26875::Type::unit_configuration)) {
    for (const auto& member : object_json(unit, unit.objects.front())) out.insert(member);
  } else {
    json::array objects;
    for (const Object& object : unit.objects) objects.push_back(object_json(unit, object));
    out["objects"] = std::move(objects);
  }
  return out;
}

json::object unit_json(std::string_view bytes) {
  if (bytes.empty()) return {{"empty", true}};
  const auto unit = gb26875::read_unit(bytes);
  if (unit) return unit_json(*unit);
  return {{"raw", gb26875::to_hex(bytes)}, {"standard_conformant", false}};
}

json::object frame_json(const Inspected& found, std::size_t bytes) {
  if (found.size == 0) return {{"complete", false}};
  const Frame& frame = found.frame;
  return {{"seq", frame.serial},
          {"version", fmt::format("{}.{}", frame.version, frame.user_version)},
          {"time", time_json(frame.sent_at)},
          {"src", fmt::format("{:012x}", frame.source)},
          {"dst", fmt::format("{:012x}", frame.destination)},
          {"app_len", frame.unit.size()},
          {"command", frame.command},
          {"command_name", command_name(frame.command)},
          {"complete", true},
          {"length_ok", found.size == bytes},
          {"checksum", found.checksum_found},
          {"checksum_calc", found.checksum},
          {"checksum_ok", found.checksum == found.checksum_found},
          {"tail_ok", found.end_right},
          {"app", unit_json(frame.unit)}};
}

json::object wrong(std::string_view error, std::string detail) {
  return {{"ok", false}, {"error", error}, {"detail", std::move(detail)}};
}

std::string detail_of(FrameError error, const Inspected& found, std::string_view bytes) {
  switch (error) {
    case FrameError::not_a_frame:
      return fmt::format("at byte 0: found {}, expected 4040", gb26875::to_hex(bytes.substr(0, 2)));
    case FrameError::too_long: return fmt::format("at byte 24: found a length over {}", gb26875::kLongestUnit);
    case FrameError::incomplete:
      return fmt::format("found {} bytes, expected {}", bytes.size(),
                         bytes.size() < gb26875::kFrameHead ? "a head of 27" : "as many as its length says");
    case FrameError::bad_checksum:
      return fmt::format("at byte {}: found {:#04x}, expected {:#04x}", found.size - gb26875::kFrameTail,
                         found.checksum_found, found.checksum);
    case FrameError::bad_end:
      return fmt::format("at byte {}: found {}, expected 2323", found.size - 2,
                         gb26875::to_hex(bytes.substr(found.size - 2, 2)));
  }
  return {};
}

// What starts otherwise than a frame may be its application data unit alone.
bool is_unit(std::string_view bytes) {
  const auto unit = gb26875::read_unit(bytes);
  return unit && (unit->conformant || !unit->objects.empty());
}

}  // namespace

json::object frame_line_json(std::string_view line) {
  const auto bytes = gb26875::from_hex(line);
  if (!bytes)
    return wrong("bad_hex", fmt::format("found {} characters that are no pairs of hexadecimal digits", line.size()));
  const Inspected found = gb26875::inspect(*bytes);
  json::object out;
  if (found.error) {
    out = wrong(label(*found.error), detail_of(*found.error, found, *bytes));
  } else if (found.size < bytes->size()) {
    out = wrong("trailing_bytes", fmt::format("at byte {}: found {} more bytes, expected the end of the line",
                                              found.size, bytes->size() - found.size));
  } else {
    out["ok"] = true;
  }
  if (found.error == FrameError::not_a_frame && is_unit(*bytes)) {
    out["adu"] = unit_json(*bytes);
  } else {
    out["frame"] = frame_json(found, bytes->size());
  }
  return out;
}

}  // namespace firegate::cli
