#include "store/retention.h"

#include "store/tables/alarms.h"
#include "store/tables/notices.h"
#include "store/tables/readings.h"

namespace firegate::store {
namespace {

constexpr int kRowsAStep = 500;

Result<bool> drop_one_day(Transaction& transaction, const RetentionSettings& settings, Instant now) {
  const auto days = reading_days(transaction.database());
  if (!days) return tl::unexpected(days.error());
  for (const ReadingDay& day : *days) {
    const int keep = day.kind == ReadingKind::numbers ? settings.number_days : settings.record_days;
    if (day.day >= day_of(now - std::chrono::days{keep})) continue;
    if (auto dropped = drop_day(transaction.database(), day); !dropped) return tl::unexpected(dropped.error());
    return true;
  }
  return false;
}

Result<bool> remove_some_rows(Transaction& transaction, const RetentionSettings& settings, Instant now) {
  Database& database = transaction.database();
  const Instant limit = now - std::chrono::days{settings.record_days};
  for (const auto remove : {alarms::remove_ended_before, notices::remove_before}) {
    const auto removed = remove(database, limit, kRowsAStep);
    if (!removed) return tl::unexpected(removed.error());
    if (*removed > 0) return true;
  }
  return false;
}

}  // namespace

RetentionSettings RetentionSettings::parse(const ConfigNode* node, Problems& problems) {
  RetentionSettings settings;
  if (!node) return settings;
  MapReader reader(*node, problems);
  settings.record_days = static_cast<int>(reader.integer("records_days", kTwoYears, kTwoYears, 36'500));
  settings.number_days = static_cast<int>(reader.integer("numbers_days", settings.number_days, 1, 36'500));
  reader.finish();
  return settings;
}

Result<bool> retain_step(Database& database, const RetentionSettings& settings, Instant now) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  auto more = drop_one_day(*transaction, settings, now);
  if (more && !*more) more = remove_some_rows(*transaction, settings, now);
  if (!more) return more;
  if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
  return more;
}

Result<std::uint64_t> size_bytes(Database& database) {
  const auto pages = database.read_integer("PRAGMA page_count");
  const auto page = database.read_integer("PRAGMA page_size");
  if (!pages) return tl::unexpected(pages.error());
  if (!page) return tl::unexpected(page.error());
  return static_cast<std::uint64_t>(*pages) * static_cast<std::uint64_t>(*page);
}

}  // namespace firegate::store
