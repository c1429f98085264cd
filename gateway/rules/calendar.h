// Calendar and Schedule: the hours and days in which a condition counts, by the clock of the place: Asia/Shanghai,
// UTC+8 all year (no summer time since 1991). The calendar names the holidays and the weekends on which people work
// instead; it comes from config/calendar.yaml. A year that it does not name has Monday to Friday as working days.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <set>

#include "core/clock.h"
#include "core/config_node.h"

namespace firegate::rules {

constexpr Millis kLocalOffset = std::chrono::hours{8};  // Asia/Shanghai

class Calendar {
 public:
  using Day = std::chrono::sys_days;  // a local date

  Calendar() = default;
  Calendar(std::set<Day> holidays, std::set<Day> working_days)
      : holidays_(std::move(holidays)), working_days_(std::move(working_days)) {}

  bool is_holiday(Day day) const { return holidays_.contains(day); }
  // Monday to Friday but for holidays, and the weekends on which people work instead.
  bool is_working(Day day) const;

 private:
  std::set<Day> holidays_, working_days_;
};
using CalendarPtr = std::shared_ptr<const Calendar>;

// Reads calendar.yaml: {holidays: [2026-01-01, ...], working_days: [2026-01-04, ...]}. Both lists may be missing.
CalendarPtr parse_calendar(const ConfigNode& file, Problems& problems);

// The days and hours of a `during`.
struct Schedule {
  enum class Days : std::uint8_t { listed, working, free };
  enum class Holidays : std::uint8_t { as_usual, left_out, only };

  Days days = Days::listed;
  std::uint8_t weekdays = 0x7f;  // of `listed`: bit 0 = Monday
  Holidays holidays = Holidays::as_usual;
  std::chrono::minutes from{0}, to{24 * 60};  // of the local day; `to` before or at `from`: until the next day
  CalendarPtr calendar;                       // null: an empty one

  // Whether `now` lies within. Hours over midnight belong to the day on which they began.
  bool holds(Instant now) const;
  // The next time at which `holds` may change; always after `now`, at most a day away.
  Instant next_change(Instant now) const;

 private:
  bool counts(Calendar::Day day) const;
};

}  // namespace firegate::rules

namespace firegate {
template <>
struct Labels<rules::Schedule::Holidays> {
  static constexpr std::array<std::string_view, 3> list{"as_usual", "left_out", "only"};
};
}  // namespace firegate
