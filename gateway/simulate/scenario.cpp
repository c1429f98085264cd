#include "simulate/scenario.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr Millis kFirstSign = 30s;
constexpr Millis kDemoLength = 10min;

constexpr std::array kScenarios{
    ScenarioInfo{"quiet", "an ordinary day, nothing happens", 0s},
    ScenarioInfo{kNuisanceScenario,
                 "native smoke and multi detectors report a year of cooking, showers and sun, no fire", 0s},
    ScenarioInfo{"demo", "kitchen smoke after 30 s, then the other events, again every 10 minutes", kFirstSign},
    ScenarioInfo{"kitchen_smoke", "a kitchen detector alarms for 75 s", kFirstSign},
    ScenarioInfo{"ebike_garage_fire", "a charging port heats up, two detectors and a call point follow", kFirstSign},
    ScenarioInfo{"ebike_into_lift", "an e-bike is pushed into a lift and held there for a minute", kFirstSign},
    ScenarioInfo{"detector_lost", "a smoke detector goes silent for three minutes", kFirstSign},
    ScenarioInfo{"low_battery", "two battery detectors run low", kFirstSign},
    ScenarioInfo{"unmapped_smoke", "a smoke detector that nobody has adopted alarms", kFirstSign},
    ScenarioInfo{"broker_restart", "every connection breaks and returns with its births 15 s later", kFirstSign},
    ScenarioInfo{"alarm_storm", "every detector raises and clears alarms, 200 changes in ten seconds", kFirstSign}};

std::optional<Point> own_alarm(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::smoke_detector:
    case DeviceKind::multi_detector: return Point::smoke;
    case DeviceKind::heat_detector: return Point::heat;
    case DeviceKind::gas_detector: return Point::gas;
    case DeviceKind::co_detector: return Point::co;
    case DeviceKind::manual_call_point: return Point::manual_call;
    case DeviceKind::sos_button: return Point::sos;
    default: return std::nullopt;
  }
}

// Collects the steps of a scenario; remembers the first device that was needed and is not there.
class Script {
 public:
  explicit Script(std::span<const DeviceRow> rows) : rows_(rows) {}

  Result<Scenario> take(std::string_view name) {
    if (!missing_.empty()) {
      return fail(ErrorCode::bad_input, fmt::format("scenario {} needs {}, the estate has none", name, missing_));
    }
    std::ranges::stable_sort(scenario_.steps, {}, &Step::at);
    return std::move(scenario_);
  }

  // What happens is the life of these devices, not a step.
  void nuisance() {
    if (std::ranges::none_of(rows_, lives_nuisance)) need("a smoke or multi detector of the native format");
  }

  void repeat(Millis length) { scenario_.repeat = length; }

  void kitchen_smoke(Millis at) {
    const auto kitchen = choose({}, [](const DeviceRow& row) {
      return (row.kind == DeviceKind::smoke_detector || row.kind == DeviceKind::multi_detector) && in_kitchen(row);
    });
    const auto detector = kitchen ? kitchen : any("a smoke detector", DeviceKind::smoke_detector);
    hold(at, detector, {{Point::smoke, true}, {Point::temperature_c, 31.4}, {Point::smoke_obscuration_db_m, 0.42}});
    add(at + 75s, detector, Release{});
  }

  void ebike_garage_fire(Millis at) {
    const auto station = any("a charging station", DeviceKind::charging_station);
    if (!station) return;
    const auto nearby = [&, this](DeviceKind kind) {
      return all(
          [&, this](const DeviceRow& row) { return row.kind == kind && row.building == rows_[*station].building; });
    };
    const auto smoke = nearby(DeviceKind::smoke_detector);
    const auto call = nearby(DeviceKind::manual_call_point);
    if (smoke.empty()) return need("a smoke detector in the building of the charging station");

    heat_port(at, station);
    hold(at + 40s, smoke.front(), {{Point::smoke, true}, {Point::smoke_obscuration_db_m, 0.6}});
    if (smoke.size() > 1) hold(at + 55s, smoke[1], {{Point::smoke, true}, {Point::smoke_obscuration_db_m, 0.9}});
    if (!call.empty()) hold(at + 65s, call.front(), {{Point::manual_call, true}});
    add(at + 200s, station, Release{});
    for (std::size_t i = 0; i < std::min<std::size_t>(smoke.size(), 2); ++i) add(at + 200s, smoke[i], Release{});
    if (!call.empty()) add(at + 210s, call.front(), Release{});
  }

  void ebike_into_lift(Millis at) {
    const auto lift = any("an elevator controller", DeviceKind::elevator_controller);
    hold(at, lift,
         {{Point::ebike_detected, true},
          {Point::door_held, true},
          {Point::person_inside, true},
          {Point::lift_floor, 1.0},
          {Point::lift_direction, choice_value(Point::lift_direction, "still")},
          {Point::lift_door, choice_value(Point::lift_door, "open")}});
    add(at + 60s, lift, Release{});
  }

  // A detector with a connection of its own where there is one: the broker then knows at once.
  void detector_lost(Millis at) {
    const auto own = choose(
        {}, [](const DeviceRow& row) { return row.kind == DeviceKind::smoke_detector && row.format == "native"; });
    const auto detector = own ? own : any("a smoke detector", DeviceKind::smoke_detector);
    add(at, detector, GoDark{});
    add(at + 3min, detector, ComeBack{});
  }

