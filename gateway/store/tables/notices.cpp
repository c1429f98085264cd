#include "store/tables/notices.h"

#include <fmt/format.h>

#include "store/tables/alarms.h"

namespace firegate::store::notices {
namespace {

const std::string& columns_of_notice() {
  static const std::string columns = [] {
    std::string list = "n.notice, n.notice_at, n.count";
    std::string_view rest = alarms::kColumns;
    while (!rest.empty()) {
      const auto end = std::min(rest.find(", "), rest.size());
      list.append(", n.").append(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 2, rest.size()));
    }
    return list;
  }();
  return columns;
}

Notice read_notice(Query& query) {
  Notice notice;
  notice.kind = enum_from_stored<NoticeKind>(query.text());
  notice.at = query.instant();
  notice.count = static_cast<std::uint32_t>(query.integer());
  notice.alarm = alarms::read(query);
  return notice;
}

Result<void> load_unrouted(Database& database, std::vector<Notice>& into) {
  static const std::string sql =
      fmt::format("SELECT {} FROM notices n WHERE n.routed = 0 ORDER BY n.seq", columns_of_notice());
  auto query = database.query(sql);
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    into.push_back(read_notice(query));
  }
}

Result<void> load_waiting(Database& database, std::vector<WaitingDelivery>& into) {
  static const std::string sql = fmt::format(
      "SELECT {}, d.channel, d.attempts FROM deliveries d JOIN notices n ON n.key = d.key "
      "WHERE d.state = 'waiting' ORDER BY n.seq, d.channel",
      columns_of_notice());
  auto query = database.query(sql);
  for (;;) {
    const auto row = query.next();
    if (!row) return tl::unexpected(row.error());
    if (!*row) return {};
    WaitingDelivery& waiting = into.emplace_back();
    waiting.notice = read_notice(query);
    waiting.channel = query.text();
    waiting.attempts = static_cast<std::uint32_t>(query.integer());
  }
}

}  // namespace

Result<void> append(Database& database, const Notice& notice) {
  static const std::string sql =
      fmt::format("INSERT INTO notices (key, notice, notice_at, count, {}) VALUES (?, ?, ?, ?, {}) ON CONFLICT (key) DO NOTHING",
                  alarms::kColumns, alarms::kPlaceholders);
  auto query = database.query(sql);
  query.bind(notice.key(), label(notice.kind), notice.at, notice.count);
  alarms::bind(query, notice.alarm);
  return query.run();
}

Result<void> route(Database& database, const std::string& key, std::span<const std::string> channels, Instant at) {
  for (const std::string& channel : channels) {
    auto added = database
                     .query(
                         "INSERT INTO deliveries (key, channel, state, attempts, at, detail) "
                         "VALUES (?, ?, 'waiting', 0, ?, '') ON CONFLICT (key, channel) DO NOTHING")
                     .bind(key, channel, at)
                     .run();
    if (!added) return added;
  }
  return database.query("UPDATE notices SET routed = 1 WHERE key = ?").bind(key).run();
}

Result<void> record(Database& database, const DeliveryRow& row) {
  return database
      .query("INSERT OR REPLACE INTO deliveries (key, channel, state, attempts, at, detail) VALUES (?, ?, ?, ?, ?, ?)")
      .bind(row.key, row.channel, row.state, row.attempts, row.at, row.detail)
      .run();
}

Result<std::vector<DeliveryRow>> deliveries_of(Database& database, AlarmId id) {
  std::vector<DeliveryRow> rows;
  auto query = database.query(
      "SELECT d.key, d.channel, d.state, d.attempts, d.at, d.detail FROM notices n JOIN deliveries d ON d.key = n.key "
      "WHERE n.id = ? ORDER BY n.seq, d.channel");
  query.bind(static_cast<std::uint64_t>(id));
  for (;;) {
    const auto next = query.next();
    if (!next) return tl::unexpected(next.error());
    if (!*next) return rows;
    DeliveryRow& row = rows.emplace_back();
    row.key = query.text();
    row.channel = query.text();
    row.state = query.text();
    row.attempts = static_cast<std::uint32_t>(query.integer());
    row.at = query.instant();
    row.detail = query.text();
  }
}

Result<Undelivered> undelivered(Database& database) {
  Undelivered all;
  if (auto loaded = load_unrouted(database, all.unrouted); !loaded) return tl::unexpected(loaded.error());
  if (auto loaded = load_waiting(database, all.waiting); !loaded) return tl::unexpected(loaded.error());
  return all;
}

Result<std::int64_t> remove_before(Database& database, Instant limit, int at_most) {
  auto query = database.query(
      "DELETE FROM notices WHERE seq IN (SELECT seq FROM notices WHERE notice_at < ? AND routed = 1 AND NOT EXISTS "
      "(SELECT 1 FROM deliveries d WHERE d.key = notices.key AND d.state = 'waiting') LIMIT ?)");
  if (auto removed = query.bind(limit, at_most).run(); !removed) return tl::unexpected(removed.error());
  return database.changed_rows();
}

}  // namespace firegate::store::notices
