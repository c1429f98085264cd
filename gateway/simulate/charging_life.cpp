// An ordinary day at a charging station or battery cabinet: e-bikes come, charge for some hours, are full and leave.
#include <cmath>

#include "simulate/json_writer.h"
#include "simulate/life.h"

namespace firegate::simulate {
namespace {

using namespace std::chrono_literals;

constexpr double kFloatW = 12;    // under the float limit of 30 W: the port stops as full (domain, section 5.2)
constexpr Millis kTaper = 40min;  // our choice: the current falls over the last part of a charge

double hours(Millis span) { return std::chrono::duration<double, std::ratio<3600>>(span).count(); }

class ChargingLife final : public Life {
 public:
  explicit ChargingLife(int ports) : sessions_(static_cast<std::size_t>(ports)) {}

  Millis pace() const override { return 15s; }

  void begin(Facts& facts, Random& random) override {
    for (const Point point : {Point::smoke, Point::water_ingress, Point::fault, Point::mains_fail}) {
      facts.set(point, false);
    }
    facts.set(Point::board_temperature_c, rounded(random.between(24, 32), 1));
    facts.set(Point::voltage_v, 228.6);
    facts.set(Point::signal_dbm, static_cast<double>(random.whole(-85, -60)));
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      const bool busy = random.chance(0.5);
      begin_port(facts, random, static_cast<Port>(i + 1));
      sessions_[i].next = busy ? Millis{0} : Millis{random.whole(60'000, 3'600'000)};
    }
  }

  bool go_on(Facts& facts, Random& random, Millis now) override {
    wander(facts, random, Point::board_temperature_c, 0.2, 20, 40, 1);
    wander(facts, random, Point::voltage_v, 0.6, 222, 235, 1);
    bool told = false;
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      told = go_on_port(facts, random, static_cast<Port>(i + 1), sessions_[i], now) || told;
    }
    return told;
  }

 private:
  enum class Phase : std::uint8_t { idle, charging, full };
  struct Session {
    Phase phase = Phase::idle;
    Millis since{}, next{};  // when the phase began, when it ends
    double full_w = 0;
  };

  void begin_port(Facts& facts, Random& random, Port port) {
    facts.set(Point::port_state, choice_value(Point::port_state, "idle"), port);
    facts.set(Point::port_temperature_c, rounded(random.between(22, 30), 1), port);
    facts.set(Point::power_w, 0.0, port);
    facts.set(Point::current_a, 0.0, port);
    facts.set(Point::energy_kwh, 0.0, port);
    facts.set(Point::charge_s, 0.0, port);
    facts.set(Point::switch_on, false, port);
    facts.set(Point::plug_present, false, port);
    facts.set(Point::relay_stuck, false, port);
    facts.set(Point::fuse_blown, false, port);
  }

  bool go_on_port(Facts& facts, Random& random, Port port, Session& session, Millis now) {
    const bool ends = now >= session.next;
    if (ends) next_phase(facts, random, port, session, now);
    if (session.phase == Phase::charging) charge(facts, random, port, session, now);
    const double warm = session.phase == Phase::charging ? 38 : 26;
    const double temperature = facts.number(Point::port_temperature_c, port);
    facts.set(Point::port_temperature_c,
              rounded(temperature + (warm - temperature) * 0.02 + random.between(-0.2, 0.2), 1), port);
    return ends;
  }

  void next_phase(Facts& facts, Random& random, Port port, Session& session, Millis now) {
    session.since = now;
    switch (session.phase) {
      case Phase::idle:
        session.phase = Phase::charging;
        session.full_w = std::round(random.between(110, 320));
        session.next = now + Millis{random.whole(90 * 60'000, 330 * 60'000)};
        facts.set(Point::energy_kwh, 0.0, port);
        set_port(facts, port, "charging", true);
        break;
      case Phase::charging:
        session.phase = Phase::full;
        session.next = now + Millis{random.whole(10 * 60'000, 90 * 60'000)};
        set_port(facts, port, "full", false);
        facts.set(Point::stop_reason, choice_value(Point::stop_reason, "full"), port);
        break;
      case Phase::full:
        session.phase = Phase::idle;
        session.next = now + Millis{random.whole(5 * 60'000, 120 * 60'000)};
        set_port(facts, port, "idle", false);
        facts.set(Point::plug_present, false, port);
        facts.set(Point::charge_s, 0.0, port);
        break;
    }
  }

  void set_port(Facts& facts, Port port, std::string_view state, bool on) {
    facts.set(Point::port_state, choice_value(Point::port_state, state), port);
    facts.set(Point::switch_on, on, port);
    facts.set(Point::plug_present, true, port);
    if (on) facts.set(Point::stop_reason, Unknown{}, port);
    if (on) return;
    facts.set(Point::power_w, 0.0, port);
    facts.set(Point::current_a, 0.0, port);
  }

  void charge(Facts& facts, Random& random, Port port, const Session& session, Millis now) {
    const double left = std::clamp(hours(session.next - now) / hours(kTaper), 0.0, 1.0);
    const double power = (kFloatW + (session.full_w - kFloatW) * left) * random.between(0.99, 1.01);
    facts.set(Point::power_w, rounded(power, 1), port);
    facts.set(Point::current_a, rounded(power / facts.number(Point::voltage_v, kNoPort, 230), 2), port);
    facts.set(Point::energy_kwh, rounded(facts.number(Point::energy_kwh, port) + power * hours(pace()) / 1000, 5),
              port);
    facts.set(Point::charge_s, std::floor(std::chrono::duration<double>(now - session.since).count()), port);
  }

  std::vector<Session> sessions_;
};

}  // namespace

std::unique_ptr<Life> make_charging_life(int ports) { return std::make_unique<ChargingLife>(ports); }

}  // namespace firegate::simulate
