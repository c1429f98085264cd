#include "simulate/life.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "simulate/json_writer.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

void begin_battery(Facts& facts, Random& random) {
  facts.set(Point::battery_pct, static_cast<double>(random.whole(62, 101)));
  facts.set(Point::battery_low, false);
}

// Detectors, call points and buttons: their own alarm is off, their health is good, the room is a room.
class DetectorLife final : public Life {
 public:
  explicit DetectorLife(DeviceKind kind) : kind_(kind) {}

  Millis pace() const override { return 2min; }

  void begin(Facts& facts, Random& random) override {
    begin_battery(facts, random);
    for (const Point point : {Point::tamper, Point::fault, Point::test}) facts.set(point, false);
    facts.set(Point::signal_dbm, static_cast<double>(random.whole(-92, -61)));
    begin_own(facts, random);
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    wander(facts, random, Point::temperature_c, 0.2, 17, 28, 1);
    wander(facts, random, Point::smoke_obscuration_db_m, 0.002, 0, 0.03, 3);
    wander(facts, random, Point::gas_lel_pct, 0.2, 0, 1.5, 1);
    wander(facts, random, Point::co_ppm, 1, 0, 5, 0);
    return false;
  }

 private:
  void begin_own(Facts& facts, Random& random) {
    switch (kind_) {
      case DeviceKind::smoke_detector:
        facts.set(Point::smoke, false);
        facts.set(Point::smoke_obscuration_db_m, rounded(random.between(0.005, 0.02), 3));
        facts.set(Point::temperature_c, rounded(random.between(19, 25), 1));
        break;
      case DeviceKind::multi_detector:
        facts.set(Point::smoke, false);
        facts.set(Point::heat, false);
        facts.set(Point::temperature_c, rounded(random.between(19, 25), 1));
        break;
      case DeviceKind::heat_detector:
        facts.set(Point::heat, false);
        facts.set(Point::temperature_c, rounded(random.between(19, 26), 1));
        break;
      case DeviceKind::gas_detector:
        facts.set(Point::gas, false);
        facts.set(Point::gas_lel_pct, rounded(random.between(0, 1), 1));
        break;
      case DeviceKind::co_detector:
        facts.set(Point::co, false);
        facts.set(Point::co_ppm, static_cast<double>(random.whole(0, 4)));
        break;
      case DeviceKind::manual_call_point: facts.set(Point::manual_call, false); break;
      case DeviceKind::sos_button: facts.set(Point::sos, false); break;
      default: facts.set(Point::temperature_c, rounded(random.between(19, 26), 1)); break;
    }
  }

  DeviceKind kind_;
};

// A fire door: closed, and open for a minute when somebody walks through.
class DoorLife final : public Life {
 public:
  Millis pace() const override { return 1min; }

  void begin(Facts& facts, Random& random) override {
    begin_battery(facts, random);
    facts.set(Point::door_open, false);
    facts.set(Point::tamper, false);
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    const bool open = facts.flag(Point::door_open);
    const bool moves = open || random.chance(0.08);
    if (moves) facts.set(Point::door_open, !open);
    return moves;
  }
};

// Four outgoing circuits: residual current well under 300 mA (GB 50116 9.2.3), cables under 45 °C.
class ElectricalLife final : public Life {
 public:
  static constexpr Port kCircuits = 4;

  Millis pace() const override { return 30s; }

  void begin(Facts& facts, Random& random) override {
    for (const Point point : {Point::fault, Point::arc_fault, Point::phase_loss, Point::over_current,
                              Point::over_voltage, Point::under_voltage}) {
      facts.set(point, false);
    }
    facts.set(Point::voltage_v, 229.0);
    for (Port circuit = 1; circuit <= kCircuits; ++circuit) {
      facts.set(Point::residual_current_ma, std::round(random.between(25, 90)), circuit);
      facts.set(Point::cable_temperature_c, rounded(random.between(24, 34), 1), circuit);
      facts.set(Point::current_a, rounded(random.between(8, 40), 1), circuit);
    }
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    wander(facts, random, Point::voltage_v, 0.6, 224, 235, 1);
    for (Port circuit = 1; circuit <= kCircuits; ++circuit) {
      wander(facts, random, Point::residual_current_ma, 3, 20, 120, 0, circuit);
      wander(facts, random, Point::cable_temperature_c, 0.3, 22, 42, 1, circuit);
      wander(facts, random, Point::current_a, 1.5, 4, 60, 1, circuit);
    }
    return false;
  }
};

// Mains pressure, tank level, pump room: well within what GB 50974 wants.
class WaterLife final : public Life {
 public:
  explicit WaterLife(DeviceKind kind) : kind_(kind) {}

  Millis pace() const override { return 1min; }

  void begin(Facts& facts, Random& random) override {
    begin_battery(facts, random);
    facts.set(Point::fault, false);
    if (kind_ == DeviceKind::water_level_sensor) {
      facts.set(Point::water_level_m, 2.6);
    } else {
      facts.set(Point::water_pressure_kpa, std::round(random.between(280, 360)));
    }
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    wander(facts, random, Point::water_pressure_kpa, 4, 250, 420, 0);
    wander(facts, random, Point::water_level_m, 0.01, 2.4, 2.8, 2);
    return false;
  }

 private:
  DeviceKind kind_;
};

class ClimateLife final : public Life {
 public:
  Millis pace() const override { return 2min; }

