// Readings: history and current values. Built so that storing is an append, a device's history is found without an
// index, and a day goes at once.
// - `series` has a row for each (device, port, point): its current value and where its newest stored reading lies.
// - A stored reading lies in the table of the day of its arrival, `numbers_YYYYMMDD` or `states_YYYYMMDD` (everything
// that
//   is not a number), and names the reading of its series before it, so a series is a chain that runs from the newest
//   reading back over the days. Appending touches the last page of a table; an index (device, time) would touch a page
//   for each row and costs ten times the row (performance, section 3).
// - Retention drops a day's table; chains simply end there.
// A file a day would be cheaper to drop still, but SQLite does not commit atomically over several files in WAL mode.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/archive.h"
#include "core/batch.h"
#include "store/database.h"

namespace firegate::store {

enum class ReadingKind : std::uint8_t { numbers, states };

}  // namespace firegate::store
template <>
struct firegate::Labels<firegate::store::ReadingKind> {
  static constexpr std::array<std::string_view, 2> list{"numbers", "states"};
};
namespace firegate::store {

ReadingKind reading_kind(Point point) noexcept;
int day_of(Instant at) noexcept;  // YYYYMMDD, UTC

struct ReadingDay {
  std::int64_t id = 0;
  ReadingKind kind{};
  int day = 0;

  std::string table() const;  // made of a word of ours and a number: safe in SQL
};
Result<std::vector<ReadingDay>> reading_days(Database& database);
Result<void> drop_day(Database& database, const ReadingDay& day);

// Appends readings. Owned by the writer; remembers the tables it has met, so `forget` it after a transaction that did
// not commit or a day that was dropped.
class ReadingLog {
 public:
  Result<void> append(Database& database, const ReadingRow& row);
  void forget() noexcept { open_.clear(); }

 private:
  struct Open {
    std::int64_t id = 0;
    std::int64_t next_row = 1;
    std::string insert;  // SQL
  };
  Result<Open*> table_for(Database& database, ReadingKind kind, int day);

  std::map<std::pair<ReadingKind, int>, Open> open_;
};

Result<std::vector<ReadingRow>> load_current_values(Database& database);
// Measured within [from, to], by time of measurement. At most kMaxSeries, the newest.
constexpr std::size_t kMaxSeries = 100'000;
Result<std::vector<SeriesPoint>> load_series(Database& database, std::string_view device, Point point, Port port,
                                             Instant from, Instant to);

// Readings that arrived within [from, to), as they were appended; `take` returns false to end. Read in pages, so that
// no long read keeps the write-ahead log from being emptied.
constexpr std::int64_t kReadingPage = 10'000;  // rows; our choice
Result<void> each_reading(Database& database, Instant from, Instant to,
                          const std::function<bool(const ReadingRow&)>& take);

}  // namespace firegate::store
