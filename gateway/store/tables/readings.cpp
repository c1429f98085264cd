#include "store/tables/readings.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace firegate::store {
namespace {

// Where a stored reading lies; day 0: nowhere, the chain ends.
struct Place {
  std::int64_t day = 0;
  std::int64_t row = 0;
};

std::string create_sql(const ReadingDay& day) {
  return fmt::format(
      "CREATE TABLE {} (row INTEGER PRIMARY KEY, series INTEGER NOT NULL, previous_day INTEGER NOT NULL, "
      "previous INTEGER NOT NULL, arrived_at INTEGER NOT NULL, lag INTEGER NOT NULL, value TEXT NOT NULL, quality "
      "TEXT)",
      day.table());
}

// Good readings, nearly all of them, store nothing here.
std::optional<std::string_view> quality_to_stored(Quality quality) {
  return quality == Quality::good ? std::nullopt : std::optional(label(quality));
}

struct Series {
  std::int64_t id = 0;  // 0: none yet
  Place head;           // of its newest stored reading
};

// Looked up and then updated by its number, rather than with an upsert that returns the row: that takes half as long
// again, because SQLite keeps returned rows in a table of their own.
Result<Series> find_series(Database& database, const std::string& device, const Current& current) {
  auto query = database.query("SELECT id, head_day, head FROM series WHERE device = ? AND port = ? AND point = ?");
  const auto found = query.bind(device, current.port, name(current.point)).next();
  if (!found) return tl::unexpected(found.error());
  if (!*found) return Series{};
  Series series;
  series.id = query.integer();
  series.head = {query.integer(), query.integer()};
  return series;
}

}  // namespace

ReadingKind reading_kind(Point point) noexcept {
  return info(point).type == ValueType::number ? ReadingKind::numbers : ReadingKind::states;
}

int day_of(Instant at) noexcept {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return static_cast<int>(date.year()) * 10000 +
         static_cast<int>(static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day()));
}

std::string ReadingDay::table() const { return fmt::format("{}_{}", label(kind), day); }

Result<std::vector<ReadingDay>> reading_days(Database& database) {
  std::vector<ReadingDay> days;
  auto query = database.query("SELECT id, kind, day FROM reading_days ORDER BY day, kind");
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return days;
    ReadingDay& day = days.emplace_back();
    day.id = query.integer();
    day.kind = enum_from_stored<ReadingKind>(query.text());
    day.day = static_cast<int>(query.integer());
  }
}

Result<void> drop_day(Database& database, const ReadingDay& day) {
  if (auto dropped = database.execute(fmt::format("DROP TABLE IF EXISTS {}", day.table())); !dropped) return dropped;
  return database.query("DELETE FROM reading_days WHERE id = ?").bind(day.id).run();
}

Result<ReadingLog::Open*> ReadingLog::table_for(Database& database, ReadingKind kind, int day) {
  if (const auto found = open_.find({kind, day}); found != open_.end()) return &found->second;

  ReadingDay table{0, kind, day};
  auto known = database.query("SELECT id FROM reading_days WHERE kind = ? AND day = ?");
  const auto row = known.bind(label(kind), day).next();
  if (!row) return tl::unexpected(row.error());
  if (*row) {
    table.id = known.integer();
  } else {
    if (auto created = database.execute(create_sql(table)); !created) return tl::unexpected(created.error());
    auto added = database.query("INSERT INTO reading_days (kind, day) VALUES (?, ?) RETURNING id");
    const auto id = added.bind(label(kind), day).next();
    if (!id) return tl::unexpected(id.error());
    table.id = added.integer();
  }
  const auto last = database.read_integer(fmt::format("SELECT max(row) FROM {}", table.table()));
  if (!last) return tl::unexpected(last.error());
  Open open{table.id, *last + 1,
            fmt::format("INSERT INTO {} (row, series, previous_day, previous, arrived_at, lag, value, quality) "
                        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        table.table())};
  return &open_.insert_or_assign({kind, day}, std::move(open)).first->second;
}

