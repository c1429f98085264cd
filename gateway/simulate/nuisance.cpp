#include "simulate/nuisance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace firegate::simulate {
namespace {

constexpr Millis kDay = std::chrono::hours{24};
constexpr Millis kYear = 365 * kDay;
constexpr Millis kWakes = std::chrono::hours{7};  // people do things between 7 and 23
constexpr Millis kAwake = std::chrono::hours{16};
constexpr Millis kPuff{15'000};

constexpr Millis seconds(double s) noexcept { return Millis{static_cast<Millis::rep>(s * 1000)}; }
constexpr Millis minutes(double m) noexcept { return seconds(m * 60); }
double ratio(Millis part, Millis whole) noexcept {
  return static_cast<double>(part.count()) / static_cast<double>(whole.count());
}

// "usual (to greatest)" where the usual size is a quarter of the greatest, as in all rows that say so.
double skewed(Random& random, double greatest) noexcept {
  const double u = random.between(0, 1);
  return greatest * u * u;
}

struct Yearly {
  Nuisance kind;
  std::optional<Nuisance> with;  // at about the same time
  int times;
  int times_in_kitchen;
};
constexpr std::array<Yearly, 17> kYearly{{
    {Nuisance::cooking, {}, 350, 700},  // half of it is noticed outside the kitchen
    {Nuisance::heavy_cooking, {}, 25, 50},
    {Nuisance::toast, {}, 12, 12},
    {Nuisance::oven_door, {}, 60, 60},
    {Nuisance::shower, {}, 400, 0},
    {Nuisance::heating, {}, 800, 800},
    {Nuisance::sun, {}, 200, 200},
    {Nuisance::fan_heater, {}, 100, 100},
    {Nuisance::airing, {}, 200, 200},
    {Nuisance::cigarette, {}, 300, 300},
    {Nuisance::candle, {}, 100, 100},
    {Nuisance::aerosol, {}, 150, 150},
    {Nuisance::gas_stove, {}, 300, 300},
    {Nuisance::wrong_report, {}, 12, 12},
    {Nuisance::cooking, Nuisance::heating, 60, 60},
    {Nuisance::oven_door, Nuisance::cooking, 15, 15},
    {Nuisance::shower, Nuisance::heating, 40, 0},
}};

void size(NuisanceEvent& event, NuisanceRoom room, Random& random) {
  const auto between = [&random](double low, double high) { return random.between(low, high); };
  switch (event.kind) {
    case Nuisance::cooking:
      event.rise = minutes(between(2, 8));
      event.decay = minutes(6);
      event.heat_c = between(0.5, 3);
      event.smoke_od_m = skewed(random, 0.08);
      event.humidity_pct = between(0, 5);
      break;
    case Nuisance::heavy_cooking:
      event.rise = minutes(between(2, 8));
      event.decay = minutes(6);
      event.heat_c = between(2, 5);
      event.smoke_od_m = between(0.05, 0.15);
      event.humidity_pct = between(0, 8);
      break;
    case Nuisance::toast:
      event.rise = seconds(between(20, 90));
      event.decay = minutes(2);
      event.heat_c = between(0.2, 1.5);
      event.smoke_od_m = skewed(random, 0.2);
      break;
    case Nuisance::oven_door:
      event.rise = seconds(between(10, 40));
      event.decay = minutes(1.5);
      event.heat_c = skewed(random, room == NuisanceRoom::kitchen ? 6 : 2);
      break;
    case Nuisance::shower:
      event.rise = seconds(between(20, 120));
      event.hold = minutes(between(2, 8));
      event.decay = minutes(6);
      event.heat_c = between(0.3, 3);
      event.smoke_od_m = between(0, 0.3);
      event.humidity_pct = between(12, 45);
      break;
    case Nuisance::heating:
      event.rise = minutes(10);
      event.decay = minutes(15);
      event.heat_c = between(5, 15);
      break;
    case Nuisance::sun:
      event.rise = minutes(20);
      event.decay = minutes(20);
      event.heat_c = between(3, 12);
      break;
    case Nuisance::fan_heater:
      event.rise = minutes(between(1, 3));
      event.hold = minutes(between(5, 20));
      event.decay = minutes(5);
      event.heat_c = between(1, 5);
      break;
    case Nuisance::airing:
      event.rise = minutes(between(1, 5));
      event.hold = minutes(between(2, 10));
      event.decay = minutes(between(2, 6));
      event.heat_c = -between(1, 6);
      event.humidity_pct = -between(0, 10);
      break;
    case Nuisance::cigarette:
      event.rise = minutes(between(1, 3));
      event.hold = minutes(4);
      event.decay = minutes(4);
      event.smoke_od_m = between(0.005, 0.04);
      break;
    case Nuisance::candle:
      event.rise = minutes(2);
      event.hold = minutes(45);
      event.decay = minutes(3);
      event.heat_c = 0.2;
      event.smoke_od_m = between(0.002, 0.03);
      break;
    case Nuisance::aerosol:
      event.rise = seconds(between(1, 5));
      event.hold = seconds(between(1, 10));
      event.decay = seconds(10);
      event.smoke_od_m = between(0.05, 1.0);
      break;
    case Nuisance::gas_stove:
      event.rise = minutes(4);
      event.hold = minutes(15);
      event.decay = minutes(6);
      event.co_ppm = between(3, 25);
      break;
    case Nuisance::wrong_report:
      if (random.chance(0.5)) {
        event.smoke_od_m = between(0.1, 1);
      } else {
        event.heat_c = between(3, 20) * (random.chance(0.5) ? 1 : -1);
      }
      break;
  }
}

// How much of its height an event has at `now`.
double height(const NuisanceEvent& event, Millis now, bool smooth) noexcept {
  const Millis age = now - event.start;
  if (age < event.rise) {
    const double x = ratio(age, event.rise);
    return smooth ? x * x * (3 - 2 * x) : x;
  }
  if (age < event.rise + event.hold || event.decay <= Millis{0}) return 1;
  return std::exp(-ratio(age - event.rise - event.hold, event.decay));
}

// Cooking smokes in puffs: each lasts 15 s and has a part of the height.
double puff(const NuisanceEvent& event, Millis now) noexcept {
  if (event.kind != Nuisance::cooking && event.kind != Nuisance::heavy_cooking) return 1;
  const auto number = static_cast<std::uint64_t>((now - event.start) / kPuff);
  return Random(event.seed + number).between(0.2, 1.0);
}

}  // namespace

NuisanceYear::NuisanceYear(const Plan& plan) : plan_(plan), random_(plan.seed), end_(kYear) {
  if (plan_.busy) plan_events();
  one_of_a_kind();
  cut_quiet();
}

void NuisanceYear::plan_events() {
  for (const Yearly& row : kYearly) {
    const int times = plan_.room == NuisanceRoom::kitchen ? row.times_in_kitchen : row.times;
    for (int i = 0; i < times; ++i) {
      const Millis start =
          random_.whole(0, 365) * kDay + kWakes + seconds(random_.between(0, ratio(kAwake, seconds(1))));
      add(row.kind, start);
      if (row.with) add(*row.with, start + minutes(random_.between(-2, 2)));
    }
  }
}

void NuisanceYear::add(Nuisance kind, Millis start) {
  NuisanceEvent event;
  event.kind = kind;
  event.start = start;
  event.seed = random_.bits();
  size(event, plan_.room, random_);
  if (kind == Nuisance::wrong_report) event.hold = plan_.interval;  // one report falls into it
  events_.push_back(event);
}

// There is one shower, one heater, one stove: what would start while it is still rising starts after that.
void NuisanceYear::one_of_a_kind() {
  const auto by_start = [](const NuisanceEvent& a, const NuisanceEvent& b) { return a.start < b.start; };
  std::stable_sort(events_.begin(), events_.end(), by_start);
  std::array<Millis, kNuisances> risen{};
  for (NuisanceEvent& event : events_) {
    Millis& free_from = risen[static_cast<std::size_t>(event.kind)];
    event.start = std::max(event.start, free_from);
    free_from = event.start + event.rise + event.hold;
  }
  std::stable_sort(events_.begin(), events_.end(), by_start);
}

void NuisanceYear::cut_quiet() {
  if (plan_.longest_quiet == Millis::max()) return;
  Millis busy_until{0}, cut{0};
  for (NuisanceEvent& event : events_) {
    event.start -= cut;
    const Millis quiet = event.start - busy_until;
    if (quiet > plan_.longest_quiet) {
      cut += quiet - plan_.longest_quiet;
      event.start -= quiet - plan_.longest_quiet;
    }
    busy_until = std::max(busy_until, event.end());
  }
  end_ = busy_until + plan_.longest_quiet;
}

// Twelve uniform numbers make a normal one that is the same on every machine; four do here.
double NuisanceYear::noise(double sigma) noexcept {
  constexpr double kScale = 1.7320508075688772;  // four uniform numbers in -0.5..0.5 have a variance of a third
  double sum = 0;
  for (int i = 0; i < 4; ++i) sum += random_.between(-0.5, 0.5);
  return sum * kScale * sigma;
}

bool NuisanceYear::next(NuisanceReport& report) {
  if (now_ >= end_) return false;
  for (; upcoming_ < events_.size() && events_[upcoming_].start <= now_; ++upcoming_) {
    active_.push_back(events_[upcoming_]);
  }
  std::erase_if(active_, [this](const NuisanceEvent& event) { return event.end() <= now_; });

  constexpr double kTurn = 6.283185307179586;
  report = {now_, 21 + 1.5 * std::sin(kTurn * ratio(now_ % kDay, kDay)), 0.004, 0, 45};
  for (const NuisanceEvent& event : active_) {
    const double part = height(event, now_, plan_.smooth);
    report.temperature_c += event.heat_c * part;
    report.smoke_od_m += event.smoke_od_m * part * puff(event, now_);
    report.co_ppm += event.co_ppm * part;
    report.humidity_pct += event.humidity_pct * part;
  }
  report.temperature_c = std::round((report.temperature_c + noise(0.05)) * 10) / 10;
  report.smoke_od_m = std::max(0.0, report.smoke_od_m + noise(0.002));
  report.co_ppm = std::max(0.0, report.co_ppm + noise(25));
  report.humidity_pct = std::clamp(report.humidity_pct + noise(0.3), 0.0, 100.0);
  now_ += plan_.interval;
  return true;
}

std::vector<Nuisance> NuisanceYear::going_on() const {
  std::vector<Nuisance> kinds;
  for (const NuisanceEvent& event : active_) kinds.push_back(event.kind);
  return kinds;
}

}  // namespace firegate::simulate
