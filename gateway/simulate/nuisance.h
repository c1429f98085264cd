// Nuisance life: what an analogue multi-sensor detector sees in a year in which nothing burns: cooking, toast, showers,
// heating, sun, airing, cigarettes, a wrong report now and then. Deterministic by seed, pure; one owner, one thread.
// Events, times a year and sizes: the project's design of early detection; between the given bounds sizes are uniform,
// and where a usual and a greatest size are given, their median is the usual one. Noise: of the recorded instruments of
// the NIST Home Smoke Alarm tests (0.05 °C, 0.002 /m, 25 ppm).
#pragma once

#include <cstdint>
#include <vector>

#include "core/clock.h"
#include "core/labels.h"
#include "simulate/random.h"

namespace firegate::simulate {

enum class NuisanceRoom : std::uint8_t { room, kitchen };

enum class Nuisance : std::uint8_t {
  cooking,
  heavy_cooking,
  toast,
  oven_door,
  shower,
  heating,
  sun,
  fan_heater,
  airing,
  cigarette,
  candle,
  aerosol,
  gas_stove,
  wrong_report,
};
constexpr std::size_t kNuisances = static_cast<std::size_t>(Nuisance::wrong_report) + 1;

struct NuisanceEvent {
  Nuisance kind{};
  Millis start{};                                                   // since the year began
  Millis rise{};                                                    // until it is at its height
  Millis hold{};                                                    // at its height
  Millis decay{};                                                   // time constant of going back
  double heat_c = 0, smoke_od_m = 0, co_ppm = 0, humidity_pct = 0;  // at its height
  std::uint64_t seed = 0;                                           // of its puffs

  Millis end() const noexcept { return start + rise + hold + 4 * decay; }
};

struct NuisanceReport {
  Millis at{};
  double temperature_c = 0, smoke_od_m = 0, co_ppm = 0, humidity_pct = 0;
};

// A year of one device, report by report.
class NuisanceYear {
 public:
  // `longest_quiet`: quiet stretches longer than this are cut down to it (a year has 3.2 million reports at 10 s);
  // a full year without it. `busy` false: nothing happens at all.
  struct Plan {
    NuisanceRoom room = NuisanceRoom::room;
    std::uint64_t seed = 1;
    Millis interval{10'000};
    Millis longest_quiet = Millis::max();
    bool busy = true;
    bool smooth = false;  // rises begin and end smoothly, half as steep again in the middle
  };
  explicit NuisanceYear(const Plan& plan);

  // The next report; false at the end of the year.
  bool next(NuisanceReport& report);

  // What goes on at the time of the last report (for a word on what alarmed).
  std::vector<Nuisance> going_on() const;

 private:
  void plan_events();
  void add(Nuisance kind, Millis start);
  void one_of_a_kind();
  void cut_quiet();
  double noise(double sigma) noexcept;

  Plan plan_;
  Random random_;
  std::vector<NuisanceEvent> events_;  // by start
  std::vector<NuisanceEvent> active_;
  std::size_t upcoming_ = 0;
  Millis now_{0};
  Millis end_;
};

}  // namespace firegate::simulate

namespace firegate {
template <>
struct Labels<simulate::Nuisance> {
  static constexpr std::array<std::string_view, simulate::kNuisances> list{
      "cooking",    "heavy_cooking", "toast",     "oven_door", "shower",  "heating",   "sun",
      "fan_heater", "airing",        "cigarette", "candle",    "aerosol", "gas_stove", "wrong_report"};
};
}  // namespace firegate