  void low_battery(Millis at, Millis replaced_after) {
    const auto battery = all([](const DeviceRow& row) {
      return row.kind == DeviceKind::smoke_detector && (row.format == "zigbee2mqtt" || row.format == "chirpstack");
    });
    if (battery.empty()) return need("a Zigbee or LoRaWAN smoke detector");
    const std::size_t count = std::min<std::size_t>(battery.size(), 2);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t device = i == 0 ? battery.front() : battery.back();
      hold(at + static_cast<int>(i) * 5s, device,
           {{Point::battery_pct, 9.0 - static_cast<double>(i)}, {Point::battery_low, true}});
      if (replaced_after > 0s) add(at + replaced_after, device, Release{});
    }
  }

  void unmapped_smoke(Millis at) {
    const auto stranger = choose("a smoke detector that is not in the file", [](const DeviceRow& row) {
      return row.kind == DeviceKind::smoke_detector && row.building.empty();
    });
    hold(at, stranger, {{Point::smoke, true}});
    add(at + 75s, stranger, Release{});
  }

  void broker_restart(Millis at) {
    add(at, std::size_t{0}, CutNetwork{});
    add(at + 15s, std::size_t{0}, RestoreNetwork{});
  }

  void alarm_storm(Millis at) {
    const auto detectors = all([](const DeviceRow& row) { return own_alarm(row.kind) && !row.building.empty(); });
    if (detectors.empty()) return need("a detector");
    for (int i = 0; i < kStormChanges; ++i) {
      const auto turn = static_cast<std::size_t>(i);
      const std::size_t device = detectors[turn % detectors.size()];
      const bool raises = turn / detectors.size() % 2 == 0;
      const Millis when = at + i * 50ms;
      if (raises) {
        hold(when, device, {{*own_alarm(rows_[device].kind), true}});
      } else {
        add(when, device, Release{});
      }
    }
    for (const std::size_t device : detectors) add(at + 2min, device, Release{});
  }

 private:
  using Chosen = std::optional<std::size_t>;

  // Warm at 30 s, over 65 °C at 50 s, over 80 °C at 65 s: the limits of domain, section 5.4. The station cuts the port.
  void heat_port(Millis at, Chosen station) {
    constexpr Port kPort = 3;
    constexpr std::array kTemperatures{46.0, 52.5, 58.0, 63.5, 69.0, 74.5, 79.0, 84.5, 91.0};
    for (std::size_t i = 0; i < kTemperatures.size(); ++i) {
      hold(at + static_cast<int>(i) * 5s, station,
           {{Point::port_state, choice_value(Point::port_state, "charging"), kPort},
            {Point::switch_on, true, kPort},
            {Point::plug_present, true, kPort},
            {Point::power_w, 412.0 + 9.0 * static_cast<double>(i), kPort},
            {Point::current_a, 1.8, kPort},
            {Point::port_temperature_c, kTemperatures[i], kPort}});
    }
    hold(at + 45s, station,
         {{Point::smoke, true},
          {Point::port_state, choice_value(Point::port_state, "locked_out"), kPort},
          {Point::stop_reason, choice_value(Point::stop_reason, "smoke"), kPort},
          {Point::switch_on, false, kPort},
          {Point::power_w, 0.0, kPort},
          {Point::current_a, 0.0, kPort}});
  }

  template <typename Predicate>
  std::vector<std::size_t> all(Predicate fits) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (fits(rows_[i])) found.push_back(i);
    }
    return found;
  }

  template <typename Predicate>
  Chosen choose(std::string_view what, Predicate fits) {
    const auto found = std::ranges::find_if(rows_, fits);
    if (found != rows_.end()) return static_cast<std::size_t>(found - rows_.begin());
    if (!what.empty()) need(what);
    return std::nullopt;
  }

  Chosen any(std::string_view what, DeviceKind kind) {
    return choose(what, [kind](const DeviceRow& row) { return row.kind == kind && !row.building.empty(); });
  }

  void need(std::string_view what) {
    if (missing_.empty()) missing_ = what;
  }
  void hold(Millis at, Chosen device, std::vector<HeldFact> facts) { add(at, device, Hold{std::move(facts)}); }
  template <typename What>
  void add(Millis at, Chosen device, What what) {
    if (device) scenario_.steps.push_back(Step{at, *device, std::move(what)});
  }

  std::span<const DeviceRow> rows_;
  Scenario scenario_;
  std::string missing_;
};

void demo(Script& script) {
  script.repeat(kDemoLength);
  script.kitchen_smoke(kFirstSign);
  script.ebike_into_lift(150s);
  script.low_battery(230s, 330s);
  script.detector_lost(270s);
  script.ebike_garage_fire(330s);
}

}  // namespace

std::span<const ScenarioInfo> scenarios() noexcept { return kScenarios; }

bool lives_nuisance(const DeviceRow& row) noexcept {
  return row.format == "native" && (row.kind == DeviceKind::smoke_detector || row.kind == DeviceKind::multi_detector);
}

Result<Scenario> make_scenario(std::string_view name, std::span<const DeviceRow> rows) {
  Script script(rows);
  if (name == "demo") {
    demo(script);
  } else if (name == kNuisanceScenario) {
    script.nuisance();
  } else if (name == "kitchen_smoke") {
    script.kitchen_smoke(kFirstSign);
  } else if (name == "ebike_garage_fire") {
    script.ebike_garage_fire(kFirstSign);
  } else if (name == "ebike_into_lift") {
    script.ebike_into_lift(kFirstSign);
  } else if (name == "detector_lost") {
    script.detector_lost(kFirstSign);
  } else if (name == "low_battery") {
    script.low_battery(kFirstSign, 0s);
  } else if (name == "unmapped_smoke") {
    script.unmapped_smoke(kFirstSign);
  } else if (name == "broker_restart") {
    script.broker_restart(kFirstSign);
  } else if (name == "alarm_storm") {
    script.alarm_storm(kFirstSign);
  } else if (name != "quiet") {
    return fail(ErrorCode::not_found, fmt::format("there is no scenario \"{}\"", name));
  }
  return script.take(name);
}

}  // namespace firegate::simulate
