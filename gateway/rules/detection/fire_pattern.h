// Fire pattern: does what an analogue detector reports look like a fire? Heat that rises as a front, weighed together
// with smoke and CO. Pure and streaming: settings, a small state per device and one report in, a decision out; time is
// a parameter. The same reports give the same decisions on every machine. No call throws, none keeps a reference.
//
// Reports may come at any interval up to 60 s, also on change only, and each may carry any of the values. Method,
// sources, figures and what is not claimed: README.md beside this file. Every constant is our choice unless a standard
// is named; they were chosen on recorded fires and on a synthetic nuisance life, default for all devices.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/labels.h"
#include "core/point.h"

namespace firegate::rules::detection {

// Optical density per metre from dB/m (decibel = 10 log10, so OD = dB/m / 10; EN 54-7, annex on aerosol measurement)
// and from percent obscuration per metre (OD = -log10(1 - pct / 100); UL 217). 100 % gives none.
double od_from_db_m(double db_per_m) noexcept;
std::optional<double> od_from_pct_m(double pct_per_m) noexcept;

// What a device reported. Values that are not finite or beyond the point's range count as missing.
struct Sample {
  Instant at{};
  std::optional<double> temperature_c{};
  std::optional<double> smoke_od_m{};
  std::optional<double> co_ppm{};
  std::optional<double> humidity_pct{};

  bool empty() const noexcept { return !temperature_c && !smoke_od_m && !co_ppm && !humidity_pct; }
};

// Puts the value of one point into the sample, converted where it must be; false when the point says nothing here.
// `smoke_pct` is taken as percent obscuration per metre.
bool put(Sample& sample, Point point, double value) noexcept;

enum class Level : std::uint8_t {
  none,
  pre_alarm,  // a fire is possible: look, and ask the device for faster reports where it can
  alarm,      // a fire
};

// Shares of the decision: 1 is the limit. They add up to 1 or more when the level is raised on the pattern.
struct Shares {
  double heat = 0, smoke = 0, co = 0;

  double sum() const noexcept { return heat + smoke + co; }
  friend bool operator==(const Shares&, const Shares&) = default;
};

enum class Because : std::uint8_t {
  nothing,
  pattern,      // heat front with smoke and CO as far as they are there
  dense_smoke,  // smoke alone, long and dense
  fast_heat,    // a steep rise on two reports
  static_heat,  // EN 54-5 class A2: 54 °C, on two reports
};

struct Decision {
  Level level = Level::none;
  // With another such device in the house it is an alarm (see judge_house). Holds for a while after its reason.
  bool suspects = false;
  Because because = Because::nothing;  // of the level, as it was raised
  Shares shares{};                     // now; at the raise they are the evidence
  bool steam = false;                  // humidity rose quickly: smoke does not count, heat counts half

  friend bool operator==(const Decision&, const Decision&) = default;
};

// "heat 70 %, smoke 35 %": the shares that count, greatest first; "" when there are none.
std::string to_text(const Shares& shares);

// The constants of one profile: README.md says how they were found and how flat the ground around them is.
struct Settings {
  // Heat: the rise that is a fire alone, by the time in which it came (linear between; beyond 60 s in proportion).
  double rise_10s_c = 1.65;
  double rise_30s_c = 2.65;
  double rise_60s_c = 4.0;
  double heat_least = 0.52;  // heat must be this share at least
  // Smoke and CO: no share at the floor, the most at floor and span.
  double smoke_floor_od_m = 0.007;
  double smoke_span_od_m = 0.006;
  double smoke_most = 0.5;
  double co_floor_ppm = 30;
  double co_span_ppm = 50;
  double co_most = 0.25;
  double witness_rise_c = 0.2;    // the report before was already rising by this
  double plausible_jump_c = 3.0;  // a greater jump in one report needs a second witness
  Millis lasting{0};              // the suspicion lasts so long before it is an alarm
  double pre_alarm_scale = 0.7;   // of the heat limits, for the pre-alarm
  double suspects_scale = 0.8;    // of the heat limits, for the house
  Millis suspects_for{120'000};   // how long a suspicion stays for the house

  static Settings room() noexcept { return {}; }
  static Settings kitchen() noexcept;
};

// What is remembered of one device; stored with the batch. All times in it count back from the last report.
class State {
 public:
  // The time of the last report; none: there was none.
  std::optional<Instant> at() const noexcept { return at_ == Instant::min() ? std::nullopt : std::optional(at_); }
  Level level() const noexcept { return level_; }
  bool suspects() const noexcept { return since(Since::suspects) != kUnset; }

