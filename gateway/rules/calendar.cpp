#include "rules/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace firegate::rules {
namespace {

using std::chrono::minutes;

// "2026-01-01"
std::optional<Calendar::Day> day_from_text(std::string_view text) noexcept {
  int year = 0;
  unsigned month = 0, day = 0;
  const auto number = [text](std::size_t from, std::size_t length, auto& into) {
    const char* begin = text.data() + from;
    return std::from_chars(begin, begin + length, into).ptr == begin + length;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (!number(0, 4, year) || !number(5, 2, month) || !number(8, 2, day)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  return date.ok() ? std::optional(Calendar::Day{date}) : std::nullopt;
}

std::set<Calendar::Day> parse_days(MapReader& reader, std::string_view key, Problems& problems) {
  std::set<Calendar::Day> days;
  const ConfigNode* list = reader.list(key);
  if (!list) return days;
  for (const ConfigNodePtr& item : list->items) {
    if (const auto day = day_from_text(item->scalar)) {
      days.insert(*day);
    } else {
      problems.add(ProblemCode::E106_wrong_type, item->at, item->path,
                   fmt::format("found \"{}\", expected a date such as 2026-10-01", item->scalar));
    }
  }
  return days;
}

// Monday is 0.
unsigned weekday_of(Calendar::Day day) noexcept { return std::chrono::weekday{day}.iso_encoding() - 1; }

// The local day of `now`, and how far into it.
struct Local {
  explicit Local(Instant now)
      : day(std::chrono::floor<std::chrono::days>(now + kLocalOffset)), into(now + kLocalOffset - day) {}
  Calendar::Day day;
  Millis into;
};

}  // namespace

bool Calendar::is_working(Day day) const {
  if (working_days_.contains(day)) return true;
  return weekday_of(day) < 5 && !is_holiday(day);
}

CalendarPtr parse_calendar(const ConfigNode& file, Problems& problems) {
  MapReader reader(file, problems);
  auto holidays = parse_days(reader, "holidays", problems);
  auto working = parse_days(reader, "working_days", problems);
  for (const Calendar::Day day : holidays) {
    if (!working.contains(day)) continue;
    reader.wrong("working_days", ProblemCode::E113_contradiction,
                 fmt::format("found {:04}-{:02}-{:02}, which is a holiday as well",
                             static_cast<int>(std::chrono::year_month_day{day}.year()),
                             static_cast<unsigned>(std::chrono::year_month_day{day}.month()),
                             static_cast<unsigned>(std::chrono::year_month_day{day}.day())));
  }
  reader.finish();
  return std::make_shared<const Calendar>(std::move(holidays), std::move(working));
}

bool Schedule::counts(Calendar::Day day) const {
  const bool holiday = calendar && calendar->is_holiday(day);
  if (holidays == Holidays::left_out && holiday) return false;
  if (holidays == Holidays::only && !holiday) return false;
  if (days == Days::listed) return weekdays & (1u << weekday_of(day));
  const bool working = calendar ? calendar->is_working(day) : weekday_of(day) < 5;
  return working == (days == Days::working);
}

bool Schedule::holds(Instant now) const {
  const Local local(now);
  if (from < to) return local.into >= from && local.into < to && counts(local.day);
  if (local.into >= from) return counts(local.day);
  return local.into < to && counts(local.day - std::chrono::days{1});
}

Instant Schedule::next_change(Instant now) const {
  const Local local(now);
  Instant next = kNever;
  for (const Millis edge : {Millis{from}, Millis{to}, Millis{std::chrono::days{1}}}) {
    const Millis ahead = edge - local.into;
    if (ahead > Millis{0}) next = std::min(next, now + ahead);
  }
  return next;
}

}  // namespace firegate::rules