  void begin(Facts& facts, Random& random) override {
    begin_battery(facts, random);
    facts.set(Point::temperature_c, rounded(random.between(20, 27), 1));
    facts.set(Point::humidity_pct, rounded(random.between(45, 65), 1));
    facts.set(Point::water_leak, false);
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    wander(facts, random, Point::temperature_c, 0.3, 16, 32, 1);
    wander(facts, random, Point::humidity_pct, 1, 40, 75, 1);
    return false;
  }
};

// A plug or relay under a steady load that somebody changes now and then.
class PlugLife final : public Life {
 public:
  explicit PlugLife(bool metered) : metered_(metered) {}

  Millis pace() const override { return 20s; }

  void begin(Facts& facts, Random& random) override {
    facts.set(Point::switch_on, true);
    if (!metered_) return;
    load_w_ = std::round(random.between(40, 900));
    facts.set(Point::energy_kwh, rounded(random.between(20, 400), 3));
    facts.set(Point::voltage_v, 230.1);
    facts.set(Point::board_temperature_c, 31.5);
    measure(facts, random);
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    if (!metered_) return false;
    if (random.chance(0.01)) load_w_ = std::round(random.between(40, 900));
    wander(facts, random, Point::voltage_v, 0.5, 225, 235, 1);
    wander(facts, random, Point::board_temperature_c, 0.3, 27, 44, 2);
    const double hours = std::chrono::duration<double, std::ratio<3600>>(pace()).count();
    facts.set(Point::energy_kwh, facts.number(Point::energy_kwh) + facts.number(Point::power_w) * hours / 1000);
    measure(facts, random);
    return false;
  }

 private:
  void measure(Facts& facts, Random& random) {
    const bool on = facts.flag(Point::switch_on);
    const double power = on ? rounded(load_w_ * random.between(0.985, 1.015), 1) : 0;
    facts.set(Point::power_w, power);
    facts.set(Point::current_a, rounded(power / facts.number(Point::voltage_v, kNoPort, 230), 3));
  }

  bool metered_;
  double load_w_ = 0;
};

// Panels, transmission units, gateways, sounders: present and in order.
class PanelLife final : public Life {
 public:
  explicit PanelLife(DeviceKind kind) : kind_(kind) {}

  Millis pace() const override { return 10min; }

  void begin(Facts& facts, Random& random) override {
    if (kind_ == DeviceKind::sounder) {
      begin_battery(facts, random);
    } else {
      for (const Point point : {Point::fire, Point::fault, Point::mains_fail, Point::backup_power_fail}) {
        facts.set(point, false);
      }
    }
  }
  bool go_on(Facts&, Random&, Millis) override { return false; }

 private:
  DeviceKind kind_;
};

// Reports what a year without a fire brings to a detector that measures, and begins another when it is over.
class NuisanceLife final : public Life {
 public:
  NuisanceLife(DeviceKind kind, NuisanceRoom room) : detector_(kind), room_(room) {}

  Millis pace() const override { return kInterval; }

  void begin(Facts& facts, Random& random) override {
    detector_.begin(facts, random);
    report(facts, random);
  }

  bool go_on(Facts& facts, Random& random, Millis) override {
    report(facts, random);
    return true;
  }

 private:
  static constexpr Millis kInterval = 10s;

  void report(Facts& facts, Random& random) {
    NuisanceReport now;
    while (!year_ || !year_->next(now)) {
      year_.emplace(
          NuisanceYear::Plan{.room = room_, .seed = random.bits(), .interval = kInterval, .longest_quiet = 5min});
    }
    constexpr double kDbPerBel = 10;
    facts.set(Point::temperature_c, rounded(now.temperature_c, 2));
    facts.set(Point::smoke_obscuration_db_m, rounded(now.smoke_od_m * kDbPerBel, 3));
    facts.set(Point::co_ppm, std::max(0.0, rounded(now.co_ppm, 0)));
    facts.set(Point::humidity_pct, std::clamp(rounded(now.humidity_pct, 1), 0.0, 100.0));
  }

  DetectorLife detector_;
  NuisanceRoom room_;
  std::optional<NuisanceYear> year_;
};

}  // namespace

void wander(Facts& facts, Random& random, Point point, double step, double low, double high, int digits, Port port) {
  if (!facts.has(point, port)) return;
  const double next = facts.number(point, port) + random.between(-step, step);
  facts.set(point, rounded(std::clamp(next, low, high), digits), port);
}

std::unique_ptr<Life> make_life(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::charging_station: return make_charging_life(6);
    case DeviceKind::swap_cabinet: return make_charging_life(4);
    case DeviceKind::elevator_controller: return make_lift_life();
    case DeviceKind::electrical_fire_monitor: return std::make_unique<ElectricalLife>();
    case DeviceKind::water_pressure_sensor:
    case DeviceKind::water_level_sensor: return std::make_unique<WaterLife>(kind);
    case DeviceKind::environment_sensor: return std::make_unique<ClimateLife>();
    case DeviceKind::door_contact: return std::make_unique<DoorLife>();
    case DeviceKind::metering_plug: return std::make_unique<PlugLife>(true);
    case DeviceKind::relay: return std::make_unique<PlugLife>(false);
    case DeviceKind::fire_panel:
    case DeviceKind::user_transmission_unit:
    case DeviceKind::gateway:
    case DeviceKind::ebike_camera:
    case DeviceKind::sounder: return std::make_unique<PanelLife>(kind);
    default: return std::make_unique<DetectorLife>(kind);
  }
}

std::unique_ptr<Life> make_nuisance_life(DeviceKind kind, NuisanceRoom room) {
  return std::make_unique<NuisanceLife>(kind, room);
}

}  // namespace firegate::simulate