  // Our clock was re-anchored by `step`.
  void shift(Millis step) noexcept;

  // "" for a default state. Reading back is exact; none when the text is not ours.
  std::string to_text() const;
  static std::optional<State> from_text(std::string_view text) noexcept;

  friend bool operator==(const State&, const State&) = default;

 private:
  friend class Judge;
  friend class StateFields;

  // What happened last, or began and goes on.
  enum class Since : std::uint8_t {
    heat,   // the last temperature; likewise smoke and co
    still,  // the temperature last moved
    smoke,
    co,
    humidity,   // the newest slot of humidity began
    damp,       // humidity last rose a little
    steam,      // ... much
    dense,      // smoke alone became dense
    suspicion,  // each temperature since then was a suspicion
    suspects,   // last suspicion for the house
    calm,       // nothing speaks for the level any more
  };
  static constexpr std::size_t kSinces = static_cast<std::size_t>(Since::calm) + 1;
  static constexpr std::size_t kPoints = 10;  // of 4 s at reports each 2 s: more than the window of rises
  static constexpr std::uint32_t kUnset = UINT32_MAX;

  std::uint32_t since(Since what) const noexcept { return since_ms_[static_cast<std::size_t>(what)]; }

  Instant at_ = Instant::min();  // of the last report; min: there was none
  std::array<std::uint32_t, kSinces> since_ms_ = [] {
    std::array<std::uint32_t, kSinces> unset{};
    unset.fill(kUnset);
    return unset;
  }();
  // Temperatures in 0.01 °C, the newest first, and how much older than its newer neighbour each is.
  std::array<std::uint32_t, kPoints> older_ms_{};
  std::array<std::int16_t, kPoints> centi_{};
  std::uint32_t held_ms_ = 0;               // the last jump came after so long a standstill
  float heat_base_ = 0;                     // °C
  float raised_rise_ = 0;                   // °C above the base when the level was raised
  float smoke_base_ = 0;                    // 1/m, slow
  float smoke_old_ = 0;                     // 1/m, quick: what stands longer is no news
  float smoke_ = 0;                         // 1/m, the last that counts
  float dense_peak_ = 0;                    // above the slow base
  std::array<float, 2> smoke_before_{};     // as reported, the newest first
  float co_base_ = 0, co_mean_ = 0;         // ppm
  std::array<std::uint8_t, 4> humidity_{};  // lowest of each minute in half percent, the newest first; 255: none
  std::uint8_t points_ = 0;
  std::uint8_t extremes_ = 0;  // of the last temperature: fast, hot
  Level level_ = Level::none;
  Because because_ = Because::nothing;
};
static_assert(sizeof(State) <= 200);

// Takes one report. A report older than the one before, and one without values, changes nothing. The decision changes
// by reports alone, never by time: a silent device keeps its level (that it is silent is another rule's matter).
Decision judge(const Settings& settings, State& state, const Sample& sample) noexcept;

// The house: an alarm of any device, or two devices that suspect at the same time. `members`: the last decision of each
// device of the group (a dwelling: the zone, or the building where zones are rooms) that is neither disabled nor lost.
struct Member {
  Level level = Level::none;
  bool suspects = false;
};
enum class HouseLevel : std::uint8_t { none, two_suspect, alarm };
HouseLevel judge_house(std::span<const Member> members) noexcept;

}  // namespace firegate::rules::detection