Result<void> ReadingLog::append(Database& database, const ReadingRow& row) {
  const Current& current = row.current;
  auto table = table_for(database, reading_kind(current.point), day_of(current.updated_at));
  if (!table) return tl::unexpected(table.error());
  Open& open = **table;
  const std::string value = to_stored(current.value);
  const std::int64_t number = open.next_row++;

  const auto known = find_series(database, row.device, current);
  if (!known) return tl::unexpected(known.error());
  std::int64_t series = known->id;
  if (series == 0) {
    auto added = database.query(
        "INSERT INTO series (device, port, point, value, quality, changed_at, updated_at, measured_at, head_day, head, "
        "previous_day, previous) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0) RETURNING id");
    added.bind(row.device, current.port, name(current.point), value, label(current.quality), current.changed_at,
               current.updated_at, current.measured_at, open.id, number);
    const auto id = added.next();
    if (!id) return tl::unexpected(id.error());
    series = added.integer();
  } else {
    const auto updated =
        database
            .query(
                "UPDATE series SET value = ?, quality = ?, changed_at = ?, updated_at = ?, measured_at = ?, "
                "previous_day = head_day, previous = head, head_day = ?, head = ? WHERE id = ?")
            .bind(value, label(current.quality), current.changed_at, current.updated_at, current.measured_at, open.id,
                  number, series)
            .run();
    if (!updated) return updated;
  }
  const std::int64_t lag = (current.updated_at - current.measured_at).count();
  return database.query(open.insert)
      .bind(number, series, known->head.day, known->head.row, current.updated_at, lag, value,
            quality_to_stored(current.quality))
      .run();
}

Result<std::vector<ReadingRow>> load_current_values(Database& database) {
  std::vector<ReadingRow> rows;
  auto query = database.query(
      "SELECT device, port, point, value, quality, changed_at, updated_at, measured_at FROM series ORDER BY device, "
      "port");
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return rows;
    ReadingRow row;
    row.device = query.text();
    row.current.port = static_cast<Port>(query.integer());
    const auto point = point_from_name(query.text());
    if (!point) continue;  // a point that this version does not have
    row.current.point = *point;
    row.current.value = value_from_stored(query.text());
    row.current.quality = enum_from_stored<Quality>(query.text());
    row.current.changed_at = query.instant();
    row.current.updated_at = query.instant();
    row.current.measured_at = query.instant();
    rows.push_back(std::move(row));
  }
}

Result<std::vector<SeriesPoint>> load_series(Database& database, std::string_view device, Point point, Port port,
                                             Instant from, Instant to) {
  std::map<std::int64_t, std::string> select_from;  // by id of the day
  const auto days = reading_days(database);
  if (!days) return tl::unexpected(days.error());
  for (const ReadingDay& day : *days) {
    select_from[day.id] = fmt::format(
        "SELECT previous_day, previous, arrived_at, lag, value, quality FROM {} WHERE row = ?", day.table());
  }

  Place at;
  {
    auto head = database.query("SELECT head_day, head FROM series WHERE device = ? AND port = ? AND point = ?");
    const auto found = head.bind(device, port, name(point)).next();
    if (!found) return tl::unexpected(found.error());
    if (*found) at = {head.integer(), head.integer()};
  }

  // A reading measured at `from` or later arrived at `from` or later: the walk ends with the first that arrived before.
  std::vector<SeriesPoint> points;
  while (points.size() < kMaxSeries) {
    const auto sql = select_from.find(at.day);
    if (sql == select_from.end()) break;
    auto query = database.query(sql->second);
    const auto found = query.bind(at.row).next();
    if (!found) return tl::unexpected(found.error());
    if (!*found) break;
    at = {query.integer(), query.integer()};
    const Instant arrived = query.instant();
    const Instant measured = arrived - Millis{query.integer()};
    if (arrived < from) break;
    if (measured < from || measured > to) continue;
    SeriesPoint& one = points.emplace_back();
    one.at = measured;
    one.value = value_from_stored(query.text());
    one.quality = query.is_null() ? Quality::good : enum_from_stored<Quality>(query.text());
  }
  std::reverse(points.begin(), points.end());
  std::stable_sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  return points;
}

