#include "rules/detection/fire_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace firegate::rules::detection {
namespace {

// Time constants of the baselines, and how much a step up teaches them at most: a fire must not teach its own baseline.
constexpr double kHeatBase_s = 600, kHeatClip_c = 1.0;
constexpr double kSmokeBase_s = 1800, kSmokeOld_s = 300, kSmokeClip_od_m = 0.01;
constexpr double kCoBase_s = 3600, kCoMean_s = 30;
constexpr double kNoClip = std::numeric_limits<double>::infinity();
constexpr std::uint32_t kForget_ms = 1'800'000;  // after a longer silence a quantity starts anew

constexpr std::uint32_t kLeastSpacing_ms = 2'500;  // of remembered temperatures
constexpr std::uint32_t kWindow_ms = 35'000;       // rises are looked for in it, and to the report before
constexpr std::uint32_t kFastWindow_ms = 62'000;
constexpr std::uint32_t kFresh_ms = 90'000;       // an older value of another quantity says nothing
constexpr std::uint32_t kFastReports_ms = 5'000;  // then smoke is the median of three
constexpr std::uint32_t kStill_ms = 120'000;      // a jump after that is a slow sensor's step ...
constexpr double kStillScale_ms = 60'000;         // ... and counts by this over the standstill
constexpr double kFalling_c = 0.05;
constexpr double kOfTheRise = 0.6;  // must stand above the baseline

constexpr int kDampRise_half_pct = 6;    // within the minutes of humidity: smoke counts nothing
constexpr int kSteamRise_half_pct = 16;  // and heat counts half
constexpr std::uint32_t kHumiditySlot_ms = 60'000;
constexpr std::uint32_t kDampLasts_ms = 1'200'000;
constexpr std::uint32_t kSteamLasts_ms = 600'000;

constexpr double kDense_od_m = 0.15;
constexpr double kDenseOrSteam_od_m = 0.3;  // of a device that knows no humidity: more than a shower gives
constexpr float kOfThePeak = 0.9f;          // below it dense smoke falls
constexpr std::uint32_t kDenseFor_ms = 60'000;
constexpr double kFastRise_c = 6.0;
constexpr double kStatic_c = 54.0;  // EN 54-5, class A2: least static response temperature

constexpr std::uint32_t kCalmFor_ms = 180'000;
constexpr double kCalmSmoke_od_m = 0.05;
constexpr double kCalmRise_c = 1.0;

constexpr std::uint8_t kFast = 1, kHot = 2;  // State::extremes_

double share(double value, double floor, double span, double most) noexcept {
  return std::clamp((value - floor) / span * most, 0.0, most);
}

// One step of a baseline after `elapsed`.
float follow(float base, double value, std::uint32_t elapsed_ms, double constant_s, double clip) noexcept {
  const double step = std::min(value - static_cast<double>(base), clip);
  const double elapsed_s = elapsed_ms / 1000.0;
  return base + static_cast<float>(step * elapsed_s / (constant_s + elapsed_s));
}

double limit_of_rise(const Settings& settings, std::uint32_t age_ms) noexcept {
  const double s = age_ms / 1000.0;
  if (s <= 10) return settings.rise_10s_c;
  if (s <= 30) return settings.rise_10s_c + (settings.rise_30s_c - settings.rise_10s_c) * (s - 10) / 20;
  if (s <= 60) return settings.rise_30s_c + (settings.rise_60s_c - settings.rise_30s_c) * (s - 30) / 30;
  return settings.rise_60s_c * s / 60;
}

std::uint32_t saturated_sum(std::uint32_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t kMost = UINT32_MAX - 1;  // the greatest number says "unset"
  return static_cast<std::uint32_t>(std::min(a + std::min(b, kMost), kMost));
}

std::optional<double> in_range(Point point, std::optional<double> value) noexcept {
  if (!value || !std::isfinite(*value)) return std::nullopt;
  const PointInfo& about = info(point);
  return *value < about.low || *value > about.high ? std::nullopt : value;
}

}  // namespace

