#include "api/device_bodies.h"

#include <boost/json.hpp>

#include "api/bodies.h"
#include "api/members.h"

namespace firegate::api {
namespace {

namespace json = boost::json;
using registry::kMaxDeviceNote;
using registry::kMaxDeviceText;

registry::PlaceIds read_place(Members& members, bool required) {
  registry::PlaceIds place;
  place.estate = members.text("estate", kMaxNameBytes, required);
  place.building = members.text("building", kMaxNameBytes, required);
  place.floor = members.text("floor", kMaxNameBytes, false);
  place.zone = members.text("zone", kMaxNameBytes, false);
  place.location = members.text("location", kMaxNameBytes, false);
  return place;
}

bool is_null(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return !value || value->is_null();
}

std::optional<double> share_of(const json::object& position, std::string_view name) {
  const json::value* value = position.if_contains(name);
  if (!value || !value->is_number()) return std::nullopt;
  const double share = value->to_number<double>();
  return share >= 0 && share <= 1 ? std::optional(share) : std::nullopt;
}

std::optional<PlanPosition> read_position(const json::object& object, Members& members) {
  if (is_null(object, "position")) return std::nullopt;
  const json::object* position = object.at("position").if_object();
  const auto x = position ? share_of(*position, "x") : std::nullopt;
  const auto y = position ? share_of(*position, "y") : std::nullopt;
  if (x && y) return PlanPosition{*x, *y};
  members.wrong("position", "is no place on a plan", "x and y from 0 to 1");
  return std::nullopt;
}

std::optional<int> read_years(const json::object& object, Members& members) {
  constexpr std::uint64_t kMostYears = 50;  // our choice
  if (is_null(object, "expected_life_years")) return std::nullopt;
  const std::uint64_t years = members.count("expected_life_years");
  if (years < 1 || years > kMostYears) members.wrong("expected_life_years", "is out of range", "1 to 50");
  return static_cast<int>(years);
}

std::optional<Instant> read_time(const json::object& object, Members& members, std::string_view name) {
  if (is_null(object, name)) return std::nullopt;
  const auto at = instant_from_text(members.text(name, kMaxNameBytes, true));
  if (!at) members.wrong(name, "is no time", "a date and time with a zone (RFC 3339)");
  return at;
}

template <typename T, typename Fill>
Result<T> read_object(std::string_view body, Fill fill) {
  const auto object = parse_object(body);
  if (!object) return tl::unexpected<Error>(object.error());
  Members members(*object);
  T value;
  fill(*object, members, value);
  return members.unless_wrong(std::move(value));
}

}  // namespace

bool takes_table(std::string_view method, std::string_view target) noexcept {
  return method == "POST" && target.substr(0, target.find('?')) == "/api/v1/devices:import";
}

Result<registry::Adoption> read_adoption(std::string_view body) {
  return read_object<registry::Adoption>(body,
                                         [](const json::object& object, Members& members, registry::Adoption& wanted) {
                                           wanted.id = members.text("id", kMaxNameBytes, false);
                                           wanted.kind = members.choice<DeviceKind>("kind");
                                           wanted.model = members.text("model", kMaxDeviceText, false);
                                           wanted.name = members.text("name", kMaxDeviceText, false);
                                           wanted.note = members.text("note", kMaxDeviceNote, false);
                                           wanted.place = read_place(members, true);
                                           wanted.position = read_position(object, members);
                                         });
}

Result<registry::DevicePatch> read_device_patch(std::string_view body) {
  return read_object<registry::DevicePatch>(
      body, [](const json::object& object, Members& members, registry::DevicePatch& patch) {
        const auto text = [&members](std::string_view name, std::size_t most, std::optional<std::string>& into) {
          if (members.has(name)) into = members.text(name, most, false);
        };
        text("name", kMaxDeviceText, patch.name);
        text("note", kMaxDeviceNote, patch.note);
        text("model", kMaxDeviceText, patch.model);
        if (members.has("kind")) patch.kind = members.choice<DeviceKind>("kind");
        const bool moves = members.has("estate") || members.has("building") || members.has("floor") ||
                           members.has("zone") || members.has("location");
        if (moves) patch.place = read_place(members, true);
        if (members.has("position")) patch.position = read_position(object, members);
        if (members.has("expected_life_years")) patch.expected_life_years = read_years(object, members);
        if (members.has("calibrated_at")) patch.calibrated_at = read_time(object, members, "calibrated_at");
      });
}

Result<ReplaceDeviceBody> read_device_replacement(std::string_view body) {
  return read_body<ReplaceDeviceBody>(body, [](Members& members, ReplaceDeviceBody& given) {
    given.key = members.text("key", 2 * kMaxReasonBytes, false);
    DeviceAddress& address = given.replacement.address;
    address.source = members.text("source", kMaxNameBytes, false);
    address.format = members.text("format", kMaxNameBytes, false);
    address.address = members.text("address", kMaxDeviceText, given.key.empty());
    if (members.has("kind")) given.replacement.kind = members.choice<DeviceKind>("kind");
    if (members.has("model")) given.replacement.model = members.text("model", kMaxDeviceText, false);
    given.reason = members.text("reason", kMaxReasonBytes, true);
  });
}

Result<std::string> read_reason(std::string_view body) {
  return read_body<std::string>(
      body, [](Members& members, std::string& reason) { reason = members.text("reason", kMaxReasonBytes, true); });
}

Result<DisableBody> read_disablement(std::string_view body, Instant now) {
  return read_body<DisableBody>(body, [now](Members& members, DisableBody& given) {
    given.reason = members.text("reason", kMaxReasonBytes, true);
    given.until = members.instant_after("until", now);
  });
}

Result<Millis> read_test_length(std::string_view body) {
  return read_body<Millis>(body, [](Members& members, Millis& length) {
    length = registry::kLongestTest;
    if (!members.has("minutes")) return;
    const std::uint64_t minutes = members.count("minutes");
    if (minutes < 1 || minutes > 30) members.wrong("minutes", "is out of range", "1 to 30");
    else length = std::chrono::minutes{minutes};
  });
}

Result<std::string> read_test_note(std::string_view body) {
  return read_body<std::string>(
      body, [](Members& members, std::string& note) { note = members.text("note", kMaxReasonBytes, false); });
}

}  // namespace firegate::api