namespace {

// The readings of one day and kind, a page of rows at a time.
class DayReader {
 public:
  DayReader(Database& database, const ReadingDay& day)
      : database_(database),
        sql_(fmt::format("SELECT r.row, s.device, s.port, s.point, r.arrived_at, r.lag, r.value, r.quality FROM {} r "
                         "JOIN series s ON s.id = r.series WHERE r.row > ? ORDER BY r.row LIMIT {}",
                         day.table(), kReadingPage)) {}

  // The next reading, null at the end of the day; valid until the next call of `pass`.
  Result<const ReadingRow*> peek() {
    while (at_ == page_.size() && !ended_) {
      if (auto read = read_page(); !read) return tl::unexpected(read.error());
    }
    return at_ < page_.size() ? &page_[at_] : nullptr;
  }
  void pass() noexcept { ++at_; }

 private:
  Result<void> read_page() {
    page_.clear();
    at_ = 0;
    auto query = database_.query(sql_);
    query.bind(last_row_);
    for (std::int64_t rows = 0;; ++rows) {
      const auto next = query.next();
      if (!next) return tl::unexpected(next.error());
      if (!*next) {
        ended_ = rows < kReadingPage;
        return {};
      }
      take(query);
    }
  }
  void take(Query& query) {
    last_row_ = query.integer();
    ReadingRow row;
    row.device = query.text();
    row.current.port = static_cast<Port>(query.integer());
    const auto point = point_from_name(query.text());
    if (!point) return;  // a point that this version does not have
    row.current.point = *point;
    row.current.changed_at = row.current.updated_at = query.instant();
    row.current.measured_at = row.current.updated_at - Millis{query.integer()};
    row.current.value = value_from_stored(query.text());
    row.current.quality = query.is_null() ? Quality::good : enum_from_stored<Quality>(query.text());
    page_.push_back(std::move(row));
  }

  Database& database_;
  std::string sql_;
  std::int64_t last_row_ = 0;
  std::vector<ReadingRow> page_;
  std::size_t at_ = 0;
  bool ended_ = false;
};

// Numbers and states of a day, merged by arrival. False: `take` has ended it, or nothing more is to come.
constexpr Millis kOutOfOrder{
    60'000};  // batches of buildings are appended as they are committed; far more than measured
Result<bool> each_reading_of(std::vector<DayReader>& kinds, Instant from, Instant to,
                             const std::function<bool(const ReadingRow&)>& take) {
  for (;;) {
    DayReader* first = nullptr;
    const ReadingRow* row = nullptr;
    for (DayReader& kind : kinds) {
      const auto next = kind.peek();
      if (!next) return tl::unexpected(next.error());
      if (*next && (!row || (*next)->current.updated_at < row->current.updated_at)) {
        first = &kind;
        row = *next;
      }
    }
    if (!row) return true;
    const Instant arrived = row->current.updated_at;
    if (arrived >= to + kOutOfOrder) return false;
    if (arrived >= from && arrived < to && !take(*row)) return false;
    first->pass();
  }
}

}  // namespace

Result<void> each_reading(Database& database, Instant from, Instant to,
                          const std::function<bool(const ReadingRow&)>& take) {
  const auto days = reading_days(database);
  if (!days) return tl::unexpected(days.error());
  std::map<int, std::vector<DayReader>> by_day;
  for (const ReadingDay& day : *days) {
    if (day.day >= day_of(from) && day.day <= day_of(to)) by_day[day.day].emplace_back(database, day);
  }
  for (auto& [day, kinds] : by_day) {
    const auto goes_on = each_reading_of(kinds, from, to, take);
    if (!goes_on) return tl::unexpected(goes_on.error());
    if (!*goes_on) return {};
  }
  return {};
}

}  // namespace firegate::store