double od_from_db_m(double db_per_m) noexcept { return db_per_m / 10.0; }

std::optional<double> od_from_pct_m(double pct_per_m) noexcept {
  if (!(pct_per_m >= 0.0 && pct_per_m < 100.0)) return std::nullopt;
  return -std::log10(1.0 - pct_per_m / 100.0);
}

bool put(Sample& sample, Point point, double value) noexcept {
  switch (point) {
    case Point::temperature_c: sample.temperature_c = value; return true;
    case Point::smoke_od_m: sample.smoke_od_m = value; return true;
    case Point::smoke_obscuration_db_m: sample.smoke_od_m = od_from_db_m(value); return true;
    case Point::smoke_pct: sample.smoke_od_m = od_from_pct_m(value); return sample.smoke_od_m.has_value();
    case Point::co_ppm: sample.co_ppm = value; return true;
    case Point::humidity_pct: sample.humidity_pct = value; return true;
    default: return false;
  }
}

Settings Settings::kitchen() noexcept {
  Settings settings;
  settings.rise_10s_c = 2.5;
  settings.rise_30s_c = 3.6;
  settings.rise_60s_c = 5.5;
  settings.smoke_floor_od_m = 0.02;
  settings.smoke_span_od_m = 0.05;
  settings.lasting = Millis{20'000};
  return settings;
}

// Takes one report into one state.
class Judge {
 public:
  Judge(const Settings& settings, State& state) noexcept : settings_(settings), s_(state) {}

  Decision run(const Sample& sample) noexcept {
    const auto temperature = in_range(Point::temperature_c, sample.temperature_c);
    const auto smoke = in_range(Point::smoke_od_m, sample.smoke_od_m);
    const auto co = in_range(Point::co_ppm, sample.co_ppm);
    const auto humidity = in_range(Point::humidity_pct, sample.humidity_pct);
    const bool says_nothing = !temperature && !smoke && !co && !humidity;
    if (says_nothing || sample.at < s_.at_) return decision();
    go_on_to(sample.at);
    if (humidity) take_humidity(*humidity);
    if (co) take_co(*co);
    if (smoke) take_smoke(*smoke);
    if (temperature) take_temperature(*temperature);
    weigh_shares();
    if (temperature) judge_pattern();
    judge_backstops();
    calm_down();
    return decision();
  }

 private:
  using Since = State::Since;

  std::uint32_t since(Since what) const noexcept { return s_.since(what); }
  bool within(Since what, std::uint32_t ms) const noexcept { return since(what) <= ms; }
  void begin(Since what) noexcept { s_.since_ms_[static_cast<std::size_t>(what)] = 0; }
  void begin_once(Since what) noexcept {
    if (since(what) == State::kUnset) begin(what);
  }
  void end(Since what) noexcept { s_.since_ms_[static_cast<std::size_t>(what)] = State::kUnset; }

  void go_on_to(Instant at) noexcept {
    if (s_.at_ != Instant::min()) {
      const auto gap = static_cast<std::uint64_t>((at - s_.at_).count());
      for (std::uint32_t& ms : s_.since_ms_) {
        if (ms != State::kUnset) ms = saturated_sum(ms, gap);
      }
    }
    s_.at_ = at;
    if (!within(Since::suspects, static_cast<std::uint32_t>(settings_.suspects_for.count()))) end(Since::suspects);
  }

  void take_humidity(double pct) noexcept {
    const auto half = static_cast<std::uint8_t>(std::lround(pct * 2));
    if (!within(Since::humidity, kForget_ms)) {
      s_.humidity_.fill(255);
      begin(Since::humidity);
    }
    while (since(Since::humidity) >= kHumiditySlot_ms) {
      std::shift_right(s_.humidity_.begin(), s_.humidity_.end(), 1);
      s_.humidity_[0] = 255;
      s_.since_ms_[static_cast<std::size_t>(Since::humidity)] -= kHumiditySlot_ms;
    }
    s_.humidity_[0] = std::min(s_.humidity_[0], half);
    const int rise = half - *std::min_element(s_.humidity_.begin(), s_.humidity_.end());
    if (rise >= kDampRise_half_pct) begin(Since::damp);
    if (rise >= kSteamRise_half_pct) begin(Since::steam);
  }
  bool damp() const noexcept { return within(Since::damp, kDampLasts_ms); }
  bool steam() const noexcept { return within(Since::steam, kSteamLasts_ms); }

  void take_co(double ppm) noexcept {
    if (!within(Since::co, kForget_ms)) {
      s_.co_base_ = s_.co_mean_ = static_cast<float>(ppm);
    } else {
      s_.co_base_ = follow(s_.co_base_, static_cast<double>(s_.co_mean_), since(Since::co), kCoBase_s, kNoClip);
      s_.co_mean_ = follow(s_.co_mean_, ppm, since(Since::co), kCoMean_s, kNoClip);
    }
    begin(Since::co);
  }

  void take_smoke(double od) noexcept {
    const auto value = static_cast<float>(od);
    if (!within(Since::smoke, kForget_ms)) {
      s_.smoke_base_ = s_.smoke_old_ = s_.smoke_ = value;
      s_.smoke_before_ = {value, value};
    }
    const std::uint32_t gap = since(Since::smoke) == State::kUnset ? 0 : since(Since::smoke);
    const float used = gap <= kFastReports_ms ? median_with_before(value) : value;
    smoke_step_ = static_cast<double>(used) - static_cast<double>(s_.smoke_);
    note_dense(used - s_.smoke_base_);
    s_.smoke_base_ = follow(s_.smoke_base_, static_cast<double>(used), gap, kSmokeBase_s, kSmokeClip_od_m);
    s_.smoke_old_ = follow(s_.smoke_old_, static_cast<double>(used), gap, kSmokeOld_s, kSmokeClip_od_m);
    s_.smoke_before_ = {value, s_.smoke_before_[0]};
    s_.smoke_ = used;
    begin(Since::smoke);
  }

  float median_with_before(float value) const noexcept {
    const auto [low, high] = std::minmax(s_.smoke_before_[0], s_.smoke_before_[1]);
    return std::clamp(value, low, high);
  }

  void note_dense(float above_base) noexcept {
    const double dense = within(Since::humidity, kForget_ms) ? kDense_od_m : kDenseOrSteam_od_m;
    if (above_base < static_cast<float>(dense) || damp()) {
      end(Since::dense);
      s_.dense_peak_ = 0;
    } else {
      begin_once(Since::dense);
      s_.dense_peak_ = std::max(s_.dense_peak_, above_base);
    }
    dense_falls_ = above_base < kOfThePeak * s_.dense_peak_;
  }

  double celsius(std::size_t i) const noexcept { return s_.centi_[i] / 100.0; }

  void take_temperature(double value) noexcept {
    const auto centi = static_cast<std::int16_t>(std::lround(std::clamp(value, -300.0, 320.0) * 100));
    const double t = centi / 100.0;
    if (!within(Since::heat, kForget_ms)) {
      s_.points_ = 0;
      s_.older_ms_.fill(0);
      s_.centi_.fill(0);
      s_.heat_base_ = static_cast<float>(t);
      s_.held_ms_ = 0;
      s_.extremes_ = t >= kStatic_c ? kHot : 0;
      begin(Since::still);
    } else {
      note_standstill(t);
      measure_rise(t);
      s_.heat_base_ = follow(s_.heat_base_, t, since(Since::heat), kHeatBase_s, kHeatClip_c);
    }
    remember(centi);
  }

  // A value that stood long and jumps comes from a sensor slower than its reports; once it moves on, it is quick.
  void note_standstill(double t) noexcept {
    if (t == celsius(0)) return;
    s_.held_ms_ = since(Since::still) >= kStill_ms ? since(Since::still) : 0;
    begin(Since::still);
  }

  void measure_rise(double t) noexcept {
    above_base_ = t - static_cast<double>(s_.heat_base_);
    jump_ = t - celsius(0);
    rising_before_ = rising_before();
    const double fastest = weigh_rises(t);
    if (s_.held_ms_ > 0) heat_ *= kStillScale_ms / s_.held_ms_;
    if (steam()) heat_ /= 2;
    const auto extremes = static_cast<std::uint8_t>((fastest >= kFastRise_c ? kFast : 0) | (t >= kStatic_c ? kHot : 0));
    twice_ = extremes & s_.extremes_;
    s_.extremes_ = extremes;
  }

  // The rise to `t` that is greatest against its limit, to heat_ and rise_; the greatest within a minute is returned.
  // A rise is measured from the higher of two neighbours, so that one low report makes none.
  double weigh_rises(double t) noexcept {
    double fastest = 0;
    std::uint32_t age = since(Since::heat);
    for (std::size_t i = 0; i < s_.points_; ++i) {
      const bool oldest = i + 1u == s_.points_;
      if (i > 0 && oldest) break;  // no neighbour vouches for it
      age = saturated_sum(age, s_.older_ms_[i]);
      const double rise = t - (oldest ? celsius(i) : std::max(celsius(i), celsius(i + 1)));
      if (age <= kFastWindow_ms) fastest = std::max(fastest, rise);
      if (i > 0 && age > kWindow_ms) continue;
      const double ratio = rise / limit_of_rise(settings_, age);
      if (ratio <= heat_) continue;
      heat_ = ratio;
      rise_ = rise;
    }
    return fastest;
  }

  // Was the report before already higher than one at least a few seconds older?
  bool rising_before() const noexcept {
    std::uint32_t age = 0;
    for (std::size_t i = 1; i < s_.points_; ++i) {
      age = saturated_sum(age, s_.older_ms_[i]);
      if (age > kFresh_ms) return false;
      if (age >= kFastReports_ms || i + 1u == s_.points_) return celsius(0) - celsius(i) >= settings_.witness_rise_c;
    }
    return false;
  }

  void remember(std::int16_t centi) noexcept {
    const std::uint32_t gap = s_.points_ > 0 ? since(Since::heat) : 0;
    begin(Since::heat);
    if (s_.points_ > 1 && s_.older_ms_[1] < kLeastSpacing_ms) {
      s_.older_ms_[1] = saturated_sum(s_.older_ms_[1], gap);  // the newest gives way: too close to the one before
    } else {
      std::shift_right(s_.older_ms_.begin(), s_.older_ms_.end(), 1);
      std::shift_right(s_.centi_.begin(), s_.centi_.end(), 1);
      s_.older_ms_[0] = 0;
      s_.older_ms_[1] = gap;
      s_.points_ = static_cast<std::uint8_t>(std::min<std::size_t>(s_.points_ + 1u, State::kPoints));
    }
    s_.centi_[0] = centi;
  }

  void weigh_shares() noexcept {
    shares_.heat = heat_;
    if (within(Since::smoke, kFresh_ms) && !damp()) {
      shares_.smoke = share(static_cast<double>(s_.smoke_) - static_cast<double>(s_.smoke_old_),
                            settings_.smoke_floor_od_m, settings_.smoke_span_od_m, settings_.smoke_most);
    }
    if (within(Since::co, kFresh_ms)) {
      shares_.co = share(static_cast<double>(s_.co_mean_) - static_cast<double>(s_.co_base_), settings_.co_floor_ppm,
                         settings_.co_span_ppm, settings_.co_most);
    }
  }

  // With the heat limits at `scale`: does heat, with smoke and CO, reach the limit, and still rise from a base below?
  bool reached(double scale) const noexcept {
    const double heat = heat_ / scale;
    return heat >= settings_.heat_least && heat + shares_.smoke + shares_.co >= 1.0 && jump_ >= -kFalling_c &&
           above_base_ >= kOfTheRise * rise_;
  }

  void judge_pattern() noexcept {
    if (reached(settings_.suspects_scale)) begin(Since::suspects);
    if (reached(settings_.pre_alarm_scale)) raise(Level::pre_alarm, Because::pattern);
    if (!reached(1.0)) {
      end(Since::suspicion);
      return;
    }
    const bool again = since(Since::suspicion) != State::kUnset;
    begin_once(Since::suspicion);
    const bool lasted = since(Since::suspicion) >= static_cast<std::uint64_t>(settings_.lasting.count());
    if (lasted && (again || witnessed())) raise(Level::alarm, Because::pattern);
  }

  // More than one report or one sensor speaks for the rise: a wrong report is gross and alone.
  bool witnessed() const noexcept {
    return rising_before_ || jump_ < settings_.plausible_jump_c || smoke_step_ >= settings_.smoke_floor_od_m;
  }

  void judge_backstops() noexcept {
    if (twice_ & kFast) raise(Level::alarm, Because::fast_heat);
    if (twice_ & kHot) raise(Level::alarm, Because::static_heat);
    const bool dense = since(Since::dense) != State::kUnset && since(Since::dense) >= kDenseFor_ms;
    if (dense && !dense_falls_) raise(Level::alarm, Because::dense_smoke);
  }

  void raise(Level level, Because because) noexcept {
    speaks_ = true;
    if (s_.level_ >= level) return;
    s_.level_ = level;
    s_.because_ = because;
    s_.raised_rise_ = static_cast<float>(std::max(above_base_, 0.0));
  }

  // The level goes when for a while nothing raised it, the smoke has gone and half of the rise has.
  void calm_down() noexcept {
    if (s_.level_ == Level::none) return;
    const double above = s_.points_ > 0 ? celsius(0) - static_cast<double>(s_.heat_base_) : 0.0;
    const bool hot = above >= std::max(static_cast<double>(s_.raised_rise_) / 2, kCalmRise_c) || (s_.extremes_ & kHot);
    const bool smoky = within(Since::smoke, kFresh_ms) &&
                       static_cast<double>(s_.smoke_) - static_cast<double>(s_.smoke_base_) >= kCalmSmoke_od_m;
    if (speaks_ || hot || smoky) {
      end(Since::calm);
      return;
    }
    begin_once(Since::calm);
    if (since(Since::calm) < kCalmFor_ms) return;
    s_.level_ = Level::none;
    s_.because_ = Because::nothing;
    end(Since::calm);
  }

  Decision decision() const noexcept { return {s_.level_, s_.suspects(), s_.because_, shares_, steam()}; }

  const Settings& settings_;
  State& s_;
  // Of this report.
  Shares shares_;
  double heat_ = 0, rise_ = 0, above_base_ = 0, jump_ = 0, smoke_step_ = 0;
  bool rising_before_ = false, dense_falls_ = true, speaks_ = false;
  std::uint8_t twice_ = 0;
};

Decision judge(const Settings& settings, State& state, const Sample& sample) noexcept {
  return Judge(settings, state).run(sample);
}

HouseLevel judge_house(std::span<const Member> members) noexcept {
  const auto in_alarm = [](const Member& member) { return member.level == Level::alarm; };
  const auto suspects = [](const Member& member) { return member.suspects; };
  if (std::any_of(members.begin(), members.end(), in_alarm)) return HouseLevel::alarm;
  return std::count_if(members.begin(), members.end(), suspects) >= 2 ? HouseLevel::two_suspect : HouseLevel::none;
}

std::string to_text(const Shares& shares) {
  struct Named {
    std::string_view name;
    long pct;
  };
  const auto pct = [](double part) { return std::lround(part * 100); };
  std::array<Named, 3> list{{{"heat", pct(shares.heat)}, {"smoke", pct(shares.smoke)}, {"CO", pct(shares.co)}}};
  std::stable_sort(list.begin(), list.end(), [](const Named& a, const Named& b) { return a.pct > b.pct; });
  std::string text;
  for (const Named& named : list) {
    if (named.pct > 0) text += fmt::format("{}{} {} %", text.empty() ? "" : ", ", named.name, named.pct);
  }
  return text;
}

}  // namespace firegate::rules::detection
