#include "commands/effect.h"

#include <algorithm>
#include <span>

namespace firegate::commands {
namespace {

struct Wanted {
  CommandKind kind{};
  Point point{};
  bool value = false;
};
constexpr std::array kWanted{
    Wanted{CommandKind::switch_on, Point::switch_on, true},
    Wanted{CommandKind::switch_off, Point::switch_on, false},
    Wanted{CommandKind::open_valve, Point::valve_open, true},
    Wanted{CommandKind::close_valve, Point::valve_open, false},
    Wanted{CommandKind::hold_door, Point::door_held, true},
    Wanted{CommandKind::release_door, Point::door_held, false},
    Wanted{CommandKind::recall, Point::fire_recall, true},
};

struct WantedPort {
  CommandKind kind{};
  std::array<std::string_view, 4> states;  // any of them
};
constexpr std::array kWantedPorts{
    WantedPort{CommandKind::cut_off, {"idle", "disabled", "locked_out", "connected"}},
    WantedPort{CommandKind::stop, {"idle", "disabled", "locked_out", "connected"}},
    WantedPort{CommandKind::start, {"charging", "charging", "charging", "charging"}},
};

bool matches(const CommandRecord& record, const Current& current) noexcept {
  const CommandKind kind = record.command.kind;
  const auto plain = std::ranges::find(kWanted, kind, &Wanted::kind);
  if (plain != kWanted.end()) {
    const bool* value = as_bool(current.value);
    return current.point == plain->point && value && *value == plain->value;
  }
  const auto port = std::ranges::find(kWantedPorts, kind, &WantedPort::kind);
  if (port == kWantedPorts.end() || current.point != Point::port_state) return false;
  return std::ranges::any_of(port->states, [&current](std::string_view state) {
    return current.value == choice_value(Point::port_state, state);
  });
}

}  // namespace

bool has_effect(CommandKind kind) noexcept {
  return kind == CommandKind::query || std::ranges::find(kWanted, kind, &Wanted::kind) != kWanted.end() ||
         std::ranges::find(kWantedPorts, kind, &WantedPort::kind) != kWantedPorts.end();
}

bool shows_effect(const CommandRecord& record, const DeviceSnapshot& device) noexcept {
  if (record.command.kind == CommandKind::query) return device.last_heard && *device.last_heard > record.at;
  return std::ranges::any_of(device.values, [&record](const Current& current) {
    return current.port == record.command.port && current.updated_at > record.at && current.measured_at > record.at &&
           current.quality == Quality::good && matches(record, current);
  });
}

}  // namespace firegate::commands
