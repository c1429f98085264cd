#include "drivers/gb26875/data_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace firegate::gb26875 {
namespace {

constexpr std::size_t kDescription = 31;
constexpr std::size_t kLongestText = 255;
constexpr std::size_t kTime = 6;

// Objects of one type; `most` is how many may stand in one unit.
struct Layout {
  Type type;
  std::uint8_t most;
  std::array<Part, 7> parts;
  std::size_t count;
};

template <typename... Parts>
constexpr Layout layout(Type type, std::uint8_t most, Parts... parts) {
  return {type, most, {parts...}, sizeof...(parts)};
}

constexpr auto kSystem = Part::system_type;
constexpr auto kAddress = Part::system_address;
constexpr auto kComponent = Part::component_type;
constexpr auto kComponentAddress = Part::component_address;

constexpr std::array kLayouts{
    layout(Type::system_state, 102, kSystem, kAddress, Part::status, Part::time_tag),
    layout(Type::component_state, 22, kSystem, kAddress, kComponent, kComponentAddress, Part::status, Part::description,
           Part::time_tag),
    layout(Type::component_value, 63, kSystem, kAddress, kComponent, kComponentAddress, Part::analogue_type,
           Part::analogue_value, Part::time_tag),
    layout(Type::operation, 102, kSystem, kAddress, Part::operation, Part::operator_number, Part::time_tag),
    layout(Type::system_version, 1, kSystem, kAddress, Part::major, Part::minor),
    layout(Type::system_configuration, 3, kSystem, kAddress, Part::text),
    layout(Type::component_configuration, 26, kSystem, kAddress, kComponent, kComponentAddress, Part::description),
    layout(Type::system_time, 1, kSystem, kAddress, Part::time),
    layout(Type::unit_state, 1, Part::unit_status, Part::time_tag),
    layout(Type::unit_operation, 127, Part::operation, Part::operator_number, Part::time_tag),
    layout(Type::unit_version, 1, Part::major, Part::minor),
    layout(Type::unit_configuration, 1, Part::text),
    layout(Type::unit_time, 1, Part::time),
    layout(Type::read_system_state, 102, kSystem, kAddress),
    layout(Type::read_component_state, 22, kSystem, kAddress, kComponentAddress),
    layout(Type::read_component_value, 63, kSystem, kAddress, kComponentAddress),
    layout(Type::read_operations, 1, kSystem, kAddress, Part::record_count, Part::time),
    layout(Type::read_system_version, 1, kSystem, kAddress),
    layout(Type::read_system_configuration, 3, kSystem, kAddress),
    layout(Type::read_component_configuration, 26, kSystem, kAddress, kComponentAddress),
    layout(Type::read_system_time, 1, kSystem, kAddress),
    layout(Type::read_unit_state, 1, Part::reserved),
    layout(Type::read_unit_operations, 1, Part::record_count, Part::time),
    layout(Type::read_unit_version, 1, Part::reserved),
    layout(Type::read_unit_configuration, 1, Part::reserved),
    layout(Type::read_unit_time, 1, Part::reserved),
    layout(Type::initialise, 1, Part::reserved),
    layout(Type::sync_clock, 1, Part::time),
    layout(Type::duty_check, 1, Part::minutes),
};

const Layout* find_layout(std::uint8_t type) noexcept {
  const auto found = std::find_if(kLayouts.begin(), kLayouts.end(),
                                  [type](const Layout& one) { return static_cast<std::uint8_t>(one.type) == type; });
  return found == kLayouts.end() ? nullptr : &*found;
}

std::span<const Part> parts_of(const Layout& one) noexcept { return std::span(one.parts).first(one.count); }

// Bytes from the front of a body. After a short read `ok` is false and everything read is zero.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(std::size_t count) noexcept {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  template <typename Number>
  void read(Number& into, std::size_t count) noexcept {
    std::uint32_t value = 0;
    const std::string_view bytes = take(count);
    for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
    into = static_cast<Number>(value);
  }
  void read(TimeTag& into) noexcept {
    const std::string_view bytes = take(kTime);
    for (std::size_t i = 0; i < bytes.size(); ++i) into.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
  }
  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

void read_part(Part part, Reader& reader, Object& object) noexcept {
  switch (part) {
    case Part::system_type: return reader.read(object.system_type, 1);
    case Part::system_address: return reader.read(object.system_address, 1);
    case Part::component_type: return reader.read(object.component_type, 1);
    case Part::component_address: return reader.read(object.component_address, 4);
    case Part::status: return reader.read(object.status, 2);
    case Part::unit_status: return reader.read(object.status, 1);
    case Part::analogue_type: return reader.read(object.analogue_type, 1);
    case Part::analogue_value: return reader.read(object.analogue_value, 2);
    case Part::operation: return reader.read(object.operation, 1);
    case Part::operator_number: return reader.read(object.operator_number, 1);
    case Part::major: return reader.read(object.major, 1);
    case Part::minor: return reader.read(object.minor, 1);
    case Part::description: object.text = reader.take(kDescription); return;
    case Part::text: {
      std::uint8_t length = 0;
      reader.read(length, 1);
      object.text = reader.take(length);
      return;
    }
    case Part::record_count: return reader.read(object.record_count, 1);
    case Part::minutes: return reader.read(object.minutes, 1);
    case Part::reserved: return reader.read(object.reserved, 1);
    case Part::time:
    case Part::time_tag: return reader.read(object.time);
  }
}

// The objects, when they use up the body to its last byte; else none.
std::vector<Object> read_objects(std::span<const Part> parts, const DataUnit& unit) {
  std::vector<Object> objects;
  Reader reader(unit.body);
  while (objects.size() < unit.count && reader.ok() && !reader.at_end()) {
    Object& object = objects.emplace_back();
    for (const Part part : parts) read_part(part, reader, object);
  }
  if (!reader.ok() || !reader.at_end() || objects.size() != unit.count) objects.clear();
  return objects;
}

void put(std::string& bytes, std::uint32_t value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

void put(std::string& bytes, const TimeTag& time) {
  for (const std::uint8_t byte : time.bytes) put(bytes, byte, 1);
}

void write_part(Part part, const Object& object, std::string& bytes) {
  switch (part) {
    case Part::system_type: return put(bytes, object.system_type, 1);
    case Part::system_address: return put(bytes, object.system_address, 1);
    case Part::component_type: return put(bytes, object.component_type, 1);
    case Part::component_address: return put(bytes, object.component_address, 4);
    case Part::status: return put(bytes, object.status, 2);
    case Part::unit_status: return put(bytes, object.status, 1);
    case Part::analogue_type: return put(bytes, object.analogue_type, 1);
    case Part::analogue_value: return put(bytes, static_cast<std::uint16_t>(object.analogue_value), 2);
    case Part::operation: return put(bytes, object.operation, 1);
    case Part::operator_number: return put(bytes, object.operator_number, 1);
    case Part::major: return put(bytes, object.major, 1);
    case Part::minor: return put(bytes, object.minor, 1);
    case Part::description:
      bytes += object.text;
      bytes.append(kDescription - object.text.size(), '\0');
      return;
    case Part::text:
      put(bytes, static_cast<std::uint32_t>(object.text.size()), 1);
      bytes += object.text;
      return;
    case Part::record_count: return put(bytes, object.record_count, 1);
    case Part::minutes: return put(bytes, object.minutes, 1);
    case Part::reserved: return put(bytes, object.reserved, 1);
    case Part::time:
    case Part::time_tag: return put(bytes, object.time);
  }
}

tl::unexpected<Error> cannot_write(Type type, std::string what) {
  return fail(ErrorCode::bad_input,
              fmt::format("writing a unit of type {}: {}", static_cast<unsigned>(type), std::move(what)));
}

}  // namespace

std::span<const Part> layout_of(std::uint8_t type) noexcept {
  const Layout* found = find_layout(type);
  return found ? parts_of(*found) : std::span<const Part>{};
}

std::optional<DataUnit> read_unit(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  DataUnit unit;
  unit.type = static_cast<std::uint8_t>(bytes[0]);
  unit.count = static_cast<std::uint8_t>(bytes[1]);
  unit.body = bytes.substr(2);
  const Layout* found = find_layout(unit.type);
  if (!found) return unit;
  const auto parts = parts_of(*found);
  unit.objects = read_objects(parts, unit);
  unit.conformant = !unit.objects.empty() && unit.count <= found->most;
  if (unit.objects.empty() && parts.back() == Part::time_tag)
    unit.objects = read_objects(parts.first(parts.size() - 1), unit);
  return unit;
}

Result<std::string> write_unit(Type type, std::span<const Object> objects) {
  const Layout* found = find_layout(static_cast<std::uint8_t>(type));
  if (!found) return cannot_write(type, "the standard has no such type");
  if (objects.empty() || objects.size() > found->most) {
    return cannot_write(type, fmt::format("found {} objects, expected 1 to {}", objects.size(), found->most));
  }
  const auto parts = parts_of(*found);
  const bool fixed = std::find(parts.begin(), parts.end(), Part::description) != parts.end();
  std::string bytes{static_cast<char>(type), static_cast<char>(objects.size())};
  for (const Object& object : objects) {
    const std::size_t longest = fixed ? kDescription : kLongestText;
    if (object.text.size() > longest) {
      return cannot_write(type,
                          fmt::format("found a text of {} bytes, expected at most {}", object.text.size(), longest));
    }
    for (const Part part : parts) write_part(part, object, bytes);
  }
  if (bytes.size() > kLongestUnit) {
    return cannot_write(type, fmt::format("found {} bytes, expected at most {}", bytes.size(), kLongestUnit));
  }
  return bytes;
}

}  // namespace firegate::gb26875
